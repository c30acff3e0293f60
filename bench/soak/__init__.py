"""An hour at half load: whether a scorer, a critic and a client of them stay as large as they were."""

"""Reports of a run and what they are written to."""

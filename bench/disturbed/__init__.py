"""A training run of which one of two scorers is killed again and again, beside the same run undisturbed."""

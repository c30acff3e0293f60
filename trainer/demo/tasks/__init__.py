"""The demo's task family: graded integer arithmetic and small Python functions, generated from a seed."""

"""Whether a running scorer holds against hostile programs and keeps its contract: `codaserve doctor`."""

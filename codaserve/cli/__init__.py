"""The `codaserve` command."""

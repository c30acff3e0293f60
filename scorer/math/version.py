"""What judges mathematical answers."""

from importlib.metadata import version

VERSION = f"codaserve {version('codaserve')}, math-verify {version('math-verify')}, sympy {version('sympy')}"
"""Equal versions give equal verdicts."""

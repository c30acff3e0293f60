"""Prints the Debian packages that programs in the named languages need: docker/toolchains.py cpp java."""

import sys
from pathlib import Path

# The script runs where nothing is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scorer.code.languages import LANGUAGES


def main(names: list[str]) -> int:
    """Prints each package once, in order; nothing for no names."""
    if unknown := sorted(set(names) - LANGUAGES.keys()):
        print(f"no such language: {', '.join(unknown)}; there are {', '.join(LANGUAGES)}", file=sys.stderr)
        return 2
    packages = dict.fromkeys(package for name in names for package in LANGUAGES[name].packages.split())
    if packages:
        print(*packages)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

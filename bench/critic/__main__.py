"""Measures how fast critics value half-written answers.

    python -m bench.critic [--hidden N] [--layers N] [--groups N] [--repeats N]

Writes docs/critic_speed.md.
"""

import argparse
import sys
from pathlib import Path

from bench.critic import speed
from codaserve.files import write_atomically


def main() -> int:
    """Runs the measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.critic", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hidden", type=int, default=256, help="width of the model, a multiple of 128")
    parser.add_argument("--layers", type=int, default=6, help="layers of the model")
    parser.add_argument("--groups", type=int, default=8, help="groups of each size")
    parser.add_argument("--repeats", type=int, default=5, help="how often each contestant values them")
    parser.add_argument("--output", type=Path, default=Path("docs/critic_speed.md"), help="file for the report")
    arguments = parser.parse_args()
    text = speed.run(arguments.hidden, arguments.layers, arguments.groups, arguments.repeats)
    write_atomically(arguments.output, text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Measures math verifiers on labelled cases.

    python -m bench.math accuracy FOLDER [--sets NAME ...] [--peers NAME ...] [--show]
    python -m bench.math speed FOLDER [--sets NAME ...] [--cases N] [--repeats N]

FOLDER holds JSON lines, packed or not, such as tests/data: `id`, `gold`, `response` or `answer`, `label`. Each writes a
table into docs. `make bench-math` installs the peers and runs both.
"""

import argparse
import sys
from pathlib import Path

from bench.math import accuracy, speed
from bench.math.peers import PEERS

RESULTS = Path("docs")


def main() -> int:
    """Runs one measurement; 2 when something for it is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.math", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    peers = [peer.name for peer in PEERS]
    for name in ("accuracy", "speed"):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path, help="folder of labelled cases")
        command.add_argument("--sets", nargs="*", default=[], help="names of sets; all by default")
        command.add_argument("--output", type=Path, default=RESULTS / f"math_{name}.md", help="file for the table")
        if name == "accuracy":
            command.add_argument("--peers", nargs="*", default=peers, choices=peers, help="whom to run besides ours")
            command.add_argument("--show", action="store_true", help="print what ours judges otherwise than labelled")
        else:
            command.add_argument("--cases", type=int, default=400, help="at most so many of each set")
            command.add_argument("--repeats", type=int, default=3, help="how often each verifier judges each set")
    arguments = parser.parse_args()
    try:
        text = _measured(arguments)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    arguments.output.write_text(text, encoding="utf-8")
    print(f"\n{text}")
    return 0


def _measured(arguments: argparse.Namespace) -> str:
    if arguments.command == "accuracy":
        chosen = [peer for peer in PEERS if peer.name in arguments.peers]
        return accuracy.run(arguments.folder, arguments.sets, chosen, arguments.show)
    return speed.run(arguments.folder, arguments.sets, arguments.cases, arguments.repeats)


if __name__ == "__main__":
    sys.exit(main())

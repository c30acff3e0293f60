"""Measures how fast programs are judged.

    python -m bench.code speed [--workloads NAME ...] [--repeats N]     beside executors of other projects
    python -m bench.code numpy [--repeats N]                            with and without numpy loaded before
    python -m bench.code flat [--minutes N]                             with 1,000 runs queued all the time

From the root of the repository, as root for memory and all layers of isolation. The first writes docs/code_speed.md,
the others bench/results/code_NAME.md. `make bench-code` installs the peers and runs all.
"""

import argparse
import shlex
import sys
from pathlib import Path

from bench.code import flat, preloaded, speed
from codaserve.files import write_atomically

RESULTS = {name: Path("bench/results", f"code_{name}.md") for name in ("numpy", "flat")}
RESULTS["speed"] = Path("docs/code_speed.md")


def main() -> int:
    """Runs one measurement; 2 when something for it is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.code", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, output in RESULTS.items():
        command = commands.add_parser(name)
        command.add_argument("--output", type=Path, default=output, help="file for the text")
        if name == "speed":
            command.add_argument("--workloads", nargs="*", default=[], help="all by default")
        if name == "flat":
            command.add_argument("--minutes", type=float, default=10.0)
        else:
            command.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    try:
        text = _measured(arguments, "python -m bench.code " + shlex.join(sys.argv[1:]))
    except (FileNotFoundError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 2
    write_atomically(arguments.output, text)
    print(f"\n{text}")
    return 0


def _measured(arguments: argparse.Namespace, command: str) -> str:
    match arguments.command:
        case "speed":
            return speed.run(arguments.workloads, arguments.repeats, command)
        case "numpy":
            return preloaded.run(arguments.repeats, command)
        case _:
            return flat.run(arguments.minutes, arguments.output.with_suffix(".svg"), command)


if __name__ == "__main__":
    sys.exit(main())

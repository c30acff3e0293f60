"""Rewards for 512 rollouts through each adapter, beside math-verify in process, and for a hostile set.

    python -m bench.adapters [--rollouts N] [--deadline SECONDS] [--only NAME]

Needs math-verify in .venv-bench (`make bench-adapters` installs it); writes bench/results/adapters.md. A way of scoring
is timed from its first call, in a process of its own that has imported what it needs. Each of ours has a new scorer,
which has scored some other rows before.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.adapters.contest import Outcome, run, tally, write_rows
from bench.adapters.ours_main import ADAPTERS
from bench.adapters.peer_main import MANNERS
from bench.adapters.rows import Row, hostile, usual
from codaserve.embedded import EmbeddedService
from codaserve.files import write_atomically

PEER_PYTHON = Path(".venv-bench/bin/python")
MEMORY = 8 * 2**30
OUTPUT = Path("bench/results/adapters.md")
OURS = [sys.executable, "-m", "bench.adapters.ours_main"]


def main() -> int:
    """Runs the measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.adapters", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rollouts", type=int, default=512)
    parser.add_argument("--deadline", type=float, default=120, help="seconds, after which a way of scoring is killed")
    parser.add_argument("--only", help="one way of scoring")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    sets = {"usual": usual(arguments.rollouts), "hostile": hostile()}
    lines = []
    with tempfile.TemporaryDirectory(prefix="bench-adapters-") as folder:
        files = {name: write_rows(Path(folder) / name, rows) for name, rows in sets.items()}
        warming = write_rows(Path(folder) / "warming", usual(arguments.rollouts + 64)[-64:])
        peer = [str(PEER_PYTHON), str(Path(__file__).with_name("peer_main.py"))]
        ways = {f"{name}, ours": [*OURS, name] for name in ADAPTERS}
        ways |= {f"math-verify, {name}": [*peer, name] for name in MANNERS}
        for name, command in ways.items():
            if arguments.only in (None, name):
                with _scorer(command, warming) as scorer:
                    outcomes = {
                        of: run([*command, str(files[of])], rows, arguments.deadline, MEMORY, scorer)
                        for of, rows in sets.items()
                    }
                lines.append(_line(name, sets, outcomes))
                print(lines[-1], flush=True)
    text = _report(lines, sets, " ".join(["python -m bench.adapters", *sys.argv[1:]]))
    write_atomically(arguments.output, text)
    return 0


@contextmanager
def _scorer(command: list[str], warming: Path) -> Iterator[str]:
    """The address of a new scorer; empty for a way of scoring that needs none."""
    if command[: len(OURS)] != OURS:
        yield ""
        return
    with EmbeddedService.start("scorer", timeout=300) as scorer:
        run([*OURS, "codaserve.reward", str(warming)], [], 600, MEMORY, scorer.address)
        yield scorer.address


def _line(name: str, sets: dict[str, list[Row]], outcomes: dict[str, Outcome]) -> str:
    cells = [name]
    for of, rows in sets.items():
        outcome = outcomes[of]
        right, accepted, unscored = tally(rows, outcome)
        if outcome.seconds is None:
            cells += [outcome.fate, "", ""]
        else:
            cells += [f"{outcome.seconds:.2f} s", f"{right / len(rows):.3f} ({accepted})", str(unscored)]
    return "| " + " | ".join(cells) + " |"


def _report(lines: list[str], sets: dict[str, list[Row]], command: str) -> str:
    heads = [f"{name} ({len(rows)})" for name, rows in sets.items()]
    columns = [title for head in heads for title in (head, "as labelled (false accepts)", "no score")]
    table = ["| way of scoring | " + " | ".join(columns) + " |", "|" + "---|" * (len(columns) + 1), *lines]
    return "# Rewards through each adapter\n\n`" + command + "`\n\n" + "\n".join(table) + "\n"


if __name__ == "__main__":
    sys.exit(main())

"""Rewards for 512 rollouts through each adapter, beside math-verify in process, and for a hostile set.

    python -m bench.adapters [--rollouts N] [--deadline SECONDS] [--only NAME]

Needs math-verify in .venv-bench (`make bench-adapters` installs it); writes bench/results/adapters.md. A way of scoring
is timed from its first call, in a process of its own that has imported what it needs; the scorer runs beside it, warm.
"""

import argparse
import sys
import tempfile
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
    with tempfile.TemporaryDirectory(prefix="bench-adapters-") as folder, EmbeddedService.start("scorer") as scorer:
        files = {name: str(write_rows(Path(folder) / name, rows)) for name, rows in sets.items()}
        run(_ours("codaserve.reward", files["usual"]), sets["usual"], 600, MEMORY, scorer.address)  # warms the scorer
        commands = {f"{name}, ours": _ours(name, "{file}") for name in ADAPTERS}
        peer = str(Path(__file__).with_name("peer_main.py"))
        commands |= {f"math-verify, {name}": [str(PEER_PYTHON), peer, name, "{file}"] for name in MANNERS}
        for name, command in commands.items():
            if arguments.only in (None, name):
                outcomes = {}
                for of, rows in sets.items():
                    filled = [files[of] if part == "{file}" else part for part in command]
                    outcomes[of] = run(filled, rows, arguments.deadline, MEMORY, scorer.address)
                lines.append(_line(name, sets, outcomes))
                print(lines[-1], flush=True)
    text = _report(lines, sets, " ".join(["python -m bench.adapters", *sys.argv[1:]]))
    write_atomically(arguments.output, text)
    return 0


def _ours(name: str, file: str) -> list[str]:
    return [sys.executable, "-m", "bench.adapters.ours_main", name, file]


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

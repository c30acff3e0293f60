"""Rewards for 512 rollouts through each adapter, beside math-verify in process, and for a hostile set.

    python -m bench.adapters [--rollouts N] [--rounds N] [--deadline SECONDS] [--only NAME]

Needs math-verify in .venv-bench (`make bench-adapters` installs it); writes bench/results/adapters.md. A way of scoring
is timed from its first call, in a process of its own that has imported what it needs. Each of ours has a new scorer,
which has scored some other rows before.

All ways take turns in each round, since a machine that others use is not as quick in one minute as in the next: what
can be compared is the median of a way's time over that of math-verify on the main thread in the same round. The hostile
set is given once.

SkyRL's, NeMo-RL's and the older verifiers' adapters are classes of those packages, whose calls are those of the rows
here; `make test-adapters` has them.
"""

import argparse
import statistics
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
NOTES = """A response without a score is told as None or not a number here (`unscored="none"`, `"nan"`; an error where
a trainer leaves the response out for it). By default TRL's and verl's functions raise for it, as the row *as it is*
shows, which ends TRL's run. Most of them are answers made to exhaust the verifier: `undecided=0.0` says what such a one
counts. One is of a task whose gold answer has 100,000 characters, which nothing makes a score: `codaserve check-tasks`
finds it before a training does."""
MEASURE = "math-verify, main thread"
"""The way that times are told against."""


def main() -> int:
    """Runs the measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.adapters", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rollouts", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--deadline", type=float, default=120, help="seconds, after which a way of scoring is killed")
    parser.add_argument("--only", help="one way of scoring")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    sets = {"usual": usual(arguments.rollouts), "hostile": hostile()}
    rounds: list[dict[str, Outcome]] = []
    attacked: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="bench-adapters-") as folder:
        files = {name: write_rows(Path(folder) / name, rows) for name, rows in sets.items()}
        warming = write_rows(Path(folder) / "warming", usual(arguments.rollouts + 64)[-64:])
        peer = [str(PEER_PYTHON), str(Path(__file__).with_name("peer_main.py"))]
        ways = {f"{name}, ours": [*OURS, name] for name in ADAPTERS}
        ways |= {f"math-verify, {name}": [*peer, name] for name in MANNERS}
        ways = {name: command for name, command in ways.items() if arguments.only in (None, name)}
        for number in range(arguments.rounds):
            rounds.append({})
            for name, command in ways.items():
                with _scorer(command, warming) as scorer:
                    for of in sets if number == 0 else ["usual"]:
                        outcome = run([*command, str(files[of])], sets[of], arguments.deadline, MEMORY, scorer)
                        (rounds[-1] if of == "usual" else attacked)[name] = outcome
                        print(f"round {number + 1}, {of}, {name}: {outcome.fate}, {outcome.seconds}", flush=True)
    lines = [_line(name, sets, [one[name] for one in rounds], _shares(name, rounds), attacked[name]) for name in ways]
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


def _shares(name: str, rounds: list[dict[str, Outcome]]) -> list[float]:
    """A way's time over the measure's, of each round in which both ended."""
    pairs = [(one[name].seconds, one[MEASURE].seconds) for one in rounds if MEASURE in one]
    return [seconds / measure for seconds, measure in pairs if seconds and measure]


def _line(
    name: str, sets: dict[str, list[Row]], outcomes: list[Outcome], shares: list[float], attacked: Outcome
) -> str:
    """Of the usual set the median time, and of the hostile one what became of it."""
    slow = [one for one in outcomes if one.seconds is None]
    cells = [name, slow[0].fate if slow else f"{statistics.median(one.seconds or 0 for one in outcomes):.2f} s"]
    cells += [f"{statistics.median(shares):.2f}" if shares else "", *_judged(sets["usual"], outcomes[-1])]
    cells += [attacked.fate if attacked.seconds is None else f"{attacked.seconds:.2f} s"]
    return "| " + " | ".join([*cells, *_judged(sets["hostile"], attacked)]) + " |"


def _judged(rows: list[Row], outcome: Outcome) -> list[str]:
    if outcome.seconds is None:
        return ["", ""]
    right, accepted, unscored = tally(rows, outcome)
    return [f"{right / len(rows):.3f} ({accepted})", str(unscored)]


def _report(lines: list[str], sets: dict[str, list[Row]], command: str) -> str:
    judged = ["as labelled (false accepts)", "no score"]
    columns = ["way of scoring", f"usual ({len(sets['usual'])})", "times math-verify's", *judged]
    columns += [f"hostile ({len(sets['hostile'])})", *judged]
    table = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns), *lines]
    return "# Rewards through each adapter\n\n`" + command + "`\n\n" + NOTES + "\n\n" + "\n".join(table) + "\n"


if __name__ == "__main__":
    sys.exit(main())

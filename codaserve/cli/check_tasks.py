"""`codaserve check-tasks`: finds, in a file of tasks, those that could not be scored."""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any

from google.protobuf import json_format

from codaserve.cli.input import open_input, size_of
from codaserve.cli.jsonl import Line, read_lines
from codaserve.cli.progress import Reporter, reporting
from codaserve.v1 import scorer_pb2 as pb
from scorer.check import Problem, TaskChecker
from scorer.code.settings import CodeSettings
from scorer.math.settings import MathSettings
from scorer.math.verifier import MathVerifier

WINDOW_ITEMS = 256
"""Tasks that are checked at one time; their problems are printed in order."""
Row = tuple[Line[pb.ScoreItem], Any]
"""A line, and what it has under "rewards"."""
_OF_TRAINER = ("level", "question", "prompt", "rewards")
"""Fields of the trainer's tasks that the scorer never sees."""

EPILOG = """\
FILE has one task a line, as codaserve score or the trainer takes them; submissions need not be there. Of each line that
cannot be scored its number, id, field and reason are printed. Every gold answer must be readable and verify against
itself, as an answer and in a box; so must those of the tasks under "rewards".

Exit status: 0 if every task can be scored, 1 if not, 2 if the command cannot be run as given.
"""


def run(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="codaserve check-tasks",
        description="Finds tasks that cannot be scored.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input", metavar="FILE.jsonl", help="tasks, one JSON object a line; - is standard input")
    parser.add_argument("--workers", type=_workers, default=os.cpu_count() or 1, help="processes that compare answers")
    arguments = parser.parse_args(argv)
    try:
        with open_input(arguments.input) as file, reporting("tasks", size_of(file)) as reporter:
            return asyncio.run(_check(file, reporter, arguments.workers))
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"{error.filename or arguments.input}: {error.strerror}", file=sys.stderr)
        return 2


async def _check(file: IO[bytes], reporter: Reporter, workers: int) -> int:
    settings = MathSettings(workers=workers)
    verifier = MathVerifier(settings)
    lines = bad = 0
    try:
        await verifier.start()
        checker = TaskChecker(verifier, settings, CodeSettings())
        for window in _windows(_rows(file)):
            found = await asyncio.gather(*(_of(line, rewards, checker) for line, rewards in window))
            for (line, _), problems in zip(window, found, strict=True):
                lines += 1
                bad += bool(problems)
                for problem in problems:
                    reporter.show(f"{line.number:>6}  {line.id or '-':<20}  {problem.field:<22}  {problem.reason}")
                reporter.advance(line.size)
    finally:
        await verifier.close()
    reporter.say(f"{lines} tasks, {bad} that cannot be scored")
    return 1 if bad else 0


def _rows(file: IO[bytes]) -> Iterator[Row]:
    rewards: Any = {}

    def prepare(row: dict[str, Any]) -> dict[str, Any]:
        nonlocal rewards
        rewards = row.get("rewards", {})
        return _as_item(row)

    for line in read_lines(file, pb.ScoreItem, prepare):
        yield line, rewards


async def _of(line: Line[pb.ScoreItem], rewards: Any, checker: TaskChecker) -> list[Problem]:
    if line.item is None:
        return [Problem("", line.error)]
    problems = await checker.problems(line.item)
    if not isinstance(rewards, dict):
        return [*problems, Problem("rewards", "expected an object of tasks")]
    for name, task in rewards.items():
        problems += await _of_reward(f"rewards.{name}", task, checker)
    return problems


async def _of_reward(place: str, task: Any, checker: TaskChecker) -> list[Problem]:
    try:
        if not isinstance(task, dict):
            raise ValueError("expected a task")
        item = json_format.ParseDict(_as_item(task), pb.ScoreItem())
    except (ValueError, json_format.ParseError) as error:
        return [Problem(place, " ".join(str(error).split()))]
    return [Problem(f"{place}.{problem.field}", problem.reason) for problem in await checker.problems(item)]


def _as_item(row: dict[str, Any]) -> dict[str, Any]:
    """The trainer's shorthand written out, and what is the trainer's own left out."""
    item = {name: value for name, value in row.items() if name not in _OF_TRAINER and name != "gold"}
    if isinstance(item.get("id"), int | float):
        item["id"] = str(item["id"])
    if "gold" in row:
        if "math" in row or "code" in row:
            raise ValueError("gold stands alone; give one of math, code or gold")
        golds = row["gold"] if isinstance(row["gold"], list) else [row["gold"]]
        if not all(isinstance(gold, str | int | float) and not isinstance(gold, bool) for gold in golds):
            raise ValueError("gold: expected text or a number or a list of them")
        item["math"] = {"gold": [str(gold) for gold in golds]}
    return item


def _windows(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while window := list(islice(iterator, WINDOW_ITEMS)):
        yield window


def _workers(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if not 1 <= count <= 256:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 to 256")
    return count

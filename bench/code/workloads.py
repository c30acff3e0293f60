"""The tasks that are timed. Each is right as given: an executor that does not pass all of them is not compared."""

import dataclasses
import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.code import literals

DATA = Path("tests/data")
ASSERTS_OF_A_TASK = 3
MANY = 100
UNFOLDED = "\nfor _ in ():\n    pass\n"
"""Added to a script, keeps it from being judged without a process of its own."""


@dataclass(frozen=True)
class Task:
    """A program and its tests, in as many forms as its workload has.

    Attributes:
        id: Names it.
        source: The program.
        entry_point: The function that the tests call; empty for one that reads and writes.
        script: Assertions that call the entry point, or check(candidate).
        cases: Arguments and expected value of calls, as JSON.
        stdin: Standard input.
        stdout: Expected standard output.
    """

    id: str
    source: str
    entry_point: str = ""
    script: str = ""
    cases: Sequence[tuple[str, str]] = ()
    stdin: str = ""
    stdout: str = ""

    def varied(self, mark: str) -> "Task":
        """The same with other texts, so that nothing that is kept of equal texts can help."""
        script = f"{self.script}\n# {mark}\n" if self.script else ""
        return dataclasses.replace(self, source=f"{self.source}\n# {mark}\n", script=script)


@dataclass(frozen=True)
class Workload:
    """Tasks that are judged in the same way.

    Attributes:
        name: As in the table.
        kind: "asserts", "calls" or "stdio": how ours is asked to judge.
        tasks: The tasks.
    """

    name: str
    kind: str
    tasks: Sequence[Task] = field(repr=False)


def item(task: Task, kind: str) -> pb.ScoreItem:
    """The task for ours."""
    code = pb.CodeTask(language="python", source=task.source, entry_point=task.entry_point)
    match kind:
        case "asserts":
            code.asserts.script = task.script
        case "calls":
            for arguments, expected in task.cases:
                code.calls.cases.add(arguments=arguments, expected=expected)
        case _:
            code.stdio.cases.add(input=task.stdin, output=task.stdout)
    return pb.ScoreItem(id=task.id, code=code)


def whole_program(task: Task) -> str:
    """Program and assertions as one text."""
    end = f"\ncheck({task.entry_point})\n" if "def check(" in task.script else ""
    return f"{task.source}\n{task.script}{end}"


def load(folder: Path = DATA) -> list[Workload]:
    """All workloads. Raises FileNotFoundError."""
    problems = list(_humaneval(folder))
    foldable = [(task, found) for task in problems if (found := literals.find("", task.script, task.entry_point))]
    return [
        Workload("HumanEval", "asserts", problems),
        Workload("MBPP style", "asserts", [_mbpp(task, found) for task, found in foldable][:MANY]),
        Workload("function calls", "calls", [made for task, found in foldable if (made := _calls(task, found))][:MANY]),
        Workload("stdin and stdout", "stdio", list(_stdio())),
        Workload("trivial", "stdio", [_trivial(number) for number in range(2 * MANY)]),
    ]


def _humaneval(folder: Path) -> Iterator[Task]:
    with gzip.open(folder / "humaneval.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in map(json.loads, file):
            yield Task(line["task_id"], line["prompt"] + line["canonical_solution"], line["entry_point"], line["test"])


def _mbpp(task: Task, found: literals.Assertions) -> Task:
    """The first assertions of a HumanEval problem, written as MBPP has them."""
    lines = [text for one in found.assertions if (text := _as_assertion(task.entry_point, one))]
    return dataclasses.replace(task, script="\n".join(lines[:ASSERTS_OF_A_TASK]))


def _as_assertion(function: str, one: literals.Assertion) -> str:
    arguments = [repr(value) for value in one.positional] + [f"{name}={value!r}" for name, value in one.named]
    call = f"{function}({', '.join(arguments)})"
    match one.relation:
        case "true":
            return f"assert {call}"
        case "false":
            return f"assert not {call}"
        case "near" | "near or at":
            target, most = one.expected
            return f"assert abs({call} - {target!r}) <= {most!r}"
        case relation:
            return f"assert {call} {relation} {one.expected!r}"


def _calls(task: Task, found: literals.Assertions) -> Task | None:
    """The same calls with values in place of assertions, if they can be written as JSON."""
    cases = []
    for one in found.assertions[:ASSERTS_OF_A_TASK]:
        if one.relation != "==" or one.named:
            return None
        try:
            arguments = json.dumps(one.positional)
            cases.append((arguments, json.dumps(one.expected)))
        except TypeError:
            return None
        if repr(json.loads(arguments)) != repr(list(one.positional)):  # a tuple, say
            return None
    return dataclasses.replace(_mbpp(task, found), cases=cases)


_READERS: Sequence[tuple[str, Callable[[list[int]], Any]]] = (
    ("numbers = list(map(int, input().split()))\nprint(sum(numbers))\n", sum),
    ("numbers = sorted(map(int, input().split()))\nprint(*numbers)\n", lambda n: " ".join(map(str, sorted(n)))),
    (
        "import sys\nnumbers = [int(word) for word in sys.stdin.read().split()]\n"
        "best = total = 0\nfor number in numbers:\n    total = max(0, total + number)\n    best = max(best, total)\n"
        "print(best)\n",
        lambda n: max(0, *(sum(n[i:j]) for i in range(len(n)) for j in range(i + 1, len(n) + 1))),
    ),
    (
        "import math\nnumbers = list(map(int, input().split()))\nprint(math.gcd(*numbers), len(set(numbers)))\n",
        lambda n: f"{_greatest_divisor(n)} {len(dict.fromkeys(n))}",
    ),
)


def _greatest_divisor(numbers: list[int]) -> int:
    return max(divisor for divisor in range(1, 1000) if not any(number % divisor for number in numbers))


def _stdio() -> Iterator[Task]:
    chosen = random.Random(0)
    for number in range(MANY):
        source, answer = _READERS[number % len(_READERS)]
        given = [chosen.randrange(-99, 100) for _ in range(12)]
        yield Task(f"stdio/{number}", source, stdin=" ".join(map(str, given)) + "\n", stdout=f"{answer(given)}\n")


def _trivial(number: int) -> Task:
    return Task(
        f"trivial/{number}",
        "def one():\n    return 1\nprint(one())\n",
        entry_point="one",
        script="assert one() == 1",
        stdout="1\n",
    )

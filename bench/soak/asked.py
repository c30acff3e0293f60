"""What is asked in an hour: items whose verdict is known, no two alike, and groups that come again and again."""

from itertools import count
from random import Random

from codaserve.v1 import critic_pb2, scorer_pb2
from trainer.demo.tasks import family

SLOTS = 8
WAITS = 0.5, 1.5
"""Bounds of the time that a waiting program sleeps, seconds."""
GROUPS, RESPONSES = 40, 4
_PATIENT = scorer_pb2.RunLimits(wall_seconds=30)
_CALLED = "def f(xs):\n    return sorted(xs)[: len(xs) // 2]\n# {mark}\n"


class Items:
    """Makes items of which it knows whether they are right; a quarter of them is wrong."""

    def __init__(self, chance: Random) -> None:
        """Args:
        chance: Decides what comes next.
        """
        self._chance = chance
        self._numbers = count()

    def waiting(self) -> tuple[scorer_pb2.ScoreItem, bool]:
        """A program that sleeps and then answers, with its test."""
        mark, right = self._next()
        source = f"import time\ntime.sleep({self._chance.uniform(*WAITS):.3f})\nprint(2 * int(input()))\n"
        tests = scorer_pb2.StdioTests()
        tests.cases.add(input=f"{mark}\n", output=f"{2 * mark + (not right)}\n")
        code = scorer_pb2.CodeTask(language="python", source=source, stdio=tests, limits=_PATIENT)
        return scorer_pb2.ScoreItem(id=str(mark), code=code), right

    def working(self) -> tuple[scorer_pb2.ScoreItem, bool]:
        """A function with three calls, or with an assert script that has to be run."""
        mark, right = self._next()
        code = scorer_pb2.CodeTask(
            language="python", source=_CALLED.format(mark=mark), entry_point="f", limits=_PATIENT
        )
        wrong = "" if right else "0"
        if mark % 2:
            for size in range(3):
                code.calls.cases.add(arguments=f"[[{mark}, 3, 1]]", expected=f"[{wrong or 1}]" if size else "[1]")
        else:
            code.asserts.script = f"for n in range(3):\n    assert f([{mark}, n, -1]) == [{wrong or -1}]\n"
        return scorer_pb2.ScoreItem(id=str(mark), code=code), right

    def math(self) -> tuple[scorer_pb2.ScoreItem, bool]:
        """A fraction to be reduced, or a product to be multiplied out."""
        mark, right = self._next()
        a, b, k = (self._chance.randint(2, 99) for _ in range(3))
        if mark % 2:
            gold, answer = f"\\frac{{{a}}}{{{mark + 100}}}", f"\\frac{{{a * k}}}{{{(mark + 100) * k + (not right)}}}"
        else:
            gold, answer = f"(x+{a})(x-{b})-{mark}", f"x^2+{a}x-{b}x-{a * b}-{mark + (not right)}"
        task = scorer_pb2.MathTask(gold=[f"${gold}$"], response=f"After some steps this is $\\boxed{{{answer}}}$.")
        return scorer_pb2.ScoreItem(id=str(mark), math=task), right

    def _next(self) -> tuple[int, bool]:
        return next(self._numbers), self._chance.random() < 0.75


def groups(chance: Random) -> list[critic_pb2.StateGroup]:
    """Questions of the demo with responses of several lines."""
    made: list[critic_pb2.StateGroup] = []
    for problem in family.spread(2 * GROUPS, "train", chance)[:GROUPS]:
        lines = [f"{chance.randint(1, 99)}+{chance.randint(1, 99)}={chance.randint(2, 198)}\n" for _ in range(8)]
        responses = critic_pb2.Responses()
        for _ in range(RESPONSES):
            responses.responses.add(text="".join(lines[: chance.randint(1, 8)]))
        made.append(critic_pb2.StateGroup(id=str(len(made)), prompt=problem.prompt, responses=responses))
    return made

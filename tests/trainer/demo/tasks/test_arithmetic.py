import ast
import re
from random import Random

import pytest

from trainer.demo.tasks import arithmetic
from trainer.demo.tasks.arithmetic import LARGEST, LEVELS, Arithmetic, carries, draw, slip, slip_rate


def evaluate(text: str) -> int:
    """The value by Python's own grammar: an independent reading of the same text."""
    assert {type(node) for node in ast.walk(ast.parse(text, mode="eval"))} <= {
        ast.Expression, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Constant,
    }  # fmt: skip
    return int(eval(compile(text, "expression", "eval"), {"__builtins__": {}}))


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_answers_agree_with_python(level: arithmetic.Level) -> None:
    rng = Random(1)
    for _ in range(300):
        problem = draw(level, rng)
        assert problem.prompt == f"Compute {problem.expression}.\n"
        assert problem.checks() == {"math": {"gold": [str(evaluate(problem.expression))]}}


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_careful_work_is_right_line_by_line(level: arithmetic.Level) -> None:
    rng = Random(2)
    for _ in range(100):
        problem = draw(level, rng)
        *steps, last = problem.work(rng, 0.0).split("\n")
        assert len(steps) == len(problem.operations)
        lettered = steps[0].startswith("a) ")
        for letter, step in zip(arithmetic.LETTERS, steps, strict=False):
            assert step.startswith(f"{letter}) ") == lettered
            left, right = step.removeprefix(f"{letter}) ").split("=")
            assert evaluate(left) == int(right)
            assert 0 <= int(right) <= LARGEST
        assert last == f"\\boxed{{{problem.value}}}"


def test_a_slip_is_carried_on() -> None:
    problem = Arithmetic("3", 40, (("+", 35), ("*", 3), ("-", 17)))
    works = {problem.work(Random(seed), 2.0) for seed in range(50)}
    assert len(works) > 5
    for work in works:
        lines = [re.sub("^[a-i]\\) ", "", line) for line in work.split("\n")]
        results = [line.split("=")[1] for line in lines[:-1]]
        assert [line.split(sign)[0] for line, sign in zip(lines[1:-1], "*-", strict=True)] == results[:-1]
        assert lines[-1] == f"\\boxed{{{results[-1]}}}"


def test_multiplication_of_a_sum_is_bracketed() -> None:
    problem = Arithmetic("4", 2, (("*", 3), ("+", 1), ("*", 4), ("*", 2), ("-", 5), ("*", 2)))
    assert problem.expression == "((2*3+1)*4*2-5)*2"
    assert problem.value == evaluate(problem.expression) == 102


def test_slips_are_near_and_wrong() -> None:
    for result in (0, 3, 10, 250):
        slipped = {slip(result, Random(seed)) for seed in range(60)}
        assert result not in slipped
        assert max(abs(value - result) for value in slipped) <= (10 if result >= 10 else 1)


def test_slips_grow_with_carries_and_size() -> None:
    assert carries(17, "+", 5) and not carries(12, "+", 5)
    assert carries(12, "-", 5) and not carries(17, "-", 5)
    assert slip_rate(3, "+", 4) < slip_rate(21, "+", 14) < slip_rate(27, "+", 14) < slip_rate(127, "+", 14)


def test_the_same_seed_draws_the_same() -> None:
    assert [draw(LEVELS[3], Random(7)) for _ in range(3)] == [draw(LEVELS[3], Random(7)) for _ in range(3)]


@pytest.mark.parametrize("careful", [False, True])
def test_each_line_is_corrected_as_if_those_before_it_were_right(careful: bool) -> None:
    problem = Arithmetic("3", 40, (("+", 35), ("*", 3), ("-", 17)))
    lines = ["40+35=74", "74*3=222", "222-17=215", "\\boxed{215}"]
    right = ["40+35=75", "74*3=222", "222-17=205", "\\boxed{215}"]
    letters = [f"{letter}) " if careful else "" for letter in "abc"] + [""]
    lines, right = ([letter + line for letter, line in zip(letters, some, strict=True)] for some in (lines, right))
    assert problem.corrected(lines) == right
    # What is no such line gives no result to go on from, and what is missing is filled in.
    assert problem.corrected(["what=?"]) == ["40+35=75", "75*3=225", "225-17=208", "\\boxed{208}"]


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_work_without_slips_is_its_own_correction(level: arithmetic.Level) -> None:
    rng = Random(3)
    for _ in range(50):
        problem = draw(level, rng)
        lines = problem.work(rng, 0.0).split("\n")
        assert problem.corrected(lines) == lines

import json
from random import Random
from typing import Any

import pytest

from trainer.demo.tasks import functions
from trainer.demo.tasks.functions import COMMENT, EACH, END, KEEP, Function, Step, draw


def run(response: str, arguments: str) -> object:
    """What the program of a response returns."""
    source = response.removeprefix("```python\n").removesuffix("\n```")
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return namespace["f"](*json.loads(arguments))


def bare(work: str) -> str:
    """A solution without its writer's habits."""
    return work.replace(f"{COMMENT}\n", "")


def test_every_reference_solution_passes_its_own_tests() -> None:
    rng = Random(3)
    for _ in range(400):
        problem = draw(rng)
        work = problem.work(rng, 0.0)
        cases = problem.checks()["code"]["calls"]["cases"]
        assert len(cases) == 5
        for case in cases:
            assert run(work, case["arguments"]) == json.loads(case["expected"]), problem.prompt


def test_cases_depend_on_the_description_alone() -> None:
    problem = draw(Random(4))
    assert problem.cases() == Function(problem.steps, problem.end).cases()


def test_the_tests_tell_careless_work_apart() -> None:
    rng = Random(5)
    careless = [(problem, problem.work(rng, 2.0)) for problem in (draw(rng) for _ in range(300))]
    slipped = [(problem, work) for problem, work in careless if bare(work) != bare(problem.work(Random(0), 0.0))]
    caught = 0
    for problem, work in slipped:
        try:
            caught += any(run(work, case["arguments"]) != json.loads(case["expected"]) for case in problem.cases())
        except ArithmeticError:
            caught += 1
    assert len(slipped) > 60
    assert caught > 0.8 * len(slipped)


@pytest.mark.parametrize(
    ("text", "n", "argument", "expected"),
    [
        ("divide by {n}", 3, [7, -7], [2, -3]),
        ("take the rest by {n}", 3, [7, -7], [1, 2]),
        ("keep the multiples of {n}", 3, [6, 7, 0, -3], [6, 0, -3]),
        ("drop the multiples of {n}", 3, [6, 7, 0, -3], [7]),
        ("keep those above {n}", 3, [3, 4], [4]),
        ("keep those below {n}", 3, [3, 2], [2]),
    ],
)
def test_steps_mean_what_python_means(text: str, n: int, argument: list[int], expected: list[int]) -> None:
    assert Function((Step(text, n),), "return the list").value(argument) == expected


def test_every_phrase_is_drawn() -> None:
    rng = Random(6)
    problems = [draw(rng) for _ in range(500)]
    assert {step.text for problem in problems for step in problem.steps} == {*EACH, *KEEP}
    assert {problem.end for problem in problems} == {*END, None}
    assert {problem.level for problem in problems} == {functions.LEVEL}


def test_lines_are_corrected_to_those_of_the_description() -> None:
    rng = Random(4)
    slipped = 0
    for _ in range(200):
        problem = draw(rng)
        lines = problem.work(rng, 0.0).split("\n")
        assert problem.corrected(lines) == lines
        other = problem.work(rng, 2.0).split("\n")
        slipped += problem.corrected(other) != other
        assert len(problem.corrected(other)) == len(other)
    assert slipped > 20

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from codaserve.v1 import scorer_pb2 as pb
from trainer.demo import labels
from trainer.demo.labels import Labeller, question
from trainer.demo.settings import LabelSettings
from trainer.demo.tasks import family
from trainer.demo.tasks.arithmetic import Arithmetic
from trainer.errors import TooManyUnscoredError
from trainer.rollout.rollout import Rollout

PROBLEM = Arithmetic("1", 2, (("+", 3), ("-", 1)))
RIGHT = "2+3=5\n5-1=4\n\\boxed{4}"
WRONG = "2+3=6\n6-1=5\n\\boxed{5}"
SETTINGS = LabelSettings(questions=2, solutions=4, keep=2, completions=4, epochs=1, learning_rate=1e-3)


class Scorer:
    """Judges by the text; a response with "?" gets no verdict."""

    def __init__(self) -> None:
        self.items: list[pb.ScoreItem] = []

    def score(self, items: Sequence[pb.ScoreItem], *, timeout: float) -> list[pb.ScoreResult]:
        self.items += items
        results = []
        for item in items:
            if "?" in item.math.response:
                results.append(pb.ScoreResult(failure=pb.Failure(code=pb.FAILURE_DEADLINE)))
            elif "!" in item.math.response:
                results.append(pb.ScoreResult(verdict=pb.Verdict(reason=pb.REASON_UNDECIDED_TIME)))
            else:
                correct = item.math.response.endswith("{4}")
                results.append(pb.ScoreResult(verdict=pb.Verdict(correct=correct, score=float(correct))))
        return results


def labeller(monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[str]]) -> Labeller:
    """One whose policy gives these responses after these texts."""

    def sample(model: Any, tokenizer: Any, prompts: Sequence[str], n: int, **_: Any) -> list[Rollout]:
        texts = [text for prompt in prompts for text in (answers[prompt] * n)[:n]]
        return [Rollout("", [], text, [0], [0.0], False, [len(text)]) for text in texts]

    monkeypatch.setattr(labels, "sample", sample)
    return Labeller(None, None, Scorer(), max_response_tokens=50, seed=1)  # type: ignore[arg-type]


def after(begun: str) -> str:
    return PROBLEM.prompt + begun


def test_values_are_shares_of_right_completions(monkeypatch: pytest.MonkeyPatch) -> None:
    made = labeller(
        monkeypatch,
        {
            after(""): [RIGHT, WRONG],
            after("2+3=5\n"): ["5-1=4\n\\boxed{4}"],
            after("2+3=5\n5-1=4\n"): ["\\boxed{4}", "\\boxed{4}", "\\boxed{4}", "\\boxed{0}"],
            after("2+3=6\n"): ["6-1=5\n\\boxed{5}", "6-1=5\n\\boxed{5}", "6-1=5\n\\boxed{5}", "6-2=4\n\\boxed{4}"],
            after("2+3=6\n6-1=5\n"): ["\\boxed{5}"],
        },
    )
    solutions = {solution.response.text: solution for solution in made.label([PROBLEM], SETTINGS)}
    assert solutions[RIGHT].values == (0.5, 1.0, 0.75, 1.0)
    assert solutions[WRONG].values == (0.5, 0.25, 0.0, 0.0)
    assert solutions[RIGHT].response.ends == (6, 12, 21)
    done = made.progress
    assert (done.solutions, done.states, done.completions, done.unscored) == (2, 5, 20, 0)
    assert done.tokens == 4 + 20  # the fake policy writes one for each answer


def test_what_got_no_verdict_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = labeller(
        monkeypatch,
        {
            after(""): [RIGHT, "?"],
            after("2+3=5\n"): ["?", "!", "5-1=4\n\\boxed{4}", "5-1=3\n\\boxed{3}"],
            after("2+3=5\n5-1=4\n"): ["?"],
        },
    )
    monkeypatch.setattr(labels, "MOST_UNSCORED", 1.0)
    (solution,) = made.label([PROBLEM], SETTINGS)
    assert solution.values == (1.0, 0.5, None, 1.0)
    assert made.progress.unscored == 2 + 2 + 2 + 4


def test_too_few_verdicts_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = labeller(monkeypatch, {after(""): [RIGHT, "?"]} | {after(RIGHT[:end]): ["?"] for end in (6, 12)})
    with pytest.raises(TooManyUnscoredError, match="2 of 4 rollouts got no verdict"):
        made.label([PROBLEM], SETTINGS)


def test_kept_solutions_are_balanced_and_distinct(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [f"2+3=5\n5-1={n}\n\\boxed{{{n}}}" for n in (5, 6)]
    answers = {after(""): [RIGHT, RIGHT, *others]}
    answers |= {after(begun): ["\\boxed{4}"] for begun in ("2+3=5\n", *(f"2+3=5\n5-1={n}\n" for n in (4, 5, 6)))}
    kept = labeller(monkeypatch, answers).label([PROBLEM], SETTINGS)
    assert sorted(solution.values[-1] for solution in kept) == [0.0, 1.0]  # type: ignore[type-var]
    more = SETTINGS.model_copy(update={"keep": 4})
    assert len(labeller(monkeypatch, answers).label([PROBLEM], more)) == 3


def test_items_carry_the_response() -> None:
    for level in family.LEVELS:
        problem = family.draw(level, "train", Random(1))
        item = question(problem).answered("text", id="1", group="")
        task = getattr(item, item.WhichOneof("task") or "")
        assert task.response == "text"
        assert item.WhichOneof("task") == ("code" if level == "code" else "math")


def test_outcomes_value_solutions_by_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    made = labeller(monkeypatch, {after(""): [RIGHT, RIGHT, WRONG, "?"]})
    solutions = {solution.response.text: solution for solution in made.outcomes([PROBLEM], 4)}
    assert solutions.keys() == {RIGHT, WRONG}
    assert solutions[RIGHT].values == (2 / 3, 1.0, 1.0, 1.0)
    assert solutions[WRONG].values == (2 / 3, 0.0, 0.0, 0.0)
    assert made.progress.unscored == 1

"""A whole data set by a policy of random weights and a scorer that is a rule."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from codaserve.settings import ConfigurationError
from codaserve.v1 import scorer_pb2 as pb
from critic.steps import newline_ends
from critic.training import data
from tests.trainer.conftest import is_right
from trainer.collect import dataset
from trainer.collect.collect import claim, collect
from trainer.collect.settings import CollectSettings
from trainer.collect.work import Progress
from trainer.errors import TooManyUnscoredError
from trainer.rollout.transformers import sample
from trainer.tasks import Question

QUESTIONS = [Question(f"q{n}", None, f"q{n}", pb.ScoreItem(math=pb.MathTask(gold=["1"]))) for n in range(5)]


class Scorer:
    """Right by the rule of the fake service; fails what it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: Any = lambda response: False

    def __call__(self, items: Any) -> list[pb.ScoreResult]:
        results = []
        for item in items:
            response = item.math.response
            self.asked.append(response)
            if self.fails(response):
                failure = pb.Failure(code=pb.FAILURE_INTERNAL)
                results.append(pb.ScoreResult(id=item.id, failure=failure))
            else:
                right = is_right(response)
                results.append(pb.ScoreResult(id=item.id, verdict=pb.Verdict(correct=right, score=float(right))))
        return results


@pytest.fixture
def settings(policy_dir: Path, tmp_path: Path) -> CollectSettings:
    return CollectSettings.model_validate({
        "output": tmp_path / "data",
        "tasks": {"file": "unused.jsonl"},
        "policy": {"path": str(policy_dir), "max_response_tokens": 20, "max_prompt_tokens": 8, "batch_size": 12},
        "solutions": 4,
        "keep": 2,
        "completions": 3,
        "questions_at_once": 2,
    })  # fmt: skip


@pytest.fixture
def run(settings: CollectSettings, model: Any, tokenizer: Any) -> Any:
    writes = partial(newlines_too, model, tokenizer)

    def run(scorer: Any, on_progress: Any = lambda progress: None, questions: Any = QUESTIONS) -> Progress:
        claim(settings, questions)
        return collect(settings, questions, writes, scorer, on_progress)

    return run


def newlines_too(model: Any, tokenizer: Any, prompts: Any, n: int, *, seed: int, begun: Any = ()) -> Any:
    """Random bytes have few lines: a bias makes the model write some."""
    newline = tokenizer.convert_tokens_to_ids("Ċ")
    bias = model.lm_head.register_forward_hook(lambda module, given, logits: logits.index_add(
        -1, logits.new_tensor([newline], dtype=int), logits.new_full((*logits.shape[:-1], 1), 4.0)
    ))  # fmt: skip
    try:
        return sample(model, tokenizer, prompts, n, seed=seed, max_response_tokens=20, begun=begun)
    finally:
        bias.remove()


def rows(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [row for part in sorted((folder / kind).iterdir()) for row in pq.read_table(part).to_pylist()]


def test_values_are_the_shares_of_right_completions(run: Any, settings: CollectSettings, tokenizer: Any) -> None:
    progress = run(Scorer())
    solutions, states = rows(settings.output, "solutions"), rows(settings.output, "states")
    by_state = {(row["question"], row["begun"]): row for row in states}
    assert progress.questions == 5
    assert progress.solutions == len(solutions) > 5
    assert progress.states == len(states) == len(by_state)
    assert progress.completions == 3 * len(states)
    assert any(row["begun"] for row in states)
    for row in states:
        verdicts = [is_right(row["begun"] + completion["text"]) for completion in row["completions"]]
        assert row["value"] == sum(verdicts) / 3
        assert [completion["correct"] for completion in row["completions"]] == verdicts
        assert row["state_ids"] == tokenizer(row["prompt"] + row["begun"])["input_ids"]
        for completion in row["completions"]:
            assert tokenizer.decode(completion["token_ids"], skip_special_tokens=True) == completion["text"]
            assert len(completion["log_probabilities"]) == len(completion["token_ids"])
            own = len(completion["token_ids"])
            most = max(20 - len(tokenizer(row["begun"])["input_ids"]), 1)  # of an answer, less what is begun
            assert own == most if completion["truncated"] else own <= most
            step = completion["text"][: completion["first_step_characters"]]
            assert step == completion["text"][: (newline_ends(completion["text"]) or [0])[0]]
            first = completion["token_ids"][: completion["first_step_tokens"]]
            assert tokenizer.decode(first, skip_special_tokens=True) == step
    for row in solutions:
        begun = [row["response"][:end] for end in [0, *row["step_ends"][:-1]]]
        assert row["values"] == [*(by_state[row["question"], b]["value"] for b in begun), is_right(row["response"])]
    read = data.read(settings.output)
    assert [(s.prompt, s.response.text, list(s.values)) for s in read] == [
        (row["prompt"], row["response"], row["values"]) for row in solutions
    ]


def test_a_completion_without_a_verdict_lowers_n_and_is_no_zero(run: Any, settings: CollectSettings) -> None:
    scorer = Scorer()
    scorer.fails = lambda response: len(response) % 5 == 0
    settings.scorer.max_unscored_share = 0.9
    progress = run(scorer)
    states = rows(settings.output, "states")
    assert progress.unscored == sum(len(response) % 5 == 0 for response in scorer.asked) > 0
    for row in states:
        judged = [c["correct"] for c in row["completions"] if c["correct"] is not None]
        assert row["scored"] == len(judged)
        assert row["value"] == (sum(judged) / len(judged) if judged else None)
        assert all((c["correct"] is None) == (c["unscored"] == "FAILURE_INTERNAL") for c in row["completions"])
    assert any(row["scored"] < 3 for row in states)


def test_a_stopped_run_goes_on_without_repeating_questions_and_ends_the_same(
    run: Any, settings: CollectSettings, tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.questions == 2 and progress.states:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Scorer(), stop)
    assert dataset.is_complete(settings.output, 0)
    assert not dataset.is_complete(settings.output, 1)
    again = Scorer()
    run(again)
    resumed = {kind: rows(settings.output, kind) for kind in ("solutions", "states")}
    settings.output = tmp_path / "other"
    whole = Scorer()
    run(whole)
    assert resumed == {kind: rows(settings.output, kind) for kind in ("solutions", "states")}
    assert len(again.asked) < len(whole.asked)


def test_other_settings_and_foreign_folders_are_refused(run: Any, settings: CollectSettings, tmp_path: Path) -> None:
    run(Scorer())
    with pytest.raises(ConfigurationError, match="another questions"):
        run(Scorer(), questions=QUESTIONS[:3])
    settings.completions = 4
    with pytest.raises(ConfigurationError, match="another completions"):
        run(Scorer())
    settings.output = tmp_path
    with pytest.raises(ConfigurationError, match="not empty"):
        run(Scorer())


def test_too_few_verdicts_stop_the_run(run: Any, settings: CollectSettings) -> None:
    scorer = Scorer()
    scorer.fails = lambda response: True
    with pytest.raises(TooManyUnscoredError):
        run(scorer)
    assert not dataset.is_complete(settings.output, 0)
    assert json.loads((settings.output / "collect.json").read_text())["completions"] == 3

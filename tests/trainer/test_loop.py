"""Whole runs of a tiny policy against a scorer and a critic that are rules."""

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from codaserve.v1 import critic_pb2
from codaserve.v1 import scorer_pb2 as pb
from trainer.errors import ScorerAwayError, TooManyUnscoredError
from trainer.loop import train
from trainer.update import Updater


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def outcome(folder: Path) -> tuple[bytes, list[dict[str, Any]], list[dict[str, Any]]]:
    """All that a run leaves but times and what they decide: weights, metrics, questions with samples."""
    metrics = lines(folder / "metrics.jsonl")
    for record in metrics:
        record.pop("timings", None)
        record.pop("retries", None)
        record.pop("seconds", None)
    weights = (folder / "model" / "model.safetensors").read_bytes()
    return weights, metrics, lines(folder / "questions.jsonl") + lines(folder / "samples.jsonl")


class Stop(Exception):  # noqa: N818
    """Stands for the end of the process: nothing of ours handles it."""


class StopAfter:
    """An observer that ends the run when a step is reported, before anything of it is saved."""

    def __init__(self, step: int) -> None:
        self._step = step

    def on_step(self, report: Any) -> None:
        if report.step == self._step:
            raise Stop

    def on_evaluation(self, report: Any) -> None:
        pass

    def on_event(self, text: str) -> None:
        pass


@pytest.fixture
def undisturbed(configure: Any, tmp_path: Path) -> Any:
    """The outcome of the same run without disturbance."""

    def run(**changes: Any) -> Any:
        train(configure(output_dir=tmp_path / "undisturbed", **changes))
        return outcome(tmp_path / "undisturbed")

    return run


def test_a_run_reports_every_step_and_evaluates_before_and_after(configure: Any, recorder: Any) -> None:
    settings = configure()
    report = train(settings, observers=[recorder])
    assert [step.step for step in recorder.steps] == [1, 2, 3]
    assert [evaluation.moment for evaluation in recorder.evaluations] == ["before", "after"]
    assert report.last_step == recorder.steps[-1]
    assert report.evaluations == recorder.evaluations
    for step in recorder.steps:
        assert step.batch.rollouts == step.batch.scored == 16
        assert step.batch.update is not None
        assert step.batch.update.gradient_norm > 0
        assert step.batch.update.mismatch < 1e-4
        assert set(step.timings) == {"generation", "scoring", "critic", "update", "synchronisation", "idle", "total"}
        assert step.retries == {"scorer": 0, "critic": 0}
        # K = 4 / 4 = 1: one question has all the focused groups.
        assert step.focused is not None
        assert [question.resampled for question in step.questions if question.resampled] == [4]
        assert len({question.id for question in step.focused.questions}) == 1
        assert step.focused.update is not None


def test_the_files_of_a_run(configure: Any, policy_dir: Path) -> None:
    settings = configure(checkpoint__keep=2)
    train(settings)
    folder = settings.output_dir
    kinds = [(record["kind"], record["step"]) for record in lines(folder / "metrics.jsonl")]
    assert kinds == [("evaluation", 0), ("step", 1), ("step", 2), ("step", 3), ("evaluation", 3)]
    questions = lines(folder / "questions.jsonl")
    assert [(q["step"], q["batch"]) for q in questions] == [
        (step, batch) for step in (1, 2, 3) for batch in ["first"] * 4 + ["focused"] * 4
    ]
    samples = lines(folder / "samples.jsonl")
    assert {sample["step"] for sample in samples} == {1, 2, 3}
    assert all(sample["steps"] and sample["steps"][-1]["value"] == sample["correct"] for sample in samples)
    assert list((folder / "tensorboard").iterdir())
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["step-00000002", "step-00000003"]
    before, after = (load_file(path / "model.safetensors") for path in (policy_dir, folder / "model"))
    assert any(not before[name].equal(after[name]) for name in before)
    saved = load_file(folder / "checkpoints" / "step-00000003" / "model.safetensors")
    assert all(saved[name].equal(after[name]) for name in after)


def test_equal_seeds_give_equal_runs_and_others_do_not(configure: Any, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(configure(output_dir=tmp_path / name, seed=seed))
    assert outcome(tmp_path / "a") == outcome(tmp_path / "b")
    assert outcome(tmp_path / "a")[0] != outcome(tmp_path / "c")[0]


# Stopped in step 4 with checkpoints after every second: the run goes back to 2; steps 3 and 4 stand in the files once.
@pytest.mark.parametrize(("every", "schedule"), [(1, "constant"), (2, "cosine")])
def test_an_interrupted_run_resumes_to_the_same_bits(
    configure: Any, undisturbed: Any, every: int, schedule: str
) -> None:
    changes = {"steps": 5, "checkpoint__every": every, "evaluate__every": 2, "optimizer__schedule": schedule}
    expected = undisturbed(**changes)
    with pytest.raises(Stop):
        train(configure(**changes), observers=[StopAfter(4)])
    settings = configure(**changes, resume=True)
    train(settings)
    assert outcome(settings.output_dir) == expected


def test_a_run_stopped_before_its_first_checkpoint_begins_again(
    configure: Any, undisturbed: Any, recorder: Any
) -> None:
    expected = undisturbed()
    with pytest.raises(Stop):
        train(configure(), observers=[StopAfter(1)])
    settings = configure(resume=True)
    train(settings, observers=[recorder])
    assert outcome(settings.output_dir) == expected
    assert recorder.events == ["no checkpoint yet, the run begins again"]


def test_a_finished_run_can_be_resumed_to_more_steps(configure: Any, undisturbed: Any) -> None:
    changes = {"evaluate__every": 3}
    expected = undisturbed(steps=5, **changes)
    train(configure(steps=3, **changes))
    settings = configure(steps=5, resume=True, **changes)
    train(settings)
    assert outcome(settings.output_dir)[0] == expected[0]
    metrics = outcome(settings.output_dir)[1]
    assert [(r["kind"], r["step"]) for r in metrics] == [(r["kind"], r["step"]) for r in expected[1]]


def test_a_scorer_killed_in_the_middle_and_started_again_loses_nothing(
    configure: Any, undisturbed: Any, recorder: Any, scorer: Any, scorer_server: Any
) -> None:
    expected = undisturbed()
    count = len(scorer.items)
    killing = threading.Event()

    def kill(item: pb.ScoreItem) -> None:
        if len(scorer.items) == count + 60 and not killing.is_set():
            killing.set()
            threading.Thread(target=bounce).start()
            time.sleep(0.2)  # the answer is lost with the server

    def bounce() -> None:
        scorer_server.stop()
        time.sleep(0.5)
        scorer_server.start()

    scorer.before = kill
    settings = configure()
    train(settings, observers=[recorder])
    assert killing.is_set()
    assert outcome(settings.output_dir) == expected
    assert sum(step.retries["scorer"] for step in recorder.steps) > 0
    began, ended = (event for event in recorder.events if event.startswith("scorer"))
    assert f"scorer unreachable at {scorer_server.address} since" in began
    assert ended.startswith("scorer back after")
    assert "items were sent again" in ended
    assert "scorer back after" in (settings.output_dir / "events.log").read_text()


# The evaluation before training has 10 items and each batch 16, so these fall into the evaluation, the first and the
# focused batch of step 1, and the first batch of step 2.
@pytest.mark.parametrize(("item", "step", "half"), [(5, 0, False), (15, 0, False), (30, 0, True), (45, 1, False)])
def test_past_max_outage_the_run_stops_with_a_checkpoint_and_resumes_to_the_same_bits(
    configure: Any, undisturbed: Any, scorer: Any, scorer_server: Any, item: int, step: int, half: bool
) -> None:
    expected = undisturbed()
    away = len(scorer.items) + item
    stopping = threading.Event()

    def stop(it: pb.ScoreItem) -> None:
        if len(scorer.items) >= away and not stopping.is_set():
            stopping.set()
            threading.Thread(target=scorer_server.stop).start()
            time.sleep(0.2)

    scorer.before = stop
    with pytest.raises(ScorerAwayError, match="rollouts were not scored") as caught:
        train(configure(scorer__max_outage=0.3))
    assert caught.value.checkpoint is not None
    state = json.loads((caught.value.checkpoint / "state.json").read_text())["state"]
    assert state["step"] == step
    assert (state["half"] is not None) == half
    scorer_server.start()
    settings = configure(resume=True, scorer__max_outage=10.0)
    train(settings)
    assert outcome(settings.output_dir) == expected


def test_unscored_rollouts_are_left_out_counted_and_reported(configure: Any, recorder: Any, scorer: Any) -> None:
    failure = pb.Failure(code=pb.FAILURE_DEADLINE, message="late")
    undecided = pb.Verdict(reason=pb.REASON_UNDECIDED_TIME)
    of_group: Counter[str] = Counter()

    def fail(item: pb.ScoreItem, number: int) -> pb.ScoreResult | None:
        before = of_group[item.group]
        of_group[item.group] += 1
        if item.group == "1/0" and before == 0:
            return pb.ScoreResult(failure=failure)
        return pb.ScoreResult(verdict=undecided) if item.group == "1/1" and before < 3 else None

    scorer.fail = fail
    train(configure(evaluate__file=None), observers=[recorder])
    batch = recorder.steps[0].batch
    assert batch.unscored == {"FAILURE_DEADLINE": 1, "REASON_UNDECIDED_TIME": 3}
    assert batch.scored == 12
    assert batch.groups_without_update == 1
    first, second = batch.questions[:2]
    assert (first.scored, first.unscored) == (3, 1)
    assert (second.value, second.resampled) == (None, 0)
    assert second.reason == "fewer than two responses were scored"
    assert "step 1, batch: 4 of 16 rollouts unscored (FAILURE_DEADLINE 1, REASON_UNDECIDED_TIME 3)" in recorder.events
    assert len(recorder.steps) == 3


def test_too_many_unscored_rollouts_stop_the_run_with_a_checkpoint(
    configure: Any, undisturbed: Any, scorer: Any
) -> None:
    expected = undisturbed()

    def fail(item: pb.ScoreItem, number: int) -> pb.ScoreResult | None:
        broken = item.group in ("2/0", "2/2")
        return pb.ScoreResult(failure=pb.Failure(code=pb.FAILURE_INTERNAL, message="broken")) if broken else None

    scorer.fail = fail
    with pytest.raises(TooManyUnscoredError, match=r"8 of 16 .*\(FAILURE_INTERNAL 8\).* 2/0/0: broken") as caught:
        train(configure())
    assert caught.value.checkpoint is not None
    scorer.fail = lambda item, number: None
    settings = configure(resume=True)
    train(settings)
    assert outcome(settings.output_dir) == expected


def test_the_update_begins_while_the_critic_still_values(
    configure: Any, critic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, in_time = threading.Event(), []
    begin = Updater.begin

    def telling(self: Updater, rows: Any, old: Any = None) -> Any:
        found = begin(self, rows, old)
        begun.set()
        return found

    def wait(group: critic_pb2.StateGroup) -> None:
        in_time.append(begun.wait(60))

    monkeypatch.setattr(Updater, "begin", telling)
    critic.fail = wait
    train(configure(steps=1))
    assert len(in_time) == 8  # of both batches; of the second it was set before
    assert all(in_time)


def test_without_critic_answers_lambda_is_0_and_that_is_reported(
    configure: Any, recorder: Any, critic: Any, tmp_path: Path
) -> None:
    failure = critic_pb2.CriticFailure(code=critic_pb2.CRITIC_FAILURE_TOO_LONG)
    critic.fail = lambda group: critic_pb2.GroupEvaluation(failure=failure)
    train(configure(), observers=[recorder])
    assert recorder.steps[0].batch.critic_missing == {"CRITIC_FAILURE_TOO_LONG": 16}
    assert recorder.steps[0].batch.step_term == 0
    told = "step 1, batch: 16 of 16 rollouts without step credit (CRITIC_FAILURE_TOO_LONG 16)"
    assert told in recorder.events
    train(configure(output_dir=tmp_path / "lambda0", objective__lambda_=0.0))
    # What shares a pass differs: a response that steps may yet move has one, whatever its group came to.
    found, expected = (load_file(tmp_path / run / "model" / "model.safetensors") for run in ("run", "lambda0"))
    for name, weights in expected.items():
        torch.testing.assert_close(found[name], weights, atol=2e-5, rtol=1e-5)


def test_the_critic_is_asked_with_the_outcome_and_moves_the_policy(
    configure: Any, critic: Any, recorder: Any, tmp_path: Path
) -> None:
    train(configure(), observers=[recorder])
    response = critic.groups[0].responses.responses[0]
    assert response.HasField("outcome")
    assert response.token_ends
    assert critic.groups[0].prompt.endswith("+ 1 =")
    assert recorder.steps[0].batch.step_term > 0
    assert recorder.steps[0].batch.critics == ["fake"]
    train(configure(output_dir=tmp_path / "lambda0", objective__lambda_=0.0))
    assert outcome(tmp_path / "run")[0] != outcome(tmp_path / "lambda0")[0]


def test_grpo_asks_no_critic_and_equals_codapo_with_everything_off(
    configure: Any, critic: Any, recorder: Any, tmp_path: Path
) -> None:
    train(configure(objective__kind="grpo"), observers=[recorder])
    assert critic.groups == []
    assert all(step.focused is None and step.focused_skipped == "sampling is off" for step in recorder.steps)
    off = {"objective__lambda_": 0.0, "codapo__weighting": False, "codapo__sampling": False}
    train(configure(output_dir=tmp_path / "off", **off))
    assert outcome(tmp_path / "run")[0] == outcome(tmp_path / "off")[0]


def test_trap_the_focused_update_is_skipped_and_logged_when_every_value_is_0(
    configure: Any, recorder: Any, scorer: Any
) -> None:
    right = pb.Verdict(correct=True, score=1.0)
    scorer.fail = lambda item, number: pb.ScoreResult(verdict=right)
    train(configure(evaluate__file=None), observers=[recorder])
    assert [step.focused for step in recorder.steps] == [None] * 3
    assert "step 1: no focused update, no question has a value above 0" in recorder.events
    batch = recorder.steps[0].batch
    assert batch.outcome_term == 0
    assert batch.step_term is not None
    assert 0 < batch.step_term < 10  # the standard deviation is 0, the floor divides


def test_the_focused_batch_may_be_answered_by_the_policy_before_the_update(configure: Any, recorder: Any) -> None:
    train(configure(codapo__focused_policy="before_update", optimizer__learning_rate=0.1), observers=[recorder])
    # The ratio's denominator is the policy that answered: the sampler's numbers agree with it, and the first update
    # has moved the policy far enough for some tokens to be clipped.
    updates = [step.focused.update for step in recorder.steps if step.focused and step.focused.update]
    assert len(updates) == 3
    assert all(update.mismatch < 1e-4 for update in updates)
    assert any(update.clipped > 0 for update in updates)


def test_the_micro_batch_does_not_change_a_run(configure: Any, tmp_path: Path) -> None:
    train(configure(steps=1, objective__micro_batch_tokens=40))
    train(configure(steps=1, output_dir=tmp_path / "whole"))
    cut, whole = (load_file(tmp_path / name / "model" / "model.safetensors") for name in ("run", "whole"))
    # Adam divides by the gradient's size, so rounding shows where a gradient is nearly 0.
    for name, weight in whole.items():
        assert float((weight - cut[name]).abs().mean()) < 1e-4

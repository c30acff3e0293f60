"""kill -9 at every phase of a step, again and again: the run ends as if nothing had happened.

A step samples, asks the scorer and the critic, updates, does all of that again for the focused batch, is reported, and
is saved. Each test kills one run at one moment after the other, each time in the second of its steps, resumes it, and
compares everything that it leaves with an undisturbed run.
"""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.killing import Moment, start, status
from tests.trainer.test_loop import outcome
from trainer.loop import train

SMALL = {
    "steps": 2,
    "evaluate__limit": 2,
    "evaluate__every": 1,
    "rollout__questions": 3,
    "rollout__group_size": 3,
    "checkpoint__keep": 1,
}
EVALUATION, BATCH = 4, 9
"""Responses of an evaluation and of a batch."""

UPDATE = "torch.optim:AdamW.step"
SAVE_STATE = "accelerate:Accelerator.save_state"
IN_PLACE = "trainer.checkpoint.put_in_place"
RENAME = "pathlib:Path.rename"


class Killed:
    """A run that is killed; `left` is what an undisturbed one leaves."""

    def __init__(self, configure: Any, scorer: Any, critic: Any, tmp_path: Path, **changes: Any) -> None:
        self.configure, self.scorer, self.critic, self.keys = configure, scorer, critic, SMALL | changes
        whole = configure(output_dir=tmp_path / "whole", **self.keys)
        train(whole)
        self.expected = outcome(whole.output_dir)
        self.resume = False

    def at(self, moment: Moment) -> int:
        """Runs until the moment, which has to come; returns how many responses were scored."""
        before = len(self.scorer.items)
        process = start(self.settings(), moment)
        assert status(process) == -signal.SIGKILL
        self.resume = True
        return len(self.scorer.items) - before

    def while_answering(self, service: str, count: int) -> None:
        """Runs until a service has been asked so often, and kills the run before it gets that answer."""
        asked = 0
        killed: list[int] = []

        def kill(*_: Any) -> None:
            nonlocal asked
            asked += 1
            if asked == count:
                os.kill(process.pid, signal.SIGKILL)
                killed.append(asked)

        if service == "scorer":
            self.scorer.before = kill
        else:
            self.critic.fail = kill
        process = start(self.settings())
        assert status(process) == -signal.SIGKILL
        assert killed
        self.scorer.before = lambda item: None
        self.critic.fail = lambda group: None
        self.resume = True

    def settings(self) -> Any:
        return self.configure(resume=self.resume, **self.keys)

    def ends_as_if_nothing_had_happened(self) -> bool:
        """Resumes the run for the last time."""
        settings = self.settings()
        train(settings)
        kept = [path.name for path in (settings.output_dir / "checkpoints").iterdir()]
        return bool(outcome(settings.output_dir) == self.expected and kept == ["step-00000002"])


@pytest.fixture
def killed(configure: Any, scorer: Any, critic: Any, tmp_path: Path) -> Killed:
    return Killed(configure, scorer, critic, tmp_path)


def test_in_generation_scoring_and_valuing(killed: Killed) -> None:
    # The model is asked for a token ten times a batch: five calls into the batch of step 2, which comes after an
    # evaluation, a batch, its focused batch and another evaluation, nothing of step 2 has been scored.
    assert killed.at(Moment("trainer.rollout.transformers.choose", 45)) == 2 * EVALUATION + 2 * BATCH
    # From here on runs begin with step 2.
    killed.while_answering("scorer", 5)
    killed.while_answering("critic", 2)
    assert killed.at(Moment("trainer.rollout.transformers.choose", 15)) == BATCH
    killed.while_answering("scorer", BATCH + 5)
    killed.while_answering("critic", 3 + 2)
    assert killed.ends_as_if_nothing_had_happened()


def test_in_both_updates_and_after_them(killed: Killed) -> None:
    assert killed.at(Moment(UPDATE, 3)) == 2 * EVALUATION + 3 * BATCH
    assert killed.at(Moment(UPDATE, 1, "after")) == BATCH
    assert killed.at(Moment(UPDATE, 2)) == 2 * BATCH
    assert killed.at(Moment(UPDATE, 2, "after")) == 2 * BATCH
    # A step is reported, in whole and in part; then comes the evaluation.
    assert killed.at(Moment("trainer.report.metrics._write", 2)) == 2 * BATCH
    assert killed.at(Moment("trainer.report.metrics:MetricsLog.on_step", 1, "after")) == 2 * BATCH
    killed.while_answering("scorer", 2 * BATCH + 2)
    assert killed.at(Moment("trainer.report.metrics:MetricsLog.on_evaluation", 1, "after")) == 2 * BATCH + EVALUATION
    assert killed.ends_as_if_nothing_had_happened()


def test_while_a_checkpoint_is_written_put_in_place_and_the_one_before_removed(killed: Killed) -> None:
    assert killed.at(Moment(SAVE_STATE, 2)) == 3 * EVALUATION + 4 * BATCH
    everything = 2 * BATCH + EVALUATION
    assert killed.at(Moment(SAVE_STATE, 1, "after")) == everything
    assert killed.at(Moment("trainer.checkpoint.sync", 3)) == everything
    assert killed.at(Moment(RENAME, 1)) == everything
    assert killed.at(Moment(RENAME, 1, "after")) == everything
    assert killed.ends_as_if_nothing_had_happened()


def test_while_an_old_checkpoint_goes(killed: Killed) -> None:
    # The first rename of a checkpoint's own makes it appear; the second takes the old one away, whose files then go.
    assert killed.at(Moment("os.unlink", 3, "after"))
    assert killed.ends_as_if_nothing_had_happened()


def test_while_the_trained_policy_is_written(killed: Killed) -> None:
    assert killed.at(Moment(IN_PLACE, 3)) == 3 * EVALUATION + 4 * BATCH
    assert killed.at(Moment(IN_PLACE, 1, "after")) == 0
    assert killed.ends_as_if_nothing_had_happened()


def test_before_the_first_checkpoint(killed: Killed) -> None:
    killed.while_answering("scorer", 2)
    assert killed.at(Moment(UPDATE, 1, "after")) == EVALUATION + BATCH
    assert killed.at(Moment(SAVE_STATE, 1, "after")) == 2 * EVALUATION + 2 * BATCH
    assert killed.at(Moment(RENAME, 1, "after")) == 2 * EVALUATION + 2 * BATCH
    assert killed.ends_as_if_nothing_had_happened()


def test_with_low_rank_additions_and_a_divergence_from_the_policy_before_them(
    configure: Any, scorer: Any, critic: Any, tmp_path: Path
) -> None:
    lora = {"model__lora": {"rank": 2}, "objective__kl": 0.1, "objective__minibatches": 2}
    killed = Killed(configure, scorer, critic, tmp_path, codapo__focused_policy="before_update", **lora)
    assert killed.at(Moment(SAVE_STATE, 1, "after")) == 2 * EVALUATION + 2 * BATCH
    # The focused batch is answered before the first update, and each update takes several optimizer steps: in all of
    # them both batches of step 2 have been scored.
    assert killed.at(Moment("trainer.rollout.transformers.choose", 55)) == 2 * EVALUATION + 3 * BATCH
    assert killed.at(Moment(UPDATE, 2)) == 2 * BATCH
    assert killed.at(Moment(UPDATE, 3, "after")) == 2 * BATCH
    assert killed.at(Moment(RENAME, 1)) == 2 * BATCH + EVALUATION
    assert killed.ends_as_if_nothing_had_happened()

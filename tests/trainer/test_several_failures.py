"""What one of several processes fails at, ends them all; and the run can go on, with as many or with others."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from codaserve.settings import ConfigurationError
from tests.trainer.killing import Moment
from tests.trainer.several import Several, trained
from tests.trainer.test_several import assert_alike
from trainer.errors import PeerLostError, RolloutError, ServiceEndedError
from trainer.gather import Gatherer
from trainer.loop import train
from trainer.settings import TrainerSettings

UPDATE = "torch.optim:AdamW.step"


def test_a_killed_process_ends_the_others_and_the_run_resumes(configure: Any, tmp_path: Path) -> None:
    whole = configure(output_dir=tmp_path / "whole")
    train(whole)
    settings = configure()
    outcomes = trained(settings, tmp_path, killed={1: Moment(UPDATE, 3)}).outcomes()  # the first update of step 2
    assert isinstance(outcomes[0], PeerLostError)
    assert outcomes[0].checkpoint == settings.output_dir / "checkpoints" / "step-00000001"
    assert outcomes[1] is None
    resumed = configure(resume=True)
    sampling = Moment("trainer.rollout.transformers.choose", 15)  # the focused batch of step 2
    outcomes = trained(resumed, tmp_path, killed={1: sampling}).outcomes()
    assert isinstance(outcomes[0], PeerLostError)
    # The main process is killed while it writes a checkpoint, before the other one is told so.
    outcomes = trained(resumed, tmp_path, killed={0: Moment("trainer.checkpoint.put_in_place", 1)}).outcomes()
    assert isinstance(outcomes[1], PeerLostError)
    assert trained(resumed, tmp_path).outcomes() == [3, 3]
    assert_alike(whole.output_dir, settings.output_dir)


def _without_rollouts(settings: str) -> None:
    if os.environ["RANK"] == "1":
        score, calls = Gatherer._score, []

        def failing(self: Gatherer, *arguments: Any, **options: Any) -> Any:
            calls.append(1)
            if len(calls) == 5:  # the focused batch of step 2: after an evaluation and three batches
                raise RolloutError("no rollouts here")
            return score(self, *arguments, **options)

        Gatherer._score = failing  # type: ignore[method-assign]
    train(TrainerSettings.model_validate_json(settings))


def test_an_error_of_one_stops_all_with_a_checkpoint_and_one_process_can_go_on(configure: Any, tmp_path: Path) -> None:
    whole = configure(output_dir=tmp_path / "whole")
    train(whole)
    settings = configure()
    outcomes = Several(_without_rollouts, settings.model_dump_json(by_alias=True), folder=tmp_path).outcomes()
    for outcome in outcomes:
        assert isinstance(outcome, RolloutError)
        assert str(outcome) == "no rollouts here"
        assert outcome.checkpoint == settings.output_dir / "checkpoints" / "step-00000001"
    train(configure(resume=True))
    assert_alike(whole.output_dir, settings.output_dir)


def test_all_are_told_why_a_run_cannot_begin(configure: Any, tmp_path: Path) -> None:
    settings = configure(output_dir=tmp_path / "used", steps=1)
    train(settings)
    outcomes = trained(settings, tmp_path).outcomes()
    assert [type(outcome) for outcome in outcomes] == [ConfigurationError] * 2
    assert "has a run already" in str(outcomes[0]) == str(outcomes[1])


def test_one_scorer_is_started_for_all_and_its_end_is_seen_by_all(configure: Any, tmp_path: Path) -> None:
    settings = configure(scorer__addresses=[], scorer__max_outage=200.0, objective__kind="grpo", steps=50)
    running = trained(settings, tmp_path)
    questions = settings.output_dir / "questions.jsonl"
    while not (questions.exists() and questions.stat().st_size):
        assert all(process.is_alive() for process in running.processes)
        time.sleep(0.1)
    (scorer,) = _children(running.processes[0].pid)
    assert _children(running.processes[1].pid) == []
    os.kill(scorer, signal.SIGKILL)
    outcomes = running.outcomes(100)
    assert [type(outcome) for outcome in outcomes] == [ServiceEndedError] * 2
    assert outcomes[0].checkpoint is not None


def _children(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]

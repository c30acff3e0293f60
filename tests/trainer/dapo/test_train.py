"""Whole offline runs of a tiny policy, with a critic that is a rule."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from safetensors.torch import load_file

from codaserve.settings import ConfigurationError
from codaserve.v1 import critic_pb2
from tests.trainer.dapo.conftest import write_data
from tests.trainer.dapo.made import completion, state
from trainer.command import DONE, STOPPED
from trainer.dapo.build import BuildProgress
from trainer.dapo.reports import PairsReport
from trainer.dapo.store import Triples
from trainer.dapo.train import train
from trainer.errors import CriticAwayError
from trainer.main import run


class Stop(Exception):  # noqa: N818
    """Stands for the end of the process: nothing of ours handles it."""


class Recorder:
    """Keeps everything, and ends the run when it is told to, before anything of the step is saved."""

    def __init__(self, stop_after: int = 0, stop_at_part: int = 0) -> None:
        self.pairs: list[PairsReport] = []
        self.events: list[str] = []
        self.moments: list[str] = []
        self.parts: list[int] = []
        self._stop_after, self._stop_at_part = stop_after, stop_at_part

    def on_triples(self, progress: BuildProgress) -> None:
        self.parts.append(progress.parts)
        if progress.parts == self._stop_at_part:
            raise Stop

    def on_pairs(self, report: PairsReport) -> None:
        self.pairs.append(report)
        if report.step == self._stop_after:
            raise Stop

    def on_evaluation(self, report: Any) -> None:
        self.moments.append(report.moment)

    def on_event(self, text: str) -> None:
        self.events.append(text)


def outcome(folder: Path) -> tuple[bytes, list[dict[str, Any]]]:
    """All that a run leaves but times: weights and metrics."""
    metrics = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    for record in metrics:
        record.pop("seconds", None)
    return (folder / "model" / "model.safetensors").read_bytes(), metrics


def test_the_loss_falls_and_the_policy_moves_the_way_of_the_advantages(offline: Any) -> None:
    settings, seen = offline(dapo__epochs=12), Recorder()
    report = train(settings, observers=[seen])
    assert report.steps == len(seen.pairs) == 36
    first, last = seen.pairs[0], seen.pairs[-1]
    # The reference policy's own log-probabilities: before the first step there is no distance but rounding.
    assert first.loss == pytest.approx(first.loss_of_reference, rel=1e-4)
    assert first.distance < 1e-4
    assert sum(pairs.pairs for pairs in seen.pairs[:3]) == 6 * 4 + 6 * 3
    assert last.loss < 0.3 * last.loss_of_reference
    assert last.raised is not None
    assert last.lowered is not None
    assert last.raised > 1
    assert last.lowered < -1
    assert seen.events[-1] == "triples: 42 pairs of 12 states out of 12, 0 states whose steps are too much alike"


def test_the_triples_hold_advantages_and_the_references_log_probabilities(offline: Any) -> None:
    settings = offline()
    train(settings)
    (row,) = Triples(settings.output_dir / "triples").take([1])
    # The critic's values of e and m are 0.1 and 0.9, the verified answer has 1: their mean is 2/3.
    assert [action["text"] for action in row["actions"]] == ["e\n", "yes", "m\n"]
    assert [action["advantage"] for action in row["actions"]] == pytest.approx([0.1 - 2 / 3, 1 / 3, 0.9 - 2 / 3])
    assert all(action["reference"] < -5 for action in row["actions"])  # random weights: about 1/257 for each token


def test_the_micro_batch_does_not_change_a_run(offline: Any, tmp_path: Path) -> None:
    train(offline(objective__micro_batch_tokens=20))
    seen = Recorder()
    train(offline(output_dir=tmp_path / "whole"), observers=[seen])
    assert [pairs.micro_batches for pairs in seen.pairs] == [1, 1, 1]
    cut, whole = (load_file(tmp_path / name / "model" / "model.safetensors") for name in ("run", "whole"))
    # Adam divides by the gradient's size, so rounding shows where a gradient is nearly 0.
    for name, weight in whole.items():
        assert float((weight - cut[name]).abs().mean()) < 1e-4


@pytest.mark.parametrize("every", [1, 2])
def test_an_interrupted_run_resumes_to_the_same_bits(offline: Any, tmp_path: Path, every: int) -> None:
    held_out = tmp_path / "held_out.jsonl"
    changes = {
        "dapo__epochs": 2, "checkpoint__every": every, "optimizer__schedule": "cosine", "evaluate__file": held_out,
        "evaluate__every": 2,
    }  # fmt: skip
    whole, seen = offline(**changes, output_dir=tmp_path / "whole"), Recorder()
    train(whole, observers=[seen])
    assert seen.moments == ["before", "during", "during", "after"]
    with pytest.raises(Stop):
        train(offline(**changes), observers=[Recorder(stop_at_part=1)])
    with pytest.raises(Stop):
        train(offline(**changes, resume=True), observers=[Recorder(stop_after=4)])
    again = Recorder()
    train(offline(**changes, resume=True), observers=[again])
    assert again.pairs[0].step == (4 if every == 1 else 3)
    assert again.parts == []
    assert outcome(tmp_path / "run") == outcome(tmp_path / "whole")


def test_a_critic_that_is_away_stops_the_run_which_goes_on_where_it_was(
    offline: Any, critic: Any, tmp_path: Path
) -> None:
    away = critic_pb2.CriticFailure(code=critic_pb2.CRITIC_FAILURE_UNAVAILABLE)
    critic.fail = lambda group: critic_pb2.GroupEvaluation(failure=away) if group.prompt > "3" else None
    with pytest.raises(CriticAwayError) as caught:
        train(offline(critic__max_outage=0.3))
    assert caught.value.checkpoint == tmp_path / "run" / "triples"
    assert (tmp_path / "run" / "events.log").read_text().endswith(f" stopped: {caught.value}\n")
    critic.fail = lambda group: None
    asked = len(critic.groups)
    train(offline(resume=True))
    assert {group.prompt for group in critic.groups[asked:]} == {"3+1=", "4+1=", "5+1="}
    train(offline(output_dir=tmp_path / "whole"))
    assert outcome(tmp_path / "run") == outcome(tmp_path / "whole")


def test_states_are_weighted_by_the_value_of_their_question(offline: Any, policy_dir: Path, tmp_path: Path) -> None:
    sure = [completion("a\n"), completion("b", None, True)]  # all right: v = 0
    unknown = [completion("a\n"), completion("b", None, None), completion("m\n", "x", None)]
    half = [completion("a\n"), completion("b", None, False)]  # half right: v = exp(-0.5)
    rows = [state("q1", "", *sure), state("q2", "", *half), state("q3", "", *unknown), state("q3", "a\n", *half)]
    data = write_data(tmp_path / "three", [rows], policy_dir)
    seen = Recorder()
    train(offline(dapo__data=data, dapo__weighting=True, dapo__delta=0.1), observers=[seen])
    assert "left out 1 states of questions without a value to weight them by" in seen.events
    # a: 97 % 10 = 0.7. q1: A = -0.15 and 0.15, weight 0.1; q2: A = 0.35 and -0.35, weight exp(-0.5) + 0.1. beta is 0.1:
    # 1/2 (2 * 0.1 * 1.5^2 + 2 * 0.70653 * 3.5^2) / 4 = 2.2200
    assert seen.pairs[0].loss_of_reference == pytest.approx(2.2200, rel=1e-4)


def test_another_policy_than_that_which_sampled_is_refused(offline: Any, data: Path) -> None:
    record = json.loads((data / "collect.json").read_text())
    record["policy"]["files"] = "another"
    (data / "collect.json").write_text(json.dumps(record))
    with pytest.raises(ConfigurationError, match="reference policy"):
        train(offline())


def test_a_threshold_that_leaves_nothing_is_refused(offline: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"dapo\.threshold: leaves nothing .* 12 states whose.*; remove /"):
        train(offline(dapo__threshold=1.0))


def test_other_triples_are_not_trained_on_after_a_stop(offline: Any, tmp_path: Path) -> None:
    with pytest.raises(Stop):
        train(offline(), observers=[Recorder(stop_after=2)])
    (tmp_path / "run" / "triples" / "part-00001.parquet").unlink()
    with pytest.raises(ConfigurationError, match="lacks triples"):
        train(offline(resume=True))


def test_the_command(offline: Any, critic_server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(json.loads(offline().model_dump_json(exclude={"resume", "tasks"}))))
    critic_server.stop()
    assert run([str(config), "--critic.max-outage", "0.2"]) == STOPPED
    assert "triples; continue it by the same command with --resume" in capsys.readouterr().err
    critic_server.start()
    assert run([str(config), "--resume"]) == DONE
    out = capsys.readouterr().out
    assert "triples, part 2/2: 42 pairs of 12 states out of 12" in out
    assert "step 3/3: " in out
    assert "done: 3 steps" in out

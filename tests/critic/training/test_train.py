"""Training as a whole, on a task that can be learnt: the value of a state is decided by its letters."""

import gzip
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch

from critic.checkpoint import Critic
from critic.encode import CutText, Encoder
from critic.steps import newline_ends
from critic.training.data import DataError, LabelledSolution, read, write
from critic.training.errors import OutputError
from critic.training.quality import auc
from critic.training.report import TrainReport
from critic.training.split import hold_out
from critic.training.train import train
from tests.critic.computing import values_of
from tests.critic.training.learnable import settings


def starts(solution: LabelledSolution) -> list[int]:
    """Where the solution's states end, its last one left out."""
    return [0, *solution.response.ends[:-1]]


@pytest.fixture(scope="module")
def trained(data: Path, lm_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainReport, Path]:
    output = tmp_path_factory.mktemp("trained")
    return train(settings(data, lm_dir, output)), output


def test_training_beats_the_constant_mean_on_unseen_prompts(data: Path, trained: tuple[TrainReport, Path]) -> None:
    report, _ = trained
    assert report.held_out is not None
    assert report.constant is not None
    assert report.held_out.states == report.constant.states > 50
    assert report.held_out.bce < report.constant.bce - 0.1
    assert report.held_out.brier < report.constant.brier / 2
    # A state without an x may still go either way: the true values rank them no better than this.
    unseen = hold_out(read(data), 0.1, seed=0)[1]
    states = [(0.1 if "x" in s.response.text[:end] else 0.7, s.outcome == 1) for s in unseen for end in starts(s)]
    best = auc([value for value, _ in states], [right for _, right in states])
    assert best is not None
    assert report.held_out.auc is not None
    assert report.held_out.auc > best - 0.05 > 0.5
    assert report.constant.auc == 0.5
    assert report.constant.rank_correlation is None
    assert report.held_out.rank_correlation is not None
    assert report.held_out.rank_correlation > 0.5
    assert report.outcome_only is None


def test_the_loss_falls_and_every_update_is_on_file(trained: tuple[TrainReport, Path]) -> None:
    report, output = trained
    rows = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    assert [row["update"] for row in rows] == list(range(1, report.updates + 1))
    losses = [row["loss"] for row in rows]
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
    written = json.loads((output / "report.json").read_text())
    assert written["identity"] == report.identity
    assert report.held_out is not None
    assert written["held_out"]["bce"] == report.held_out.bce
    assert sum(place["states"] for place in written["held_out"]["bins"]) == report.held_out.states
    assert "held-out states" in (output / "reliability.svg").read_text()


def test_the_checkpoint_tells_good_from_bad_steps(trained: tuple[TrainReport, Path]) -> None:
    report, _ = trained
    critic = Critic.load(report.checkpoint)
    assert critic.identity == report.identity
    assert critic.facts["updates"] == report.updates
    text = "aa\nax\ncc\n"
    sequences = Encoder(critic.tokenizer).encode("question 5\n", [CutText(text, tuple(newline_ends(text)))])
    prompt, good, bad, _ = values_of(critic.model, sequences)[0]
    assert min(prompt, good) > 0.5 > bad + 0.1


def test_a_critic_goes_on_from_where_it_was(
    data: Path, lm_dir: Path, trained: tuple[TrainReport, Path], tmp_path: Path
) -> None:
    report, _ = trained
    losses: list[float] = []
    options = settings(data, report.checkpoint, tmp_path, epochs=1, learning_rate=1e-5, head_learning_rate=1e-5)
    again = train(options, on_progress=lambda progress: losses.append(progress.loss))
    assert report.constant is not None
    assert losses[0] < report.constant.bce - 0.1
    facts = Critic.load(again.checkpoint).facts
    assert facts["started_from"] == report.identity
    assert facts["lineage"] == [lm_dir.name, report.identity]


def test_the_same_seed_gives_the_same_critic_and_the_callers_random_state_stays(
    data: Path, lm_dir: Path, tmp_path: Path
) -> None:
    identities = []
    for name in ("one", "two"):
        torch.manual_seed(5)
        identities.append(train(settings(data, lm_dir, tmp_path / name, epochs=1, batch_solutions=128)).identity)
        drawn = torch.rand(3)
        torch.manual_seed(5)
        assert torch.equal(drawn, torch.rand(3))
    assert identities[0] == identities[1]
    # The output of an earlier run is replaced.
    other = train(settings(data, lm_dir, tmp_path / "one", epochs=1, batch_solutions=128, seed=1)).identity
    assert Critic.load(tmp_path / "one" / "checkpoint").identity == other != identities[0]


def test_long_solutions_are_left_out_and_counted(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    report = train(settings(data, lm_dir, tmp_path, epochs=1, batch_solutions=400, max_tokens=20, held_out_share=0))
    assert report.held_out is None
    assert 0 < report.solutions < 400
    assert report.solutions + report.too_long == 400
    with pytest.raises(DataError, match="raise max_tokens"):
        train(settings(data, lm_dir, tmp_path, max_tokens=2))


def test_an_output_that_cannot_be_is_refused_before_training(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    def refused(output: Path, message: str) -> None:
        updates: list[Any] = []
        with pytest.raises(OutputError, match=message):
            train(settings(data, lm_dir, output), on_progress=updates.append)
        assert updates == []

    foreign = tmp_path / "run" / "checkpoint"
    foreign.mkdir(parents=True)
    (foreign / "thesis.tex").write_text("words")
    refused(tmp_path / "run", "checkpoint: exists and is not a critic checkpoint")
    assert [entry.name for entry in (tmp_path / "run").rglob("*")] == ["checkpoint", "thesis.tex"]
    (tmp_path / "file").write_text("words")
    refused(tmp_path / "file", "file: is a file; choose a folder")
    refused(tmp_path / "file" / "deeper", "deeper: cannot be written to")
    assert (tmp_path / "file").read_text() == "words"


def test_the_baseline_of_outcomes_is_trained_alike_and_is_worse(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    report = train(settings(data, lm_dir, tmp_path, baselines=True, epochs=1))
    assert report.held_out is not None
    assert report.outcome_only is not None
    assert report.outcome_only.states == report.held_out.states
    # The outcome of an answer with a later x is no label for its beginning.
    assert report.held_out.calibration_error < report.outcome_only.calibration_error
    assert report.held_out.brier < report.outcome_only.brier
    critic, outcomes = (
        [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
        for name in ("metrics.jsonl", "metrics_outcome_only.jsonl")
    )
    assert [row["update"] for row in critic] == [row["update"] for row in outcomes]
    assert [row["learning_rate"] for row in critic] == [row["learning_rate"] for row in outcomes]
    # Measured on the Monte-Carlo values, and the checkpoint is that of the critic.
    assert Critic.load(report.checkpoint).facts["boundaries"] == report.boundaries
    assert critic[-1]["loss"] != outcomes[-1]["loss"]


def test_held_out_data_of_its_own_is_measured_on(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    solutions = read(data)
    seen, unseen = tmp_path / "seen.jsonl", tmp_path / "unseen.jsonl"
    write(seen, [s for s in solutions if s.prompt != "question 7\n"])
    write(unseen, [s for s in solutions if s.prompt == "question 7\n"])
    report = train(settings(seen, lm_dir, tmp_path / "run", epochs=1, batch_solutions=200, held_out_data=unseen))
    assert report.held_out is not None
    assert report.solutions == 395
    expected = [value for s in read(unseen) for value in s.values[:-1] if value is not None]
    assert report.held_out.states == len(expected)
    with pytest.raises(DataError, match="1 of its prompts"):
        train(settings(data, lm_dir, tmp_path / "run", held_out_data=unseen))


def test_bfloat16_learns_too(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    report = train(settings(data, lm_dir, tmp_path, precision="bfloat16", epochs=1))
    assert report.held_out is not None
    assert report.constant is not None
    assert report.held_out.bce < report.constant.bce
    weight = next(Critic.load(report.checkpoint).model.parameters())
    assert weight.dtype == torch.float32


def test_solutions_of_models_with_outcomes_are_read_and_trained_on(lm_dir: Path, tmp_path: Path) -> None:
    file = Path("tests/data/gsm8k_model_solutions.jsonl.gz")
    solutions = read(file)
    assert len(solutions) == 2600
    assert all(set(s.values) in ({0.0}, {1.0}) and s.outcome == s.values[0] for s in solutions)
    first = solutions[0]
    assert first.prompt.startswith("Janet")
    assert first.values == (0.0, 0.0, 0.0, 0.0)
    with pytest.raises(DataError, match="line 1: label: is an outcome"):
        read(file, "values")
    few = tmp_path / "few.jsonl"
    with gzip.open(file, "rt") as lines:
        few.write_text("".join(islice(lines, 60)))
    report = train(settings(few, lm_dir, tmp_path / "run", epochs=1, max_tokens=900))
    assert report.held_out is not None
    assert report.solutions > 40


def test_a_base_that_says_something_else_is_fitted_to_the_labels_first(
    data: Path, trained: tuple[TrainReport, Path], tmp_path: Path
) -> None:
    report, _ = trained
    other = Critic.load(report.checkpoint)
    assert isinstance(other.model.head, torch.nn.Linear)
    with torch.no_grad():
        other.model.head.weight *= 5
        other.model.head.bias.add_(3)
    other.save(tmp_path / "other")
    losses = {}
    for fitted in (False, True):
        seen: list[float] = []
        options = settings(
            data, tmp_path / "other", tmp_path / "out", epochs=1, learning_rate=1e-6, head_learning_rate=1e-6
        )
        options = options.model_copy(update={"calibrate_base": fitted, "baselines": fitted})
        again = train(options, on_progress=lambda progress: seen.append(progress.loss))  # noqa: B023
        losses[fitted] = seen[0]
    assert losses[True] < losses[False] - 0.2
    assert Critic.load(again.checkpoint).facts["calibration"]["scale"] == pytest.approx(0.2, rel=0.5)

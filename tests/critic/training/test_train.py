"""Training as a whole, on a task that can be learnt: the value of a state is decided by its letters."""

import json
import os
import random
import subprocess
import sys
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
from critic.training.settings import TrainSettings
from critic.training.split import hold_out
from critic.training.train import train
from tests.critic.computing import values_of


def solution(order: random.Random, number: int) -> LabelledSolution:
    """Once a line has an x, the answer will be wrong: value 0.1; before that 0.7."""
    lines = order.choices(["aa\n", "cc\n", "ax\n"], weights=[4, 4, 1], k=order.randint(2, 5))
    text = "".join(lines)
    ends = newline_ends(text)
    values: list[float | None] = [0.7, *(0.1 if "x" in text[:end] else 0.7 for end in ends)]
    values[-1] = 0.0 if "x" in text else 1.0
    if len(values) > 3:
        values[1] = None
    return LabelledSolution(f"question {number % 80}\n", CutText(text, tuple(ends)), tuple(values))


def starts(solution: LabelledSolution) -> list[int]:
    """Where the solution's states end, its last one left out."""
    return [0, *solution.response.ends[:-1]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    order = random.Random(0)
    file = tmp_path_factory.mktemp("data") / "train.jsonl"
    write(file, [solution(order, number) for number in range(400)])
    return file


def settings(data: Path, base: Path, output: Path, **more: Any) -> TrainSettings:
    values: dict[str, Any] = {"epochs": 2, "batch_solutions": 16, "learning_rate": 3e-3, "head_learning_rate": 3e-2}
    return TrainSettings(**{"data": data, "base": base, "output": output, "device": "cpu", **values, **more})


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


def test_the_checkpoint_tells_good_from_bad_steps(trained: tuple[TrainReport, Path]) -> None:
    report, _ = trained
    critic = Critic.load(report.checkpoint)
    assert critic.identity == report.identity
    assert critic.facts["updates"] == report.updates
    text = "aa\nax\ncc\n"
    sequences = Encoder(critic.tokenizer).encode("question 5\n", [CutText(text, tuple(newline_ends(text)))])
    prompt, good, bad, _ = values_of(critic.model, sequences)[0]
    assert min(prompt, good) > 0.5 > bad + 0.1


def test_a_critic_goes_on_from_where_it_was(data: Path, trained: tuple[TrainReport, Path], tmp_path: Path) -> None:
    report, _ = trained
    losses: list[float] = []
    options = settings(data, report.checkpoint, tmp_path, epochs=1, learning_rate=1e-5, head_learning_rate=1e-5)
    again = train(options, on_progress=lambda progress: losses.append(progress.loss))
    assert report.constant is not None
    assert losses[0] < report.constant.bce - 0.1
    assert Critic.load(again.checkpoint).facts["started_from"] == report.identity


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


def test_two_processes_make_the_same_updates_as_one(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    write(few, read(data)[:33])  # the last update has one solution, so that one process has none
    options = {"epochs": 1, "batch_solutions": 8, "held_out_share": 0.0, "max_tokens_per_pass": 64}
    train(settings(few, lm_dir, tmp_path / "one", **options))
    arguments = ["critic", "train", "--device", "cpu", "--learning_rate", "3e-3", "--head_learning_rate", "3e-2"]
    for key, value in {"data": few, "base": lm_dir, "output": tmp_path / "two", **options}.items():
        arguments += [f"--{key}", str(value)]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*launcher, "-m", "codaserve.cli.main", *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("trained on") == 1
    one, two = (
        [json.loads(line) for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()]
        for name in ("one", "two")
    )
    assert len(one) == len(two) == 5
    for a, b in zip(one, two, strict=True):
        assert b["loss"] == pytest.approx(a["loss"], rel=1e-4)
        assert b["grad_norm"] == pytest.approx(a["grad_norm"], rel=1e-3)

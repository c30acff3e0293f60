"""A disk that is full in the middle of a run: an error that says so, and nothing half-written."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from critic.checkpoint import Critic, recover
from critic.training.errors import OutputError
from critic.training.train import train
from tests.critic.training.learnable import settings


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_checkpoint_that_does_not_fit_is_told_and_the_one_before_stays(
    data: Path, lm_dir: Path, tmp_path: Path
) -> None:
    report = train(settings(data, lm_dir, tmp_path, epochs=1))
    with files_of_at_most(40_000), pytest.raises(OutputError, match=r"checkpoint: cannot be written: .*--save-every"):
        train(settings(data, lm_dir, tmp_path, epochs=1, seed=1))
    assert Critic.load(report.checkpoint).identity == report.identity
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint", "metrics.jsonl", "reliability.svg"]


def test_a_state_that_does_not_fit_leaves_none(data: Path, lm_dir: Path, tmp_path: Path) -> None:
    with files_of_at_most(40_000), pytest.raises(OutputError, match="critic-00000004: cannot be written"):
        train(settings(data, lm_dir, tmp_path, epochs=1, save_every=4))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.jsonl", "states"]
    assert not list((tmp_path / "states").iterdir())


def test_what_a_killed_save_left_is_cleaned_up(critic_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    Critic.load(critic_dir).save(path)
    half = tmp_path / ".checkpoint.abcd.tmp" / "new"
    half.mkdir(parents=True)
    (half / "config.json").write_text("{")
    recover(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkpoint"]
    # Killed between the two moves: the checkpoint before comes back.
    away = tmp_path / ".checkpoint.efgh.tmp"
    away.mkdir()
    path.rename(away / "old")
    recover(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkpoint"]
    assert Critic.load(path).identity == Critic.load(critic_dir).identity

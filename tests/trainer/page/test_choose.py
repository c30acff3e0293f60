"""What is taken for a run, and what becomes of the rest."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from codaserve.configuration import ConfigurationError
from critic.training.optimize import TrainProgress
from critic.training.output import METRICS, Metrics
from tests.trainer.page.runs import write_run
from trainer.page.choose import MOST_RUNS, choose


@pytest.fixture
def others(tmp_path: Path) -> Sequence[Path]:
    """A start that failed, the data and the training of a critic, a file, and nothing at all."""
    begun, data, critic = (tmp_path / name for name in ("begun", "data", "critic"))
    for folder in (begun, data / "states", critic):
        folder.mkdir(parents=True)
    (begun / ".lock").touch()
    (data / "collect.json").write_text("{}")
    metrics = Metrics(critic / METRICS["critic"])
    metrics.add(TrainProgress(1, 2, 0.7, 30, 1e-4, 1.0))
    metrics.close()
    file = tmp_path / "comparison.html"
    file.touch()
    return begun, data, critic, file, tmp_path / "missing"


def test_what_is_no_run_is_left_out_with_the_reason(others: Sequence[Path], tmp_path: Path) -> None:
    first, last = write_run(tmp_path / "a"), write_run(tmp_path / "z")
    runs, left_out = choose([first, *others, last])
    assert runs == [first, last]
    begun, data, critic, file, missing = others
    assert left_out == [
        f"left out {begun}: no metrics.jsonl there, so this is not the folder of a run",
        f"left out {data}: no metrics.jsonl there, so this is not the folder of a run",
        f"left out {critic}: its metrics.jsonl is not that of a run, but of a critic's training or something else",
        f"left out {file}: is not a folder",
        f"left out {missing}: does not exist",
    ]


def test_where_none_is_a_run_all_are_refused(others: Sequence[Path]) -> None:
    for other in others:
        with pytest.raises(ConfigurationError, match=f"^{other}: "):
            choose([other])
    with pytest.raises(ConfigurationError) as caught:
        choose(others)
    assert [line.partition(": ")[0] for line in str(caught.value).splitlines()] == list(map(str, others))


@pytest.mark.parametrize("content", [b"", b'{"kind": "st', b'[1]\n\xff\n{"kind": "evaluation", "step": 0}\n'])
def test_a_run_in_whatever_state_is_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "metrics.jsonl").write_bytes(content)
    assert choose([tmp_path]) == ([tmp_path], [])


def test_the_same_run_twice_is_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a")
    with pytest.raises(ConfigurationError, match="the same run is given twice"):
        choose([folder, folder / ".." / "a"])


def test_more_runs_than_a_page_can_show_are_refused(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(MOST_RUNS + 1)]
    for folder in folders[1:]:
        folder.mkdir()
        (folder / "metrics.jsonl").touch()
    assert len(choose(folders)[0]) == MOST_RUNS  # the first is none
    folders[0].mkdir()
    (folders[0] / "metrics.jsonl").touch()
    with pytest.raises(ConfigurationError, match="201 runs are more than a page can show"):
        choose(folders)

"""The folder of a run has one owner."""

from pathlib import Path
from typing import Any

import pytest

from codaserve.settings import ConfigurationError
from trainer.folder import claimed, record


def test_two_processes_cannot_share_a_folder(configure: Any) -> None:
    with claimed(configure()), pytest.raises(ConfigurationError, match="in use"), claimed(configure()):
        pass
    with claimed(configure()) as saved:
        assert saved is None


def test_a_recorded_run_is_only_resumed(configure: Any) -> None:
    with claimed(configure()):
        record(configure())
    with pytest.raises(ConfigurationError, match="has a run already"), claimed(configure()):
        pass
    with claimed(configure(resume=True)) as saved:
        assert saved is None


def test_nothing_is_made_where_there_is_nothing_to_resume(configure: Any) -> None:
    settings = configure(resume=True)
    with pytest.raises(ConfigurationError, match="no run to resume"), claimed(settings):
        pass
    assert not settings.output_dir.exists()


@pytest.mark.parametrize("name", ["model", "checkpoints", "metrics.jsonl", "questions.jsonl"])
def test_files_of_somebody_else_are_not_written_over(configure: Any, name: str) -> None:
    settings = configure()
    settings.output_dir.mkdir()
    path = settings.output_dir / name
    if path.suffix:
        path.write_text('{"mine": 1}\n')
    else:
        path.mkdir()
    with pytest.raises(ConfigurationError, match=f"has {name}, which would be written over"), claimed(settings):
        pass
    assert [it.name for it in settings.output_dir.iterdir()] == [name]


def test_what_a_start_that_failed_left_is_no_obstacle(configure: Any) -> None:
    settings = configure()
    settings.output_dir.mkdir()
    (settings.output_dir / "metrics.jsonl").touch()
    with claimed(settings) as saved:
        assert saved is None


def test_the_base_policy_is_not_replaced(configure: Any, tmp_path: Path) -> None:
    settings = configure(model__path=str(tmp_path / "run" / "." / "model"))
    with pytest.raises(ConfigurationError, match=r"would replace model\.path"), claimed(settings):
        pass


def test_a_folder_that_cannot_be_made_is_an_error_of_the_settings(configure: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ConfigurationError, match=r"output_dir: .* cannot be written"),
        claimed(configure(output_dir=tmp_path / "file" / "run")),
    ):
        pass

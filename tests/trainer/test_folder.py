"""The folder of a run has one owner."""

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

"""What the system tests share."""

import pytest

from tests.system import containers
from tests.system.installed import codaserve, open_folder

__all__ = ["codaserve", "open_folder"]


@pytest.fixture(scope="session")
def image() -> str:
    """The scorer's image."""
    return containers.build()

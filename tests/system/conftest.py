"""What the system tests share."""

import pytest

from tests.system import containers


@pytest.fixture(scope="session")
def image() -> str:
    """The scorer's image."""
    return containers.build("scorer")[0]

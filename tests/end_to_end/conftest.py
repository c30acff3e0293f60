"""Real servers on free ports."""

from collections.abc import Iterator

import pytest

from codaserve.embedded import EmbeddedService


@pytest.fixture(scope="module")
def scorer() -> Iterator[EmbeddedService]:
    """A running scorer with default settings."""
    with EmbeddedService.start("scorer", []) as service:
        yield service

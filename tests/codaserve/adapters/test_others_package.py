"""OpenRLHF, AReaL and SkyRL themselves, in an environment of their own."""

import pytest

from tests.codaserve.adapters.environments import run
from tests.codaserve.adapters.serving import scorer

pytestmark = pytest.mark.adapters


def test_others_load_and_call_us() -> None:
    with scorer() as server:
        found = run(".venv-verl", "others_main.py", server.address)
    assert found["versions"] == ["0.11.2", "1.0.4", "0.4.0"]
    assert found["openrlhf"] == [1.0, 0.0, None, True]  # no reward, or not a number where that is asked for
    assert found["areal"] == [1.0, 0.0, "UnscoredError"]
    assert found["skyrl"] == [1.0, 0.0, "UnscoredError"]

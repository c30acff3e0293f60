"""OpenRLHF itself, in an environment of its own."""

import pytest

from tests.codaserve.adapters.environments import run
from tests.codaserve.adapters.serving import scorer

pytestmark = pytest.mark.adapters


def test_openrlhf_makes_experiences_and_stops_at_what_has_no_score() -> None:
    with scorer() as server:
        found = run(".venv-verl", "openrlhf_main.py", server.address)
    assert found["version"] == "0.11.2"
    half = pytest.approx([0.5**0.5, -(0.5**0.5)], abs=1e-6)
    assert found["scored"] == half and found["cut"] == half  # the second of a prompt that was cut
    assert len(found["unscored"]) == 18
    for raised in found["unscored"]:
        assert raised.startswith("ValueError: reward_model_group is required") or "'NoneType' object has no" in raised
    assert found["marked"] == [False, True] and found["kept"] == ["c", "c"]
    assert found["short"] == [True, True]  # so little is left of the prompt that the response cannot be found

"""As verifiers 0.4.0 calls a plugged reward function; test_verifiers_package.py has the same with its own code."""

import asyncio
from types import SimpleNamespace

import pytest

from codaserve.adapters.scoring import UnscoredError
from codaserve.adapters.verifiers import correct
from tests.codaserve.adapters.serving import FAILS, scorer


def test_the_last_reply_is_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    row = SimpleNamespace(prompt_text="2 + 2 = ?", answer="4")
    with scorer() as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        assert asyncio.run(correct(row, SimpleNamespace(last_reply="it is 4"))) == 1.0
        other = SimpleNamespace(prompt_text="", task={"gold": 5})
        assert asyncio.run(correct(other, SimpleNamespace(last_reply="5"))) == 1
        named = SimpleNamespace(prompt_text="", task="math", answer="4")
        assert asyncio.run(correct(named, SimpleNamespace(last_reply="4"))) == 1
        with pytest.raises(UnscoredError):
            asyncio.run(correct(row, SimpleNamespace(last_reply=FAILS)))
    with pytest.raises(ValueError, match="none of the fields gold, answer"):
        asyncio.run(correct(SimpleNamespace(prompt_text="", task="math"), SimpleNamespace(last_reply="")))

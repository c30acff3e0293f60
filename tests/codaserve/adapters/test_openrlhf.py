"""As OpenRLHF 0.11.2 loads and calls the file of --reward.remote_url (openrlhf/utils/agent.py,
SingleTurnAgentExecutor): by its path, with lists of one, from threads; what comes back is read by the names of
examples/python/reward_func.py."""

import asyncio
import importlib.util
import math
from typing import Any

import pytest
import torch

import codaserve.adapters.openrlhf
from codaserve.adapters.scoring import UnscoredError
from tests.codaserve.adapters.serving import FAILS, scorer

PROMPT = "<|user|>2 + 2 = ? Not \\boxed{5}.<|assistant|>"


@pytest.fixture
def reward_func() -> Any:
    specification = importlib.util.spec_from_file_location("reward_func", codaserve.adapters.openrlhf.__file__)
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.reward_func


def test_one_sample_at_a_time(reward_func: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def both() -> list[dict[str, Any]]:
        queries = [f"<bos>{PROMPT}it is 4<eos>", f"{PROMPT}it is 5"]
        calls = (asyncio.to_thread(reward_func, [query], [PROMPT], ["4"]) for query in queries)
        return list(await asyncio.gather(*calls))

    with scorer() as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        right, wrong = asyncio.run(both())
        assert right["rewards"].tolist() == right["scores"].tolist() == [1.0]
        assert wrong["rewards"].tolist() == [0.0] and wrong["extra_logs"]["unscored"].tolist() == [0.0]
        assert torch.tensor([right["rewards"]]).tolist() == [1.0]  # what the trainer makes of it
        with pytest.raises(UnscoredError):
            reward_func([PROMPT + FAILS], [PROMPT], ["4"])
        with pytest.raises(ValueError, match="does not have the prompt"):
            reward_func([PROMPT[5:] + "4"], [PROMPT], ["4"])
        long = "2 + 2 = ? " * 50 + PROMPT  # which OpenRLHF cuts at its beginning
        assert reward_func([long[60:] + "it is 4"], [long], ["4"])["rewards"].tolist() == [1.0]


def test_dynamic_filtering_drops_a_group_with_a_failure(reward_func: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with scorer() as server:
        monkeypatch.setenv("CODASERVE_SCORERS", server.address)
        monkeypatch.setenv("CODASERVE_UNSCORED", "nan")
        scores = [reward_func([PROMPT + text], [PROMPT], ["4"])["scores"][0].item() for text in ("4", "5", FAILS)]
        found = reward_func([PROMPT + "4", PROMPT[5:] + "4", PROMPT + "5"], [PROMPT] * 3, ["4"] * 3)
        alone = reward_func([PROMPT[5:] + "4"], [PROMPT], ["4"])
    assert found["rewards"].tolist() == pytest.approx([1.0, math.nan, 0.0], nan_ok=True)
    assert found["extra_logs"]["unscored"].tolist() == [0.0, 1.0, 0.0] and math.isnan(alone["scores"].item())
    average = sum(scores) / len(scores)
    assert scores[:2] == [1.0, 0.0] and math.isnan(scores[2])
    assert not 0.0 < average < 1.0  # the trainer's condition for keeping a group

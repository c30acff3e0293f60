"""As verl 0.9.1 calls it; test_verl_package.py has the same with verl's own code."""

import asyncio
import math
from typing import Any

import pytest

from codaserve.adapters.scoring import UnscoredError
from codaserve.adapters.verl import compute_score, compute_score_async
from tests.codaserve.adapters.serving import FAILS, UNDECIDED, scorer


def test_scores_with_constant_keys() -> None:
    with scorer() as server:
        one = compute_score("gsm8k", "it is 4", "4", {"index": 3}, addresses=server.address)
        assert one == {"score": 1.0, "acc": 1.0, "unscored": 0.0}
        keywords: dict[str, Any] = {"data_source": "gsm8k", "solution_str": "5", "ground_truth": "4"}
        keywords |= {"extra_info": None, "reward_router_address": None}
        other = asyncio.run(compute_score_async(**keywords, addresses=[server.address]))
        assert other == {"score": 0.0, "acc": 0.0, "unscored": 0.0}
        assert compute_score("d", "it is 4", "4", {"task": "math"}, addresses=server.address)["score"] == 1
        task = {"math": {"gold": ["7"]}}
        assert compute_score("d", "7", "4", {"task": task}, addresses=server.address)["score"] == 1
        none = compute_score("gsm8k", FAILS, "4", addresses=server.address, unscored="nan")
        assert list(none) == list(one) and math.isnan(none["score"]) and none["unscored"] == 1
        read = compute_score("gsm8k", FAILS, "4", addresses=server.address, unscored=math.nan)
        assert math.isnan(read["score"])  # verl's command line reads `nan` as a number
        assert compute_score("d", UNDECIDED, "4", addresses=server.address, undecided=0.0)["score"] == 0
        with pytest.raises(UnscoredError):
            compute_score("gsm8k", FAILS, "4", addresses=server.address)
        with pytest.raises(ValueError, match="'raise' or 'nan'"):
            compute_score("gsm8k", "4", "4", addresses=server.address, unscored="zero")  # type: ignore[arg-type]

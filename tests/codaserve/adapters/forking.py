"""Scores in this process, then in processes forked from it: `forking.py ADDRESS`. Prints what came, as JSON."""

import asyncio
import json
import multiprocessing
import os
import sys
from typing import Any

from codaserve.adapters import areal
from codaserve.adapters.scoring import Scoring, UnscoredError

RESPONSES = ["it is 4", "it is 5", "FAILS"]


def score(address: str) -> list[float | None]:
    return Scoring(address).score(["p"] * 3, RESPONSES, ["4"] * 3).optional()


def reward(response: str) -> float | str:
    try:
        return asyncio.run(areal.async_reward("p", response, [1], [2], answer="4", query_id="q"))
    except UnscoredError as error:
        return str(error)


def main(address: str) -> None:
    os.environ["CODASERVE_SCORERS"] = address
    found: dict[str, Any] = {"before": score(address)}
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found["forked"] = pool.map(score, [address] * 4, chunksize=1)
        found["rewards"] = pool.map(reward, RESPONSES, chunksize=1)
    found["after"] = score(address)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])

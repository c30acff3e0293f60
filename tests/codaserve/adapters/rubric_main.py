"""A rubric of verifiers before 0.4 with our scorer: `rubric_main.py SCORER`, where that verifiers is."""

import asyncio
import importlib
import json
import math
import os
import sys
from typing import Any

RESPONSES = ["it is \\boxed{4}", "it is \\boxed{5}", "FAILS"]


def main(scorer: str) -> int:
    os.environ["CODASERVE_SCORERS"] = scorer
    vf: Any = importlib.import_module("verifiers")
    rubric = importlib.import_module("codaserve.adapters.verifiers_rubric").ScorerRubric(weight=2.0)

    def length(completion: Any) -> float:
        return 1.0 if completion else 0.0

    rubric.add_reward_func(length, 0.5)
    prompt = [{"role": "user", "content": "2 + 2 = ?"}]

    def state(response: str) -> Any:
        completion = [{"role": "assistant", "content": response}]
        given = {"prompt": prompt, "answer": "4", "example_id": 0, "task": "default"}
        return vf.State(input=given, completion=completion, trajectory=[], error=None, **given)

    group = [state(response) for response in RESPONSES]
    asyncio.run(rubric.score_group(group))
    alone = [state(response) for response in RESPONSES]
    for one in alone:
        asyncio.run(rubric.score_rollout(one))

    def show(one: Any) -> Any:
        reward = one["reward"]
        error = one["error"]
        return [None if math.isnan(reward) else reward, one.get("advantage"), type(error).__name__ if error else None]

    version = importlib.import_module("importlib.metadata").version("verifiers")
    print(
        json.dumps({"version": version, "group": [show(one) for one in group], "alone": [show(one) for one in alone]})
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

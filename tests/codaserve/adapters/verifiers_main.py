"""verifiers' own scoring with our function plugged in by its path: `verifiers_main.py SCORER`, where verifiers is."""

import asyncio
import importlib
import json
import os
import sys
from typing import Any

RESPONSES = ["it is \\boxed{4}", "it is \\boxed{5}", "FAILS"]


def main(scorer: str) -> int:
    os.environ["CODASERVE_SCORERS"] = scorer
    vf: Any = importlib.import_module("verifiers.v1")
    graph: Any = importlib.import_module("verifiers.v1.graph")
    types: Any = importlib.import_module("verifiers.v1.types")
    version = importlib.import_module("importlib.metadata").version("verifiers")

    class Data(vf.TaskData):  # type: ignore[misc]
        answer: str = ""

    class Task(vf.Task[Data]):  # type: ignore[misc]
        pass

    path = "codaserve.adapters.verifiers:correct"
    config = vf.TaskConfig(rewards={"correct": vf.RewardFunctionConfig(fn=path, weight=2.0)})
    task = Task(Data(idx=0, prompt="2 + 2 = ?", answer="4"), config)

    def trace(response: str) -> Any:
        said = [types.UserMessage(content="2 + 2 = ?"), types.AssistantMessage(content=response)]
        nodes = [
            graph.MessageNode(parent=None, message=said[0], sampled=False),
            graph.MessageNode(parent=0, message=said[1], sampled=True),
        ]
        info = vf.AgentInfo(config=vf.AgentConfig())
        return vf.Trace(agent=info, task=vf.TraceTask(type="Task", data=task.data), nodes=nodes)

    async def score() -> list[Any]:
        found: list[Any] = []
        for response in RESPONSES:
            one = trace(response)
            try:
                await task.score(one)
                found.append([one.rewards["correct"].score, one.rewards["correct"].weight])
            except vf.TaskError as error:
                found.append([f"TaskError: {error}", one.rewards["correct"]])
        return found

    print(json.dumps({"version": version, "scores": asyncio.run(score())}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

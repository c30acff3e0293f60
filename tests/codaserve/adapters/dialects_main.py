"""Asks a scorer's HTTP port by the clients of other projects: what they make of its answers, as JSON.

Run in the environment of requirements-clients.txt: ADDRESS and a name of CASES.
"""

import asyncio
import importlib
import importlib.util
import json
import socket
import sys
import types
from pathlib import Path
from typing import Any

CPP = "#include <iostream>\nint main() { int a; std::cin >> a; std::cout << 2 * a << std::endl; }"


def folder_of(package: str) -> Path:
    """Where a package is installed; it is not imported."""
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def bare(name: str, folder: Path) -> None:
    """A package whose own code, which brings a whole trainer, is left out: its modules are those of the folder."""
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module


def sandbox_fusion(url: str) -> Any:
    """The package of that name."""
    import sandbox_fusion as client

    client.set_endpoint(url)
    mapping = client.SummaryMapping(CompileFailed="compile", RunFailed="run", RunTimeout="time")

    def run(code: str, language: str = "python", **more: Any) -> tuple[str, str, Any]:
        answer = client.run_code(client.RunCodeRequest(code=code, language=language, **more), max_attempts=2)
        result = answer.run_result
        return answer.status, client.summary_run_code_result(answer, mapping), result and result.stdout

    async def together() -> list[str]:
        requests = [client.RunCodeRequest(code=f"print({n})", language="python") for n in range(16)]
        answers = await asyncio.gather(*(client.run_code_async(one, max_attempts=2) for one in requests))
        return [answer.run_result.stdout for answer in answers]

    try:
        run("pass", "php")
        refused = "no error"
    except Exception as error:  # noqa: BLE001 - it raises nothing better
        refused = str(error)
    return {
        "right": run("print(input())", stdin="a"),
        "failed": run("raise SystemExit(3)"),
        "late": run("import time; time.sleep(60)", run_timeout=1),
        "cpp": run(CPP, "cpp", stdin="21", compile_timeout=20),
        "broken": run("int main() { return x; }", "cpp", compile_timeout=20),
        "typescript": run("const a: number = 2; console.log(a)", "typescript"),
        "together": asyncio.run(together()),
        "threads": [
            answer.run_result.stdout
            for answer in client.run_concurrent(
                client.run_code,
                args=[[client.RunCodeRequest(code=f"print({n})", language="python")] for n in range(16)],
            )
        ],
        "refused": refused,
    }


def verl(url: str) -> Any:
    """verl's reward by a sandbox."""
    folder = folder_of("verl") / "utils" / "reward_score"
    bare("verl_reward_score", folder)
    reward = importlib.import_module("verl_reward_score.sandbox_fusion")
    utils = importlib.import_module("verl_reward_score.sandbox_fusion.utils")
    sums = {"inputs": ["1 2", "3 4"], "outputs": ["3", "8"]}
    calls = {"inputs": ["1\n2", "3\n4"], "outputs": ["3", "7"], "fn_name": "add"}
    asserts = {"inputs": [None], "outputs": [None], "assert_case": ["assert f(1) == 1"]}
    adds = "print(sum(map(int, input().split())))"
    function = "class Solution:\n    def add(self, a, b):\n        return a + b"

    def check(code: str, tests: Any, **more: Any) -> Any:
        results, metadata = utils.check_correctness(url + "/run_code", tests, code, **{"timeout": 20, **more})
        return [results, [one["status"] for one in metadata]]

    return {
        "half": reward.compute_score(url + "/run_code", None, 1024, f"```python\n{adds}\n```", sums, timeout=20)[0],
        "calls": reward.compute_score(url + "/run_code", None, 1024, f"```python\n{function}\n```", calls)[0],
        "asserts": check("def f(x): return x", asserts),
        "wrong": check(adds, sums),
        "raises": check("1 / 0", sums),
        "late": check("import time; time.sleep(60)", {"inputs": [""], "outputs": [""]}, timeout=1),
        "broken": check("int main() { return x; }", sums, language="cpp"),
        "cpp": check(CPP, {"inputs": ["21"], "outputs": ["42"]}, language="cpp"),
    }


def verl_when_full(url: str) -> Any:
    """verl's reward while the queue has one place, which a run holds until verl was told to come back."""
    import requests

    bare("verl_reward_score", folder_of("verl") / "utils" / "reward_score")
    utils = importlib.import_module("verl_reward_score.sandbox_fusion.utils")
    host, port = sys.argv[1].split(":")
    holder = socket.create_connection((host, int(port)))
    body = json.dumps({"code": "import time; time.sleep(60)", "language": "python", "run_timeout": 60}).encode()
    head = f"POST /run_code HTTP/1.1\r\nhost: {sys.argv[1]}\r\ncontent-length: {len(body)}\r\n\r\n"
    holder.sendall(head.encode() + body)
    probe = {"code": "pass", "language": "python"}
    while requests.post(url + "/run_code", json=probe, timeout=60).status_code != 504:
        pass
    post, heard = requests.post, []

    def watched(*arguments: Any, **keywords: Any) -> Any:
        answer = post(*arguments, **keywords)
        heard.append(answer.status_code)
        if answer.status_code == 504:
            holder.close()
        return answer

    requests.post = watched
    results, _ = utils.check_correctness(
        url + "/run_code", {"inputs": ["1"], "outputs": ["1"]}, "print(input())", timeout=20
    )
    return {"results": results, "heard": heard}


def openrlhf(url: str) -> Any:
    """What OpenRLHF's workers get for one sample each, given one URL, and two."""
    folder = folder_of("openrlhf")
    bare("openrlhf", folder)
    bare("openrlhf.utils", folder / "utils")
    from openrlhf.utils.agent import SingleTurnAgentExecutor

    class Tokens(list[int]):
        """Ids, and what the executor asks of arrays."""

        def tolist(self) -> list[int]:
            return list(self)

    class Tokenizer:
        """One token for each character."""

        def __call__(self, text: str, **_: Any) -> dict[str, list[Tokens]]:
            return {"input_ids": [Tokens(map(ord, text))]}

        def decode(self, ids: list[int], **_: Any) -> str:
            return "".join(map(chr, ids))

    class Engine:
        """Writes the same each time."""

        def __init__(self, text: str) -> None:
            self.text = text

        async def generate(self, *_: Any, **__: Any) -> Any:
            output = types.SimpleNamespace(token_ids=list(map(ord, self.text)), finish_reason="stop", logprobs=None)
            return types.SimpleNamespace(outputs=[output])

    async def sample(executor: Any, text: str, label: str) -> tuple[Any, Any, Any]:
        params = types.SimpleNamespace(max_tokens=100, logprobs=None)
        prompt = "Is it \\boxed{9}? "
        output = await executor.execute(prompt, label, params, 1000, Tokenizer(), Engine(text))
        return output["reward"], output["scores"], output["extra_logs"]

    async def ask() -> dict[str, Any]:
        one = SingleTurnAgentExecutor(url + "/get_reward")
        two = SingleTurnAgentExecutor([url + "/get_reward", url + "/get_reward"])
        return {
            "right": await sample(one, "\\boxed{7}", "7"),
            "wrong": await sample(one, "\\boxed{8}", "9"),
            "undecided": await sample(one, "\\boxed{9^{9^{9^{9}}}}", "7^{7^{7^{7}}}"),
            "refused": await sample(one, "\\boxed{8}", "[1, 2"),
            "two": [await sample(two, "\\boxed{7}", "7") for _ in range(3)],
            "shards": await two._fetch_rewards_via_http(["q\\boxed{1}"] * 2, ["q"] * 2, ["1"] * 2),
        }

    return asyncio.run(ask())


CASES = {case.__name__: case for case in (sandbox_fusion, verl, verl_when_full, openrlhf)}

if __name__ == "__main__":
    print(json.dumps(CASES[sys.argv[2]](f"http://{sys.argv[1]}")))

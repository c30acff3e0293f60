"""verifiers' own rollouts and scoring with our function plugged in by the flags of its command line:
`verifiers_main.py SCORER FLAG ...`, where verifiers is."""

import asyncio
import importlib
import json
import os
import sys
import types as python_types
from typing import Any

RESPONSES = ["it is \\boxed{4}", "it is \\boxed{5}", "FAILS"]


def main(scorer: str, *flags: str) -> int:
    os.environ["CODASERVE_SCORERS"] = scorer
    vf: Any = importlib.import_module("verifiers.v1")
    graph: Any = importlib.import_module("verifiers.v1.graph")
    types: Any = importlib.import_module("verifiers.v1.types")
    version = importlib.import_module("importlib.metadata").version("verifiers")

    class Data(vf.TaskData):  # type: ignore[misc]
        answer: str = ""
        task: str = "arithmetic"

    class Task(vf.Task[Data]):  # type: ignore[misc]
        pass

    class Sums(vf.Taskset[Task]):  # type: ignore[misc]
        def load(self) -> list[Any]:
            return [Task(Data(prompt="2 + 2 = ?", answer="4"), self.config.task)]

    sums: Any = python_types.ModuleType("sums")
    sums.Sums, sums.__all__ = Sums, ["Sums"]
    sys.modules["sums"] = sums
    (task,) = vf.load_taskset(parsed(["sums", *flags]).env.taskset)

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

    found = {"version": version, "scores": asyncio.run(score()), "rollouts": asyncio.run(rollouts(vf, task))}
    print(json.dumps(found))
    return 0


def parsed(arguments: list[str]) -> Any:
    """What vf-eval makes of its arguments."""
    resolve: Any = importlib.import_module("verifiers.v1.cli.resolve")
    arguments = resolve.with_positional_taskset(arguments)
    sys.argv = ["vf-eval", *arguments]
    kind = importlib.import_module("verifiers.v1.configs.cli.eval").EvalConfig
    return importlib.import_module("pydantic_config").cli(resolve.narrow_config(kind, arguments))


async def rollouts(vf: Any, task: Any) -> list[Any]:
    """What an agent's runs come to, as prime-rl has them from verifiers' environments: the model is a server that says
    the responses, and the harness one that asks it once."""
    web: Any = importlib.import_module("aiohttp.web")
    httpx: Any = importlib.import_module("httpx")
    left = list(RESPONSES)

    async def complete(request: Any) -> Any:
        body = await request.json()
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": left.pop(0)}}
        answer = {"id": "c", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice]}
        return web.json_response(answer | {"usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})

    class Once(vf.Harness):  # type: ignore[misc]
        NEEDS_CONTAINER = False

        async def launch(
            self,
            ctx: Any,
            trace: Any,
            runtime: Any,
            endpoint: str,
            secret: str,
            mcp_urls: Any,
            data: Any,
        ) -> Any:
            body = {"model": ctx.model, "messages": [{"role": "user", "content": data.prompt}]}
            url, headers = f"{endpoint}/chat/completions", {"authorization": f"Bearer {secret}"}
            async with httpx.AsyncClient() as client:
                answer = await client.post(url, json=body, headers=headers, timeout=120)
            return vf.ProgramResult(exit_code=0, stdout=answer.text, stderr="")

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    client = vf.EvalClientConfig(base_url=f"http://127.0.0.1:{port}/v1", api_key_var="NO_KEY")
    agent = vf.Agent(vf.AgentConfig(model="said", client=client, runtime=vf.SubprocessConfig()))
    agent.harness = Once(agent.config.harness)
    found = []
    try:
        async with agent:
            for _ in RESPONSES:
                one = await agent.run(task)
                errors = [[error.type, error.message] for error in one.errors]
                given = one.rewards["correct"]
                found.append({"ok": one.ok, "errors": errors, "score": given and given.score, "reply": one.last_reply})
    finally:
        await runner.cleanup()
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

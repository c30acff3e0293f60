"""NeMo-Gym's own agent, whose resources server is a scorer: `nemo_gym_main.py HOST:PORT`, prints as JSON what it made
of the rollouts that nemo-gym publishes and of two that have no reward.

Run in the environment of requirements-clients.txt. The model is a server that says what the rollouts have.
"""

import asyncio
import importlib
import importlib.metadata
import json
import socket
import sys
import types
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

TOWER, OTHER_TOWER = "9^{9^{9^{9}}}", "7^{7^{7^{7}}}"
"""Too large for a verdict."""


class Unused(types.ModuleType):
    """What the agent's modules import and one agent alone does not use: clusters and logs."""

    __version__ = "0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


for unused in ("ray", "wandb", "wandb.util"):
    sys.modules[unused] = Unused(unused)


def published(server: str) -> list[dict[str, Any]]:
    """The examples of one of its resources servers: rows, what a model answered and the reward that it got."""
    files = importlib.metadata.files("nemo-gym") or []
    paths = {file.name: Path(str(file.locate())) for file in files if f"resources_servers/{server}/data/" in str(file)}
    rows, rollouts = (
        [json.loads(line) for line in paths[name].read_text(encoding="utf-8").splitlines()]
        for name in ("example.jsonl", "example_rollouts.jsonl")
    )
    asked = {row["responses_create_params"]["input"][-1]["content"]: row for row in rows}
    return [
        {
            "row": asked[rollout["responses_create_params"]["input"][-1]["content"]],
            "response": rollout["response"],
            "reward": rollout["reward"],
        }
        for rollout in rollouts
    ]


@asynccontextmanager
async def served(app: Any) -> Any:
    """The port at which an application answers."""
    uvicorn: Any = importlib.import_module("uvicorn")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


def model(answers: dict[str, Any]) -> Any:
    """An application that answers each prompt with a Response of OpenAI's."""
    fastapi: Any = importlib.import_module("fastapi")
    app = fastapi.FastAPI()

    async def respond(body: dict[str, Any]) -> Any:
        return answers[body["input"][-1]["content"]]

    app.post("/v1/responses")(respond)
    return app


async def main(address: str) -> dict[str, Any]:
    simple: Any = importlib.import_module("responses_api_agents.simple_agent.app")
    utils: Any = importlib.import_module("nemo_gym.server_utils")
    omegaconf: Any = importlib.import_module("omegaconf")
    examples = {name: published(name) for name in ("math_with_judge", "code_gen")}
    like = examples["math_with_judge"][0]

    def alike(prompt: str, answer: str, **row: Any) -> dict[str, Any]:
        response = json.loads(json.dumps(like["response"]))
        response["output"][-1]["content"][0]["text"] = answer
        asked = {"input": [{"role": "user", "content": prompt}]}
        return {"row": {"responses_create_params": asked, **row}, "response": response}

    without = [alike("a", f"\\boxed{{{TOWER}}}", expected_answer=OTHER_TOWER), alike("b", "\\boxed{1}")]
    everything = [one for of in examples.values() for one in of] + without
    answers = {one["row"]["responses_create_params"]["input"][-1]["content"]: one["response"] for one in everything}
    host, port = address.split(":")
    servers: dict[str, Any] = {
        "scorer": {"resources_servers": {"codaserve": {"host": host, "port": int(port)}}},
        "model": {"responses_api_models": {"said": {"host": "127.0.0.1"}}},
        "agent": {"responses_api_agents": {"simple_agent": {"host": "127.0.0.1"}}},
    }
    head = utils.BaseServerConfig(host="127.0.0.1", port=1)
    config = simple.SimpleAgentConfig(
        host="127.0.0.1",
        port=1,
        entrypoint="app.py",
        name="agent",
        resources_server={"type": "resources_servers", "name": "scorer"},
        model_server={"type": "responses_api_models", "name": "model"},
    )
    found: dict[str, Any] = {"version": importlib.metadata.version("nemo-gym")}
    utils.set_global_aiohttp_client(utils.GlobalAIOHTTPAsyncClientConfig())
    async with served(model(answers)) as servers["model"]["responses_api_models"]["said"]["port"]:
        client = utils.ServerClient(head_server_config=head, global_config_dict=omegaconf.OmegaConf.create(servers))
        agent = simple.SimpleAgent(config=config, server_client=client)
        async with served(agent.setup_webserver()) as agent_port:
            client.global_config_dict["agent"]["responses_api_agents"]["simple_agent"]["port"] = agent_port

            async def run(row: Any) -> Any:
                answer = await client.post(server_name="agent", url_path="/run", json=row)
                return await utils.get_response_json(answer) if answer.ok else answer.status

            for name, of in examples.items():
                ran = [await run(one["row"]) for one in of]
                found[name] = {
                    "published": [one["reward"] for one in of],
                    "ours": [answer if isinstance(answer, int) else answer["reward"] for answer in ran],
                    "kept": all(
                        isinstance(answer, int) or answer[field] == value
                        for one, answer in zip(of, ran, strict=True)
                        for field, value in one["row"].items()
                        if field != "responses_create_params"  # of which it makes a whole request of OpenAI's
                    ),
                }
            found["without"] = [await run(one["row"]) for one in without]
    await utils.get_global_aiohttp_client().close()
    utils._GLOBAL_AIOHTTP_CLIENT = None  # what it does at exit was done
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1]))))

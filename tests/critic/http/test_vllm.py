"""The critic as vLLM's servers of process reward models are asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from codaserve.serving.access.client import ANYBODY
from codaserve.serving.http.server import http_served
from codaserve.v1 import critic_pb2 as pb
from critic import loaded
from critic.http import vllm
from critic.reload import CurrentCheckpoint
from critic.service import CriticService
from critic.settings import CriticSettings
from tests.codaserve.serving.http.asking import LONG, Server

SEPARATOR = "<extra_0>"


@dataclass(frozen=True)
class Critic:
    """A running critic."""

    server: Server
    service: CriticService

    async def values(self, prompt: str, text: str, ends: list[int]) -> list[float]:
        """Of the prompt and the steps, as gRPC gives them."""
        response = pb.Response(text=text, step_ends=ends)
        group = pb.StateGroup(prompt=prompt, responses=pb.Responses(responses=[response]))
        deadline = asyncio.get_running_loop().time() + LONG
        (found,) = await self.service.evaluate(ANYBODY, [group], deadline)
        return [found.values.prompt_value, *(step.value for step in found.values.responses[0].steps)]


@asynccontextmanager
async def serving(checkpoint: Path, **values: Any) -> AsyncIterator[Critic]:
    limits = {"max_groups": 8, "max_tokens": 120, "max_queue": 8}
    settings = CriticSettings.model_validate(
        {"checkpoint": checkpoint, "device": "cpu", "http": {"port": 0}, "limits": limits, **values}
    )
    read = partial(loaded.load, device="cpu", dtype="auto", max_tokens=settings.limits.max_tokens)
    service = CriticService(settings, CurrentCheckpoint(read(checkpoint), read))
    service.start()
    try:
        async with http_served("critic", vllm.routes(service, settings), settings.http, settings) as address:
            assert address is not None
            yield Critic(Server(address), service)
    finally:
        await service.close()


async def test_pooling_gives_the_values_of_grpc_at_each_separator(critic_dir: Path) -> None:
    texts = [f"question: {SEPARATOR}a\n{SEPARATOR}bc{SEPARATOR}", f"other{SEPARATOR}ab\nab{SEPARATOR}not valued"]
    async with serving(critic_dir) as critic:
        wanted = [await critic.values("question: ", "a\nbc", [2, 4]), await critic.values("other", "ab\nab", [5])]
        heard = await critic.server.post("/pooling", {"model": "prm", "input": texts, "task": "token_classify"})
    assert heard.status == 200
    assert [entry["index"] for entry in heard.value["data"]] == [0, 1]
    for entry, values in zip(heard.value["data"], wanted, strict=True):
        assert [row[1] for row in entry["data"]] == pytest.approx(values, abs=1e-5)
        assert [sum(row) for row in entry["data"]] == pytest.approx([1] * len(values))
    assert heard.value["model"] == "prm"
    assert heard.value["usage"]["prompt_tokens"] == heard.value["usage"]["total_tokens"] > 10


async def test_separators_may_be_others_or_missing(critic_dir: Path) -> None:
    async with serving(critic_dir, http={"port": 0, "separator": "\n\n"}) as critic:
        first, second, third = await critic.values("q", "ab", [1, 2])
        heard = await critic.server.post("/pooling", {"input": ["q\n\na\n\nb\n\n", "q"]})
        alone = await critic.server.post("/pooling", {"input": "q\n\n"})
    rows = [[row[1] for row in entry["data"]] for entry in heard.value["data"]]
    assert rows[0] == pytest.approx([first, second, third], abs=1e-5)
    assert rows[1] == pytest.approx([first], abs=1e-5)
    assert [row[1] for row in alone.value["data"][0]["data"]] == pytest.approx([first], abs=1e-5)


async def test_classify_gives_the_value_at_the_end(critic_dir: Path) -> None:
    async with serving(critic_dir) as critic:
        wanted = (await critic.values("q", "a\nb", [2, 3]))[-1], (await critic.values("whole", "", []))[0]
        heard = await critic.server.post("/classify", {"input": [f"q{SEPARATOR}a\n{SEPARATOR}b", "whole"]})
    assert [entry["probs"][1] for entry in heard.value["data"]] == pytest.approx(wanted, abs=1e-5)
    for entry, value in zip(heard.value["data"], wanted, strict=True):
        assert entry["label"] == ("right" if value > 0.5 else "wrong")
        assert entry["num_classes"] == 2


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "body.input"),
        ({"input": 1}, "body.input.str"),
        ({"input": [1, 2]}, "body.input.str"),
        ({"input": "a", "encoding_format": "base64"}, "body.encoding_format"),
        ({"input": "a", "task": "embed"}, "body.task"),
        ({"input": "a", "truncate_prompt_tokens": 5}, "body.truncate_prompt_tokens"),
        ({"input": ""}, "body.input.0"),
        ({"input": ["a", f"{SEPARATOR}a"]}, "body.input.1"),
        ({"input": "x" * 200}, "body.input.0"),
        ({"input": ["a", f"q{SEPARATOR}{SEPARATOR}a{SEPARATOR}"]}, "body.input.1"),
        ({"input": f"q{SEPARATOR}" * 121}, "body.input.0"),
        ({"input": []}, "body.input"),
        ({"input": ["a"] * 9}, "body.input"),
    ],
)
async def test_malformed_requests_get_vllms_error(critic_dir: Path, body: dict[str, Any], param: str | None) -> None:
    async with serving(critic_dir) as critic:
        heard = await critic.server.post("/pooling", body)
        assert (await critic.server.post("/classify", {"input": "a"})).status == 200
    assert heard.status == 400
    error = heard.value["error"]
    assert (error["code"], error["type"], error["param"]) == (400, "Bad Request", param)
    assert error["message"]


async def test_long_texts_are_cut_at_their_beginning_if_asked_to(critic_dir: Path) -> None:
    async with serving(critic_dir) as critic:
        text = "x" * 200 + SEPARATOR + "a\n" + SEPARATOR
        heard = await critic.server.post("/pooling", {"input": text, "truncate_prompt_tokens": -1})
        wanted = await critic.values("x" * 118, "a\n", [2])
        beyond = await critic.server.post("/pooling", {"input": "x" * 8000, "truncate_prompt_tokens": -1})
    assert [row[1] for row in heard.value["data"][0]["data"]] == pytest.approx(wanted, abs=1e-5)
    assert beyond.status == 400 and "8000 characters" in beyond.value["error"]["message"]


async def test_a_critic_that_stops_or_is_full_says_so(critic_dir: Path) -> None:
    async with serving(critic_dir, quota={"items_in_flight": 2}) as critic:
        assert (await critic.server.get("/health")).status == 200
        many = await critic.server.post("/pooling", {"input": ["a"] * 3})
        assert many.status == 400
        assert critic.service._admission.try_admit(8)
        full = await critic.server.post("/pooling", {"input": "a"})
        critic.service._admission.withdraw(8)
        assert (full.status, full.value["error"]["code"]) == (429, 429)
        assert int(full.headers["retry-after"]) >= 1
        await critic.service.drain()
        assert (await critic.server.post("/classify", {"input": "a"})).status == 503
        assert (await critic.server.get("/health")).status == 503

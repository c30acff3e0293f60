"""The commands of docs/http.md with the answers that it shows."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.codaserve.serving.http.asking import Heard, Server

PAGE = Path(__file__).parents[4] / "docs" / "http.md"
_EXAMPLE = re.compile(r"```sh\n(curl .*)\n```\n```json\n(.*)\n```")


def examples(port: int) -> Iterator[tuple[str, bytes | None, Any]]:
    """Path, body and shown answer of each command for a port."""
    for command, shown in _EXAMPLE.findall(PAGE.read_text(encoding="utf-8")):
        words = shlex.split(command)
        assert words[:2] == ["curl", "-s"]
        address, _, path = words[2].partition("/")
        if address == f"127.0.0.1:{port}":
            body = words[words.index("-d") + 1].encode() if "-d" in words else None
            yield "/" + path, body, json.loads(shown)


async def answer(server: Server, path: str, body: bytes | None) -> Heard:
    """What a server says to an example."""
    return await (server.get(path) if body is None else server.post(path, body))


def shows(shown: Any, value: Any) -> bool:
    """Whether an answer is as it is shown, or has more."""
    if isinstance(shown, dict):
        return isinstance(value, dict) and all(name in value and shows(shown[name], value[name]) for name in shown)
    if isinstance(shown, list):
        return isinstance(value, list) and len(shown) == len(value) and all(map(shows, shown, value))
    if isinstance(shown, float) and isinstance(value, float):
        return abs(shown - value) < 0.002  # numbers are shown rounded
    return bool(shown == value)

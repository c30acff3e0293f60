"""A server that speaks as vLLM does and computes with transformers, so that it can fail where vLLM would not."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import torch
from transformers import AutoModelForCausalLM

from trainer.rollout.transformers import choose

Fault = Callable[[str, int, "Handler"], bool]
"""Sees the path, how many requests to it came before, and the connection; True when it has answered itself."""


class Server:
    """Serves the policy in a folder until it is told to load another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.load(folder)
        self.version = "default"
        self.requests: list[tuple[str, Any]] = []
        self.fault: Fault = lambda path, number, handler: False
        self.lock = threading.Lock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"server_state": self}))
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.http.server_address[1]}"

    def load(self, folder: Path) -> None:
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def restart(self) -> None:
        """As a server that was started anew: with the weights that it began with."""
        self.load(self.folder)
        self.version = "default"

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.requests)

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()

    def answer(self, path: str, body: Any) -> Any:
        if path == "/v1/models":
            return {"data": [{"id": "policy", "parent": None, "max_model_len": 256}]}
        if path == "/weight_info":
            return {"weight_version": self.version}
        if path == "/update_weight_version":
            self.version = body["new_version"]
        if path == "/collective_rpc":
            self.load(Path(body["kwargs"]["weights_path"]))
        if path == "/v1/completions":
            with self.lock:
                return self.complete(body)
        return {}

    @torch.no_grad()
    def complete(self, body: Any) -> Any:
        prompt = body["prompt"]
        first: dict[str, Any] = {}
        if "prompt_logprobs" in body:
            logs = torch.log_softmax(self.model(torch.tensor([prompt])).logits[0].float(), -1)
            after = [{str(token): {"logprob": float(logs[place, token])}} for place, token in enumerate(prompt[1:])]
            first = {"prompt_logprobs": [None, *after]}
        choices = [
            {"index": index, "prompt_token_ids": prompt, **first, **self.respond(body, index)}
            for index in range(body.get("n", 1))
        ]
        return {"choices": choices[::-1]}

    def respond(self, body: Any, index: int) -> Any:
        ids: list[int] = []
        logs: list[float] = []
        generator = torch.Generator().manual_seed(body["seed"] + index)
        while len(ids) < body["max_tokens"]:
            logits = self.model(torch.tensor([body["prompt"] + ids])).logits[:, -1]
            token, log = choose(logits, torch.rand(1, generator=generator), body["temperature"], 1.0)
            ids.append(int(token))
            logs.append(float(log))
            if ids[-1] in body.get("stop_token_ids", []):
                return {"token_ids": ids, "logprobs": {"token_logprobs": logs}, "finish_reason": "stop"}
        return {"token_ids": ids, "logprobs": {"token_logprobs": logs}, "finish_reason": "length"}


class Handler(BaseHTTPRequestHandler):
    server_state: Server

    def do_GET(self) -> None:
        self.handle_request(None)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        data = self.rfile.read(length)
        self.handle_request(json.loads(data) if data else None)

    def handle_request(self, body: Any) -> None:
        state = self.server_state
        path = urlsplit(self.path).path
        number = state.count(path)
        state.requests.append((path, body))
        if not state.fault(path, number, self):
            self.reply(200, json.dumps(state.answer(path, body)).encode())

    def reply(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(policy_dir: Path) -> Iterator[Server]:
    it = Server(policy_dir)
    yield it
    it.stop()

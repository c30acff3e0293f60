"""Our requests and answers as vLLM's own models read them, in the environment of `make vllm`."""

import asyncio
import json
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.critic.http.test_vllm import SEPARATOR, serving

pytestmark = pytest.mark.vllm
PYTHON = Path(__file__).parents[3] / ".venv-vllm" / "bin" / "python"
READ = """
import json, sys
from vllm.entrypoints.pooling.classify.protocol import ClassificationCompletionRequest, ClassificationResponse
from vllm.entrypoints.pooling.pooling.protocol import PoolingCompletionRequest, PoolingResponse
from vllm.entrypoints.serve.engine.protocol import ErrorResponse

models = {
    "pooling": (PoolingCompletionRequest, PoolingResponse),
    "classify": (ClassificationCompletionRequest, ClassificationResponse),
    "error": (PoolingCompletionRequest, ErrorResponse),
}
for name, (asked, heard) in json.load(sys.stdin).items():
    for model, value in zip(models[name], (asked, heard), strict=True):
        read = model.model_validate(value)
        assert read.model_dump(exclude_unset=True) == value, (name, read, value)
        assert not read.model_extra, (name, read.model_extra)
print("read")
"""


async def test_vllms_models_read_requests_and_answers(critic_dir: Path) -> None:
    texts = [f"q{SEPARATOR}a\n{SEPARATOR}", "whole"]
    exchanges: dict[str, Any] = {}
    async with serving(critic_dir) as critic:
        for name, path, body in (
            ("pooling", "/pooling", {"model": "prm", "input": texts, "task": "token_classify"}),
            ("classify", "/classify", {"model": "prm", "input": texts}),
            ("error", "/pooling", {"input": "x" * 200}),
        ):
            exchanges[name] = [body, (await critic.server.post(path, body)).value]
    command = [str(PYTHON), "-c", READ]
    done = await asyncio.to_thread(
        partial(
            subprocess.run,
            command,
            input=json.dumps(exchanges),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    )
    assert done.stdout.endswith("read\n"), done.stderr[-4000:]

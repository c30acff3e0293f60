"""The command line, in processes of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from codaserve.settings import ConfigurationError
from codaserve.v1 import critic_pb2 as pb
from codaserve.v1 import critic_pb2_grpc
from critic.main import run

COMMAND = [sys.executable, "-m", "codaserve.cli.main", "critic"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@contextmanager
def served(checkpoint: Path, folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", grpc.Channel]]:
    address_file = folder / "address"
    arguments = ["--checkpoint", str(checkpoint), "--port", "0", "--address_file", str(address_file)]
    process = subprocess.Popen([*COMMAND, *arguments], env=ENVIRONMENT)
    try:
        deadline = time.monotonic() + 60
        while not address_file.exists():
            assert process.poll() is None, "the server ended before it answered"
            assert time.monotonic() < deadline, "the server did not come up"
            time.sleep(0.05)
        with grpc.insecure_channel(address_file.read_text().strip()) as channel:
            yield process, channel
    finally:
        process.kill()
        process.wait()


def test_serves_trains_reloads_and_stops(critic_dir: Path, lm_dir: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    rows = [{"prompt": f"q{n}", "response": "a\nb\n", "values": [0.5, 0.75, 1.0]} for n in range(20)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with served(critic_dir, tmp_path) as (process, channel):
        health = health_pb2_grpc.HealthStub(channel)
        check = health_pb2.HealthCheckRequest(service="codaserve.v1.Critic")
        assert health.Check(check, timeout=30).status == health_pb2.HealthCheckResponse.SERVING

        training = [*COMMAND, "train", "--data", str(data), "--base", str(lm_dir), "--output", str(tmp_path / "out")]
        done = subprocess.run(training, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert "constant mean" in done.stdout
        report = json.loads((tmp_path / "out" / "report.json").read_text())

        stub = critic_pb2_grpc.CriticStub(channel)  # type: ignore[no-untyped-call]
        answer = stub.Reload(pb.ReloadRequest(path=report["checkpoint"]), timeout=30)
        assert answer.checkpoint == report["identity"]
        group = pb.StateGroup(prompt="q", responses=pb.Responses(responses=[pb.Response(text="a\nb\n")]))
        values = stub.Evaluate(pb.EvaluateRequest(groups=[group]), timeout=30).evaluations[0].values
        assert values.checkpoint == report["identity"]
        assert len(values.responses[0].steps) == 2

        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "checkpoint: Field required"),
        (["--checkpoint", "/nonexistent"], "checkpoint: /nonexistent: no such folder"),
        (["--checkpoint", "/tmp", "--limits.max_groups", "9999"], "max_groups"),
        (["train", "--data", "d", "--base", "b", "--output", "/dev/null"], "output: /dev/null: is a file"),
        (["train", "--data", "/nonexistent", "--base", "b", "--output", "o"], "data: /nonexistent: cannot be read"),
    ],
)
def test_mistakes_name_the_key(arguments: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        run(arguments)

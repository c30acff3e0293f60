import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc

SERVER = Path(__file__).with_name("echo_server.py")


@contextmanager
def server(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    address_file = folder / "address"
    process = start(["--port", "0", "--address_file", str(address_file), "--exit_with_parent", *arguments])
    try:
        give_up = time.monotonic() + 30
        while not address_file.exists():
            assert process.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.02)
        yield process, address_file.read_text().strip()
    finally:
        process.kill()
        process.communicate()


def start(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(SERVER), *arguments], stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_health_reflection_and_drain_on_sigterm(tmp_path: Path) -> None:
    with server(tmp_path, "--delay", "1.5") as (process, address), grpc.insecure_channel(address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for service in ("", "codaserve.v1.Scorer"):
            answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        listing = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
            iter([reflection_pb2.ServerReflectionRequest(list_services="")]), timeout=10
        )
        names = {service.name for service in next(listing).list_services_response.service}
        assert {"codaserve.v1.Scorer", "grpc.health.v1.Health"} <= names

        stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
        running = stub.Score.future(pb.ScoreRequest(items=[pb.ScoreItem(id="a")]), timeout=20)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert (
            health.Check(health_pb2.HealthCheckRequest(), timeout=10).status
            == health_pb2.HealthCheckResponse.NOT_SERVING
        )
        alive = health.Check(health_pb2.HealthCheckRequest(service="liveness"), timeout=10)
        assert alive.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as refused:
            stub.Score(pb.ScoreRequest(items=[pb.ScoreItem(id="b")]), timeout=10)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
        assert running.result().results[0].verdict.correct
        assert process.wait(20) == 0


def test_stops_when_standard_input_ends(tmp_path: Path) -> None:
    with server(tmp_path) as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        assert process.wait(20) == 0


def test_draining_is_bounded(tmp_path: Path) -> None:
    with server(tmp_path, "--delay", "1000", "--drain_seconds", "0.1") as (process, address):
        with grpc.insecure_channel(address) as channel:
            stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
            stuck = stub.Score.future(pb.ScoreRequest(items=[pb.ScoreItem()]), timeout=60)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            with pytest.raises(grpc.RpcError):
                stuck.result()
        assert process.wait(20) == 0


def test_second_server_on_a_port_names_it(tmp_path: Path) -> None:
    with server(tmp_path) as (_, address):
        port = address.rsplit(":", 1)[1]
        second = start(["--port", port])
        _, errors = second.communicate(timeout=30)
        assert second.returncode == 2
        assert f"cannot listen on 127.0.0.1:{port}" in errors.decode()


def test_exit_with_parent_needs_a_pipe(tmp_path: Path) -> None:
    with (tmp_path / "not_a_pipe").open("w+") as file:
        done = subprocess.run(
            [sys.executable, str(SERVER), "--port", "0", "--exit_with_parent"],
            stdin=file,
            capture_output=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 2
    assert b"exit_with_parent" in done.stderr


def test_an_open_address_needs_a_lock_or_somebodys_word(tmp_path: Path) -> None:
    refused = start(["--port", "0", "--host", "0.0.0.0"])
    _, errors = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert b"insecure_public" in errors
    (tmp_path / "tokens").write_text("alice 0123456789abcdef\n")
    for lock in (["--insecure_public"], ["--tokens", str(tmp_path / "tokens")]):
        (tmp_path / "address").unlink(missing_ok=True)
        with server(tmp_path, "--host", "0.0.0.0", *lock) as (_, address):
            assert address.startswith("0.0.0.0:")


def test_an_open_address_for_metrics_needs_somebodys_word_even_behind_a_lock(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("alice 0123456789abcdef\n")
    watch = ["--metrics.port", "0", "--metrics.host", "0.0.0.0", "--metrics.address_file", str(tmp_path / "watch")]
    refused = start(["--port", "0", "--tokens", str(tmp_path / "tokens"), *watch])
    _, errors = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert b"metrics.insecure_public" in errors
    for word in (["--metrics.insecure_public", "--tokens", str(tmp_path / "tokens")], ["--insecure_public"]):
        (tmp_path / "address").unlink(missing_ok=True)
        with server(tmp_path, *watch, *word):
            assert (tmp_path / "watch").read_text().startswith("0.0.0.0:")


def test_metrics_and_probes_have_a_port_of_their_own(tmp_path: Path) -> None:
    watch = tmp_path / "watch"
    with server(tmp_path, "--metrics.port", "0", "--metrics.address_file", str(watch)) as (_, address):
        with grpc.insecure_channel(address) as channel:
            stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
            stub.Score(pb.ScoreRequest(items=[pb.ScoreItem(id="a")]), timeout=60)
        pages = {}
        for path in ("metrics", "livez", "readyz"):
            with urllib.request.urlopen(f"http://{watch.read_text().strip()}/{path}", timeout=60) as answer:
                pages[path] = answer.read().decode()
    assert 'codaserve_requests_total{code="OK",method="Score"} 1.0' in pages["metrics"]
    assert "codaserve_ready 1.0" in pages["metrics"]
    assert pages["livez"] == pages["readyz"] == "ok\n"


def test_a_message_beyond_the_limit_ends_as_documented_in_grpcs_own_words(tmp_path: Path) -> None:
    documented = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
    with server(tmp_path, "--max_message_bytes", "65536") as (_, address), grpc.insecure_channel(address) as channel:
        stub = scorer_pb2_grpc.ScorerStub(channel)  # type: ignore[no-untyped-call]
        item = pb.ScoreItem(id="a", math=pb.MathTask(gold=["1"], answer="1" * 100_000))
        with pytest.raises(grpc.RpcError) as refused:
            stub.Score(pb.ScoreRequest(items=[item]), timeout=60)
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "retry-after-ms" not in dict(refused.value.trailing_metadata() or ())
    words = re.search(r"Received .+", refused.value.details())  # some versions put "SERVER: " before it
    assert words is not None
    assert f"`{words[0]}`" in documented

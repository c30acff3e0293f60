from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from codaserve.cli.health import run

PATIENCE = ("--timeout", "60")


@pytest.fixture
def healths() -> health.HealthServicer:
    """States that a test sets."""
    return health.HealthServicer()


@pytest.fixture
def address(healths: health.HealthServicer) -> Iterator[str]:
    """Of a server that tells them."""
    server = grpc.server(ThreadPoolExecutor(2))
    health_pb2_grpc.add_HealthServicer_to_server(healths, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


def test_a_server_that_takes_work_is_healthy(
    healths: health.HealthServicer, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    healths.set("", health_pb2.HealthCheckResponse.SERVING)
    assert run([address, *PATIENCE]) == 0
    assert capsys.readouterr().out == "SERVING\n"


def test_one_of_several_services_is_asked_for(healths: health.HealthServicer, address: str) -> None:
    healths.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    healths.set("one", health_pb2.HealthCheckResponse.SERVING)
    assert run([address, *PATIENCE]) == 1
    assert run([address, *PATIENCE, "--service", "one"]) == 0


def test_an_unknown_service_is_not_healthy(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([address, *PATIENCE, "--service", "another"]) == 1
    assert "NOT_FOUND" in capsys.readouterr().out


def test_nobody_there_is_not_healthy(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["127.0.0.1:1", "--timeout", "0.2"]) == 1
    assert capsys.readouterr().out


def test_what_does_not_fit_together_is_told_apart(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([address, "--certificate", "alone.pem"]) == 2
    assert "key" in capsys.readouterr().err

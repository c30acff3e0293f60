"""A name stands for servers that come and go, as that of a headless Kubernetes service does."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

from codaserve import AsyncCriticClient, AsyncScorerClient, RetryPolicy
from codaserve.client import Access, names
from codaserve.client.names import Names, resolve
from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc
from tests.codaserve.client.fake_critic import FakeCritic
from tests.codaserve.client.fake_scorer import FakeScorer, items, right

NAME = "scorers.test"
PATIENT = RetryPolicy(initial_backoff=0.02, max_backoff=0.1, max_outage=120)


class Zone:
    """What a name stands for, and how often that was asked."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.asked = 0

    async def resolve(self, host: str, port: int) -> list[str]:
        assert (host, port) == (NAME, 1)
        self.asked += 1
        if not self.found:
            raise OSError("no such name")
        return list(self.found)


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Zone:
    zone = Zone()
    monkeypatch.setattr(names, "resolve", zone.resolve)
    monkeypatch.setattr(names, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(names, "LEAST_SECONDS", 0.01)
    return zone


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not true():  # noqa: ASYNC110, these are not events that anybody tells
            await asyncio.sleep(0.01)


def answers(results: list[pb.ScoreResult]) -> list[str]:
    return [result.verdict.extracted for result in results]


async def test_all_that_a_name_stands_for_share_the_work(zone: Zone) -> None:
    async with FakeScorer() as one, FakeScorer() as other, AsyncScorerClient(f"{NAME}:1") as client:
        zone.found = [one.address, other.address]
        assert answers(await client.score(items(100))) == [str(i) for i in range(100)]
        assert min(len(one.seen), len(other.seen)) > 0
        assert client.retries == 0
        await client.info()


async def test_reload_reaches_every_critic_behind_a_name(zone: Zone) -> None:
    async with FakeCritic() as one, FakeCritic() as other, AsyncCriticClient(f"{NAME}:1") as client:
        zone.found = [one.address]
        await client.reload("first")
        zone.found = [one.address, other.address]  # whatever was found just before
        assert [response.previous_checkpoint for response in await client.reload("second")] == ["first", "old"]
        assert (one.checkpoint, other.checkpoint) == ("second", "second")


async def test_servers_come_and_go_while_items_are_under_way(zone: Zone) -> None:
    """The first server keeps what it has and gets nothing more; its link is closed when it has answered."""
    moved = asyncio.Event()

    async def waits(item: pb.ScoreItem, context: grpc.aio.ServicerContext) -> pb.ScoreResult:
        await moved.wait()
        return right(item)

    async with AsyncExitStack() as stack:
        old = await stack.enter_async_context(FakeScorer(waits))
        new = await stack.enter_async_context(FakeScorer())
        client = await stack.enter_async_context(AsyncScorerClient(f"{NAME}:1"))
        zone.found = [old.address]

        async def asked() -> AsyncIterator[pb.ScoreItem]:
            for number, item in enumerate(items(60)):
                if number == 10:
                    await until(lambda: len(old.seen) == 10)
                    zone.found = [new.address]
                    await until(lambda: client._engine.addresses == (new.address,))
                yield item
            await until(lambda: len(new.seen) == 50)
            moved.set()

        results = [result async for result in client.stream(asked())]
        assert sorted(map(int, answers(results))) == list(range(60))
        assert sorted(map(int, old.seen)) == list(range(10))
        assert client.retries == 0
        asked_so_far = zone.asked
        await asyncio.sleep(0.2)
        assert zone.asked == asked_so_far  # an idle client asks nobody
        assert answers(await client.score(items(1))) == ["0"]
        assert list(client._engine._links) == [new.address]
        assert client._engine.balancer.items_left == AsyncScorerClient("a:1")._engine.balancer.items_left


async def test_a_failed_address_makes_it_look_again(
    zone: Zone, monkeypatch: pytest.MonkeyPatch, dead_address: str
) -> None:
    monkeypatch.setattr(names, "EVERY_SECONDS", 3600.0)
    async with FakeScorer() as server, AsyncScorerClient(f"{NAME}:1", retry=PATIENT) as client:
        zone.found = [dead_address]
        asking = asyncio.create_task(client.score(items(5)))
        await until(lambda: client.retries > 0)
        zone.found = [server.address]
        assert answers(await asking) == [str(i) for i in range(5)]


async def test_a_name_without_an_address_is_waited_for(zone: Zone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "EVERY_SECONDS", 3600.0)
    told: list[Any] = []
    async with FakeScorer() as server, AsyncScorerClient(f"{NAME}:1", retry=PATIENT, on_outage=told.append) as client:
        asking = asyncio.create_task(client.score(items(5)))
        await until(lambda: bool(told))
        zone.found = [server.address]
        assert answers(await asking) == [str(i) for i in range(5)]
        assert [outage.ended for outage in told] == [False, True]
        zone.found = []
        await client._engine._look()
        assert client._engine.addresses == (server.address,)  # it may serve still: only its calls can tell


async def test_no_outage_is_given_up_before_a_new_address_was_tried(zone: Zone, dead_address: str) -> None:
    async with FakeScorer() as server:
        retry = RetryPolicy(initial_backoff=0.02, max_backoff=0.1, max_outage=0)
        async with AsyncScorerClient(f"{NAME}:1", retry=retry) as client:
            zone.found = [dead_address]
            (result,) = await client.score(items(1))
            assert result.failure.code == pb.FAILURE_UNAVAILABLE
            zone.found = [dead_address, server.address]
            await client._engine._look()
            assert answers(await client.score(items(20))) == [str(i) for i in range(20)]


async def test_the_certificate_has_to_be_the_names(zone: Zone, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    async with AsyncExitStack() as stack:
        addresses = []
        for name in (NAME, "other.test"):
            certificate = authority.issue_cert(name)
            pair = (certificate.private_key_pem.bytes(), b"".join(c.bytes() for c in certificate.cert_chain_pems))
            server = grpc.aio.server()
            scorer_pb2_grpc.add_ScorerServicer_to_server(FakeScorer(), server)  # type: ignore[no-untyped-call]
            port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
            await server.start()
            stack.push_async_callback(server.stop, None)
            addresses.append(f"127.0.0.1:{port}")
        access = Access(ca=tmp_path / "ca.pem")
        zone.found = addresses[:1]
        async with AsyncScorerClient(f"{NAME}:1", access=access, retry=PATIENT) as client:
            assert answers(await client.score(items(3))) == ["0", "1", "2"]
        zone.found = addresses[1:]
        async with AsyncScorerClient(f"{NAME}:1", access=access, retry=RetryPolicy(max_outage=0)) as client:
            (result,) = await client.score(items(1))
            assert result.failure.code == pb.FAILURE_UNAVAILABLE
        other = Access(ca=tmp_path / "ca.pem", server_name="other.test")
        async with AsyncScorerClient(f"{NAME}:1", access=other, retry=PATIENT) as client:
            assert answers(await client.score(items(1))) == ["0"]


async def test_localhost() -> None:
    async with FakeScorer() as server, AsyncScorerClient(f"localhost:{server.port}") as client:
        assert answers(await client.score(items(5))) == [str(i) for i in range(5)]
        assert client._engine.addresses == (server.address,)
        assert client.retries == 0


@pytest.mark.parametrize("listens", ["127.0.0.1", "::1", None])
async def test_of_two_families_the_one_that_answers_is_taken(
    listens: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = socket.AF_INET6 if listens == "::1" else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as server:
        try:
            server.bind((listens or "127.0.0.1", 0))
        except OSError:
            pytest.skip("no IPv6 here")
        port = server.getsockname()[1]
        if listens:
            server.listen()
        both = [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
        found = await resolve("localhost", port)
    assert (
        found
        == {
            "127.0.0.1": [f"127.0.0.1:{port}"],
            "::1": [f"[::1]:{port}"],
            None: [f"127.0.0.1:{port}", f"[::1]:{port}"],
        }[listens]
    )


def test_only_names_are_resolved() -> None:
    for address in ("127.0.0.1:1", "[::1]:1", "dns:///name:1", "unix:/run/a", "name", "ipv4:1.2.3.4:5"):
        assert not Names([address]).any, address
    assert Names(["127.0.0.1:1", "localhost:1"]).any
    assert Names(["a:1", "1.2.3.4:1"]).addresses == ("a:1", "1.2.3.4:1")

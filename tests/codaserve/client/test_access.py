"""The client's side of tokens and certificates, against the real boundary."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

from codaserve.client import Access, AsyncScorerClient, RetryPolicy, ServiceError
from codaserve.client import access as module
from codaserve.serving.access.certificates import Certificates
from codaserve.serving.access.gate import Gate
from codaserve.serving.access.settings import TlsSettings
from codaserve.serving.boundary import Boundary, caller
from codaserve.v1 import scorer_pb2 as pb
from codaserve.v1 import scorer_pb2_grpc

TOKEN, LATER = "0123456789abcdef-first", "0123456789abcdef-later"
ITEM = pb.ScoreItem(id="a", math=pb.MathTask(gold=["1"], answer="1"))
Serve = Callable[..., Awaitable[str]]


class WhoScorer(scorer_pb2_grpc.ScorerServicer):
    """Answers each item with the caller's name."""

    async def Score(self, request: pb.ScoreRequest, context: Any) -> pb.ScoreResponse:  # noqa: N802
        verdict = pb.Verdict(correct=True, score=1, detail=caller(context).name)
        return pb.ScoreResponse(results=[pb.ScoreResult(id=item.id, verdict=verdict) for item in request.items])

    async def ScoreStream(self, requests: Any, context: Any) -> AsyncIterator[pb.ScoreResult]:  # noqa: N802
        async for item in requests:
            yield pb.ScoreResult(id=item.id, verdict=pb.Verdict(correct=True, score=1, detail=caller(context).name))

    async def Info(self, request: pb.ScorerInfoRequest, context: Any) -> pb.ScorerInfo:  # noqa: N802
        return pb.ScorerInfo(version="1")


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(tokens: Path | None, tls: TlsSettings | None = None) -> str:
            server = grpc.aio.server(interceptors=[Boundary(Gate(tokens), certified=tls is not None)])
            scorer_pb2_grpc.add_ScorerServicer_to_server(WhoScorer(), server)  # type: ignore[no-untyped-call]
            if tls is None:
                port = server.add_insecure_port("localhost:0")
            else:
                port = server.add_secure_port("localhost:0", Certificates(tls).credentials())
            await server.start()
            stack.push_async_callback(server.stop, None)
            return f"localhost:{port}"

        yield start


def changed(path: Path, text: str) -> None:
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 10**9,) * 2)


async def test_a_token_goes_with_every_call(tmp_path: Path, serve: Serve) -> None:
    changed(tmp_path / "tokens", f"alice {TOKEN}\n")
    address = await serve(tmp_path / "tokens")
    changed(tmp_path / "mine", TOKEN + "\n")
    for access in (Access(token=TOKEN), Access(token_file=tmp_path / "mine")):
        async with AsyncScorerClient(address, access=access) as client:
            assert (await client.info()).version == "1"
            (result,) = await client.score([ITEM])
            assert result.verdict.detail == "token:alice"
            assert [result.verdict.detail async for result in client.stream([ITEM])] == ["token:alice"]


async def test_without_a_valid_token_the_reason_is_told(tmp_path: Path, serve: Serve) -> None:
    changed(tmp_path / "tokens", f"alice {TOKEN}\n")
    address = await serve(tmp_path / "tokens")
    for access, complaint in ((Access(), "a token is needed"), (Access(token=LATER), "not one of the server's")):
        async with AsyncScorerClient(address, access=access, retry=RetryPolicy(max_outage=0)) as client:
            with pytest.raises(ServiceError, match=f"UNAUTHENTICATED.*{complaint}"):
                await client.info()
            (result,) = await client.score([ITEM])
            assert result.failure.code == pb.FAILURE_UNAVAILABLE
            assert complaint in result.failure.message


async def test_tokens_change_on_both_sides_while_items_wait(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)
    changed(tmp_path / "tokens", f"alice {LATER}\n")
    changed(tmp_path / "mine", TOKEN)
    address = await serve(tmp_path / "tokens")
    told: list[str] = []

    def on_outage(outage: Any) -> None:
        told.append(outage.error)
        changed(tmp_path / "mine", LATER)

    access = Access(token_file=tmp_path / "mine")
    async with AsyncScorerClient(address, access=access, on_outage=on_outage) as client:
        (result,) = await client.score([ITEM])
    assert result.verdict.detail == "token:alice"
    assert "UNAUTHENTICATED" in told[0]


async def test_mutual_tls(tmp_path: Path, serve: Serve) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    for name, leaf in (
        ("server", authority.issue_cert("scorer.example")),
        ("client", authority.issue_cert("t.example")),
    ):
        leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / f"{name}.pem")
    own = {"certificate": tmp_path / "server.pem", "key": tmp_path / "server.pem", "client_ca": tmp_path / "ca.pem"}
    address = await serve(None, TlsSettings.model_validate(own))
    access = Access(
        ca=tmp_path / "ca.pem",
        certificate=tmp_path / "client.pem",
        key=tmp_path / "client.pem",
        server_name="scorer.example",
    )
    async with AsyncScorerClient(address, access=access) as client:
        (result,) = await client.score([ITEM])
    assert result.verdict.detail == "certificate:t.example"


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"token": "a", "token_file": "b"}, "not both"),
        ({"certificate": "a"}, "belong together"),
        ({"server_name": "a"}, "needs tls"),
    ],
)
def test_parts_that_do_not_fit_together(values: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Access(**values)  # type: ignore[arg-type]


def test_a_token_is_not_shown() -> None:
    assert TOKEN not in repr(Access(token=TOKEN))


def test_a_tokens_file_must_be_there_and_hold_one(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="mine"):
        Access(token_file=tmp_path / "mine").metadata()
    (tmp_path / "mine").write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        Access(token_file=tmp_path / "mine").metadata()

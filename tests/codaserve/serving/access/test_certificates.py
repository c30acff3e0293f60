"""Real TLS on loopback, with authorities made for the test."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme

from codaserve.configuration import ConfigurationError
from codaserve.serving.access.certificates import Certificates
from codaserve.serving.access.settings import TlsSettings
from codaserve.serving.boundary import caller

TIMEOUT = 60.0
Serve = Callable[[TlsSettings], Awaitable[int]]


def write(folder: Path, certificate: trustme.LeafCert, step: int = 0) -> TlsSettings:
    """The files of a server, as they are at a step of time."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key.write_bytes(certificate.private_key_pem.bytes())
    for file in (chain, key):
        os.utime(file, ns=(10**18 + step * 10**9,) * 2)
    return TlsSettings(certificate=chain, key=key)


def root_of(authority: trustme.CA) -> bytes:
    return authority.cert_pem.bytes()


async def who(port: int, credentials: Any) -> str:
    """The caller's name as the server has it."""
    async with grpc.aio.secure_channel(f"localhost:{port}", credentials) as channel:
        answer: bytes = await channel.unary_unary("/test.Test/Who")(b"", timeout=TIMEOUT, wait_for_ready=False)
        return answer.decode()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(settings: TlsSettings) -> int:
            async def answer(request: bytes, context: Any) -> bytes:
                return caller(context).name.encode()

            server = grpc.aio.server()
            handler = grpc.unary_unary_rpc_method_handler(answer)
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Test", {"Who": handler}),))
            port: int = server.add_secure_port("localhost:0", Certificates(settings).credentials())
            await server.start()
            stack.push_async_callback(server.stop, None)
            return port

        yield start


async def test_encrypts_and_reads_a_new_certificate_without_a_restart(tmp_path: Path, serve: Serve) -> None:
    old, new = trustme.CA(), trustme.CA()
    port = await serve(write(tmp_path, old.issue_cert("localhost")))
    trust_old = grpc.ssl_channel_credentials(root_of(old))
    trust_new = grpc.ssl_channel_credentials(root_of(new))
    assert (await who(port, trust_old)).startswith("peer:")
    with pytest.raises(grpc.aio.AioRpcError):
        await who(port, trust_new)
    write(tmp_path, new.issue_cert("localhost"), 1)
    assert (await who(port, trust_new)).startswith("peer:")
    (tmp_path / "key.pem").write_text("no key")
    assert (await who(port, trust_new)).startswith("peer:")  # the last good one


async def test_a_client_is_its_certificates_subject(tmp_path: Path, serve: Serve) -> None:
    authority, clients = trustme.CA(), trustme.CA()
    settings = write(tmp_path, authority.issue_cert("localhost"))
    settings.client_ca = tmp_path / "clients.pem"
    settings.client_ca.write_bytes(root_of(clients))
    port = await serve(settings)

    def showing(certificate: trustme.LeafCert) -> Any:
        chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        return grpc.ssl_channel_credentials(root_of(authority), certificate.private_key_pem.bytes(), chain)

    assert await who(port, showing(clients.issue_cert("a.example", common_name="trainer-a"))) == "certificate:trainer-a"
    assert await who(port, showing(clients.issue_cert("b.example"))) == "certificate:b.example"
    for stranger in (showing(authority.issue_cert("a.example")), grpc.ssl_channel_credentials(root_of(authority))):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await who(port, stranger)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    settings = TlsSettings(certificate=tmp_path / "chain.pem", key=tmp_path / "key.pem")
    with pytest.raises(ConfigurationError, match=r"chain\.pem cannot be read"):
        Certificates(settings).credentials()
    for file in ("chain.pem", "key.pem"):
        (tmp_path / file).write_text("nothing")
    with pytest.raises(ConfigurationError, match=r"chain\.pem is no PEM file"):
        Certificates(settings).credentials()


def test_parts_that_belong_together() -> None:
    for values in ({"certificate": "a"}, {"key": "a"}, {"client_ca": "a"}):
        with pytest.raises(ValueError, match="certificate and key"):
            TlsSettings.model_validate(values)

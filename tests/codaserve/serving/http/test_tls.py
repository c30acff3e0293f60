"""The HTTP port with real TLS on loopback."""

import asyncio
import os
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from codaserve.serving.access.client import Client
from codaserve.serving.http.messages import Answer, answer_json
from codaserve.serving.http.route import Nothing, Route
from codaserve.settings import ConfigurationError
from tests.codaserve.serving.http.asking import LONG, Line, Server, request, serving


async def name(client: Client, body: Nothing) -> Answer:
    return answer_json(client.name)


ROUTES: list[Route[Any]] = [Route("GET", "/name", "test", "Who asks", Nothing, None, name)]


def write(folder: Path, certificate: trustme.LeafCert, step: int = 0) -> dict[str, Path]:
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    key.write_bytes(certificate.private_key_pem.bytes())
    for file in (chain, key):
        os.utime(file, ns=(10**18 + step * 10**9,) * 2)
    return {"certificate": chain, "key": key}


async def ask(server: Server, trusted: trustme.CA, shown: trustme.LeafCert | None = None) -> Any:
    context = ssl.create_default_context()
    trusted.configure_trust(context)
    if shown is not None:
        shown.configure_cert(context)
    port = int(server.address.rpartition(":")[2])
    opening = asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    line = Line(*await asyncio.wait_for(opening, LONG))
    try:
        await line.send(request("GET", "/name"))
        return (await line.hear()).value
    finally:
        await line.hang_up()


async def test_encrypts_and_reads_a_new_certificate_without_a_restart(tmp_path: Path) -> None:
    before, after = trustme.CA(), trustme.CA()
    tls = write(tmp_path, before.issue_cert("localhost"))
    async with serving(ROUTES, {"tls": tls}) as server:
        assert await ask(server, before) == "peer:127.0.0.1"
        with pytest.raises(ssl.SSLError):
            await ask(server, after)
        write(tmp_path, after.issue_cert("localhost"), step=1)
        assert await ask(server, after) == "peer:127.0.0.1"
        tls["key"].write_text("broken")
        assert await ask(server, after) == "peer:127.0.0.1"


async def test_a_client_is_its_certificates_subject(tmp_path: Path) -> None:
    own, others = trustme.CA(), trustme.CA()
    roots = tmp_path / "roots.pem"
    own.cert_pem.write_to_path(str(roots))
    tls = {**write(tmp_path, own.issue_cert("localhost")), "client_ca": roots}
    async with serving(ROUTES, {"tls": tls}) as server:
        assert await ask(server, own, own.issue_cert("t@example.org", common_name="trainer")) == "certificate:trainer"
        for stranger in (None, others.issue_cert("t@example.org")):
            with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
                await ask(server, own, stranger)


async def test_files_that_cannot_be_used_are_told_at_start(tmp_path: Path) -> None:
    tls = write(tmp_path, trustme.CA().issue_cert("localhost"))
    tls["certificate"].write_text("nothing")
    with pytest.raises(ConfigurationError, match="tls: "):
        async with serving(ROUTES, {"tls": tls}):
            pass

"""One server process asks another on this machine, straight: no proxy that the environment names comes between."""

import asyncio
from pathlib import Path


async def ask(file: Path, page: str, seconds: float) -> str | None:
    """A page of a process's endpoint.

    Args:
        file: With the endpoint's address.
        page: Its path.
        seconds: For the whole of it.

    Returns:
        The text; None if the endpoint is not there, does not answer in time, or answers that something is wrong.
    """
    try:
        host, _, port = file.read_text(encoding="utf-8").strip().rpartition(":")
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(f"GET {page} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
                answer = await reader.read()
            finally:
                writer.transport.abort()
    except OSError:
        return None
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = head.lower().split(b"\r\n")
    whole = f"content-length: {len(body)}".encode() in fields
    return body.decode() if whole and status.split()[1:2] == [b"200"] else None

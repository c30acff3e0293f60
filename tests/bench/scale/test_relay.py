import asyncio

from bench.scale.relay import relay


async def test_what_passes_is_counted_in_both_directions_and_arrives() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read()
        writer.write(asked + asked)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(60), server:
        async with relay(f"127.0.0.1:{port}") as (address, count):
            host, _, relayed = address.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(relayed))
            writer.write(b"x" * 100_000)
            writer.write_eof()
            assert await reader.read() == b"x" * 200_000
            writer.close()
        assert (count.sent, count.received) == (100_000, 200_000)

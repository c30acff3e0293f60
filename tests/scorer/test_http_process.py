"""The scorer's process with a port for HTTP: both ports stop together."""

import asyncio
import signal
from pathlib import Path

from codaserve.embedded import EmbeddedService
from tests.codaserve.serving.http.asking import LONG, Server, request

RUN = b'{"code": "import time; time.sleep(60)", "language": "python", "run_timeout": 60}'
QUICK = {"code": "print(1)", "language": "python"}


async def test_a_scorer_that_stops_refuses_over_http_until_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "address"
    options = ["--http.port", "0", "--http.address_file", str(file), "--math.workers", "1"]
    options += ["--code.sandbox.slots", "2", "--code.languages", "python"]
    service = await asyncio.to_thread(EmbeddedService.start, "scorer", options, timeout=120)
    with service:
        server = Server(file.read_text().strip())
        assert (await server.post("/run_code", QUICK)).value["run_result"]["stdout"] == "1\n"
        running = await server.call()
        await running.send(request("POST", "/run_code", RUN))
        assert (await server.post("/run_code", QUICK)).status == 200  # by now the other is inside
        service.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LONG):
            while (ping := await server.get("/v1/ping")).status == 200:  # noqa: ASYNC110 - the server is asked
                await asyncio.sleep(0.05)
        assert (ping.status, ping.value["status"]) == (504, "SandboxError")
        assert (await server.post("/slime", {"response": "1", "label": "1"})).status == 503
        assert service.alive
        service.process.send_signal(signal.SIGTERM)  # the second ends what runs
        cut_short = await running.hear()
        assert (cut_short.status, cut_short.value["status"]) == (504, "SandboxError")
        assert await asyncio.to_thread(service.process.wait, LONG) == 0

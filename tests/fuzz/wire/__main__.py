"""Random and broken messages to every method of a scorer and of a critic of their own.

    python -m tests.fuzz.wire [SECONDS [SEED [PROGRAM]]]

Fails when a service ends, hangs, faults, answers other items than it was sent, or refuses one without naming the field
that is wrong. Half of the time each.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Literal, cast

from google.protobuf.descriptor import ServiceDescriptor

from codaserve.embedded import EmbeddedService
from codaserve.v1 import critic_pb2, scorer_pb2
from tests.fuzz.wire.fuzzer import Report, fuzz

SECONDS = 60.0
PROGRAMS = ("scorer", "critic")
CRITIC = Path(__file__).parents[3] / "trainer" / "demo" / "assets" / "critic"


def served(program: str, seconds: float, seed: int, log: Path) -> Report:
    """Fuzzes a service that is started for it."""
    service: ServiceDescriptor
    if program == "scorer":
        service = scorer_pb2.DESCRIPTOR.services_by_name["Scorer"]
        arguments: list[str] = []
    else:
        service = critic_pb2.DESCRIPTOR.services_by_name["Critic"]
        arguments = ["--checkpoint", str(CRITIC), "--device", "cpu"]
    with EmbeddedService.start(cast(Literal["scorer", "critic"], program), arguments, log=log) as running:
        report = asyncio.run(fuzz(running.address, service, seconds, seed))
        if not running.alive:
            report.found[f"the {program} ended"] = "see its log"
        status = running.stop(120)
        if status:
            report.found[f"the {program} ended with status {status} when it was told to stop"] = "see its log"
    text = log.read_text(errors="replace")
    if "Traceback" in text:
        at = text.index("Traceback")
        report.found[f"the {program} wrote a traceback"] = text[at : at + 3000]
    return report


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns()
    print(f"seed {seed}")
    found = 0
    with tempfile.TemporaryDirectory(prefix="codaserve-wire-") as folder:
        for program in PROGRAMS if len(sys.argv) <= 3 else sys.argv[3:]:
            report = served(program, seconds / 2, seed, Path(folder, program))
            print(f"{program}: {report}", flush=True)
            found += len(report.found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Keeps a scorer and a critic at half load and watches what they and their client hold of the machine.

    python -m bench.soak [--minutes N] [--warm N]

As root: descriptors and memory of the sandboxes' processes are looked at. The scorer has four slots and programs that
mostly sleep, at half of what the slots can do; by this two cores are mostly idle, and what is watched is not how fast
anything is. Beside them math, programs that compute, a critic, and clients that come and go. Writes
bench/results/soak_hour.md and .svg; status 1 when an answer was not as it should be or something grew.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.code import usage
from bench.soak import holdings
from bench.soak.asked import SLOTS
from bench.soak.holdings import Holdings
from bench.soak.report import drawn, written
from codaserve.embedded import EmbeddedService, log_tail
from codaserve.files import write_atomically
from trainer.demo.settings import CRITIC, SHIPPED

OUTPUT = Path("bench/results/soak_hour.md")
SAMPLES = Path("runs/soak_hour.json")
"""What was sampled, from which `--again` makes the report without an hour."""
SAMPLE_SECONDS = 10.0
START_SECONDS = 600.0
LATE_SECONDS = 300.0
"""After the end by which the client has to be done."""
SCORER = ["--code.sandbox.slots", str(SLOTS), "--math.workers", "1", "--math.cache_bytes", str(2**20)]
"""A small cache is full before the watching begins."""
CRITIC_ARGUMENTS = ["--checkpoint", str(SHIPPED / CRITIC), "--device", "cpu", "--threads", "1"]


def run(seconds: float, log: Path) -> tuple[dict[str, list[Holdings]], dict[str, Any]]:
    """Samples by name of the process, the last with the load gone, and what the client says came of it.

    Raises:
        RuntimeError: A process ended too early, or the client too late.
    """
    with (
        EmbeddedService.start("scorer", SCORER, timeout=START_SECONDS, log=log) as scorer,
        EmbeddedService.start("critic", CRITIC_ARGUMENTS, timeout=START_SECONDS, log=log) as critic,
    ):
        command = [sys.executable, "-m", "bench.soak.client", scorer.address, critic.address, str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as client:
            try:
                roots = {"scorer": scorer.process.pid, "critic": critic.process.pid, "client": client.pid}
                samples: dict[str, list[Holdings]] = {name: [] for name in roots}
                spent = {name: usage.cpu_seconds(root) for name, root in roots.items()}
                begun = time.monotonic()
                while (now := time.monotonic() - begun) < seconds:
                    if client.poll() is not None or not scorer.alive or not critic.alive:
                        raise RuntimeError(f"a process ended after {now:.0f} s: {log_tail(log)}")
                    for name, root in roots.items():
                        samples[name].append(holdings.of(root, time.monotonic() - begun))
                    time.sleep(max(min(SAMPLE_SECONDS, seconds - now), 0))
                said, _ = client.communicate(timeout=LATE_SECONDS)
            finally:
                client.kill()
        time.sleep(SAMPLE_SECONDS)
        found = json.loads(said)
        found["services_cpu_seconds"] = {
            name: usage.cpu_seconds(roots[name]) - spent[name] for name in ("scorer", "critic")
        }
        for name in ("scorer", "critic"):
            samples[name].append(holdings.of(roots[name], time.monotonic() - begun))
        return samples, found


def _keep(path: Path, samples: dict[str, list[Holdings]], found: dict[str, Any]) -> None:
    listed = {name: [asdict(one) for one in all_of_it] for name, all_of_it in samples.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"samples": listed, "found": found}))


def main() -> int:
    """Runs, writes, and says whether all stayed as it was."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--warm", type=float, default=10.0, help="minutes of them before the trend begins")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--samples", type=Path, default=SAMPLES)
    parser.add_argument("--again", action="store_true", help="only make the report of these samples again")
    arguments = parser.parse_args()
    if not arguments.again:
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            _keep(arguments.samples, *run(60 * arguments.minutes, Path(folder, "log")))
    kept = json.loads(arguments.samples.read_text(encoding="utf-8"))
    samples = {name: [Holdings(**one) for one in all_of_it] for name, all_of_it in kept["samples"].items()}
    found = kept["found"]
    plot = arguments.output.with_suffix(".svg")
    drawn(samples, plot)
    command = f"python -m bench.soak --minutes {arguments.minutes:g} --warm {arguments.warm:g}"
    text, flat = written(samples, found, 60 * arguments.minutes, 60 * arguments.warm, command, plot.name)
    write_atomically(arguments.output, text)
    print(text)
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())

"""Trains with two scorers and a critic at addresses, of which one scorer is killed and started again every 20 s, and
compares the run with an undisturbed one of the same seed. Two minutes or so for each run.

.venv/bin/python -m bench.disturbed [--period 20] [--steps 60] [--output runs/disturbed]

Exit status 1 when anything differs but metrics in their last digits, or when no retry was reported.
"""

import argparse
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.disturbed.compare import compare, retries
from bench.disturbed.replica import Replica
from bench.disturbed.run import run_both
from trainer.report.reports import EvaluationReport, Observer, StepReport

TOLERANCE = 1e-3
"""Relative difference of metrics that counts as none."""


class _Shown:
    """Prints what a person should know of the disturbed run."""

    def on_step(self, report: StepReport) -> None:
        if any(report.retries.values()):
            print(f"step {report.step}: sent again {report.retries}", flush=True)

    def on_evaluation(self, report: EvaluationReport) -> None:
        pass

    def on_event(self, text: str) -> None:
        print(text, flush=True)


def main(argv: Sequence[str]) -> int:
    """Prints what both runs came to."""
    parser = argparse.ArgumentParser(prog="python -m bench.disturbed", description=__doc__)
    parser.add_argument("--period", type=float, default=20.0, help="seconds between being back and the next kill")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--questions", type=int, default=16, help="of a batch")
    parser.add_argument("--output", type=Path, default=Path("runs/disturbed"))
    arguments = parser.parse_args(argv)
    shutil.rmtree(arguments.output, ignore_errors=True)
    kills: list[int] = []

    @contextmanager
    def disturb(replica: Replica) -> Iterator[Observer]:
        end = threading.Event()

        def kill_again_and_again() -> None:
            while not end.wait(arguments.period):
                replica.kill()
                replica.start()

        with ThreadPoolExecutor(1) as pool:
            killing = pool.submit(kill_again_and_again)
            try:
                yield _Shown()
            finally:
                end.set()
            killing.result()
        kills.append(replica.kills)

    begin = time.monotonic()
    undisturbed, disturbed = run_both(
        arguments.output, steps=arguments.steps, questions=arguments.questions, response_tokens=160, disturb=disturb
    )
    found = compare(undisturbed, disturbed)
    again = retries(disturbed)
    print(f"{time.monotonic() - begin:.0f} s for both runs of {arguments.steps} steps, {kills[0]} kills")
    print(f"sent again: {again}; in the undisturbed run: {retries(undisturbed)}")
    print(f"{found.numbers} metrics compared, largest relative difference {found.largest:.2g} ({found.where})")
    print(f"rewards, texts and counts that differ: {len(found.different)}")
    for line in found.different[:10]:
        print(f"  {line}")
    return int(bool(found.different) or found.largest > TOLERANCE or not again.get("scorer"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

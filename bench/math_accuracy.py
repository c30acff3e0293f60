"""Accuracy of the math verifier on labelled cases, beside plain math-verify.

    python -m bench.math_accuracy DATA_FOLDER [--sets NAME ...] [--skip-plain] [--show]

DATA_FOLDER holds JSON-lines files of cases: `id`, `gold`, `response` or `answer`, `label`. An undecided verdict counts
as not accepted. Plain math-verify runs with its default configuration in processes that are killed after 10 s.
"""

import argparse
import asyncio
import json
import logging
import multiprocessing
import multiprocessing.connection
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codaserve.v1 import scorer_pb2 as pb
from scorer.math.settings import MathSettings
from scorer.math.verifier import MathVerifier

PLAIN_SECONDS = 10.0


@dataclass
class Tally:
    """What one verifier did on one set."""

    cases: int = 0
    agreed: int = 0
    false_accepts: list[str] = field(default_factory=list)
    false_rejects: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, case: dict[str, Any], accepted: bool | None) -> None:
        """Counts one case; None is undecided."""
        self.cases += 1
        if bool(accepted) == case["label"]:
            self.agreed += 1
        elif accepted:
            self.false_accepts.append(case["id"])
        else:
            self.false_rejects.append(case["id"])
        if accepted is None:
            self.undecided.append(case["id"])

    def __str__(self) -> str:
        rate = self.cases / self.seconds if self.seconds else 0.0
        wrong = f"{self.agreed / self.cases:.4f} {len(self.false_accepts):4d} {len(self.false_rejects):4d}"
        return f"{wrong} {len(self.undecided):4d} {rate:7.0f}"


async def ours(cases: list[dict[str, Any]], verifier: MathVerifier, at_once: int) -> Tally:
    """Judges the cases with this project's verifier."""
    tally = Tally()
    limit = asyncio.Semaphore(at_once)

    async def judge(case: dict[str, Any]) -> bool | None:
        task = pb.MathTask(gold=[case["gold"]])
        if "answer" in case:
            task.answer = case["answer"]
        else:
            task.response = case["response"]
        async with limit:
            verdict = await verifier.verify(task, deadline=asyncio.get_running_loop().time() + 600)
        return verdict.correct if verdict.HasField("correct") else None

    started = time.monotonic()
    verdicts = await asyncio.gather(*(judge(case) for case in cases))
    tally.seconds = time.monotonic() - started
    for case, accepted in zip(cases, verdicts, strict=True):
        tally.add(case, accepted)
    return tally


def plain(cases: list[dict[str, Any]]) -> Tally:
    """Judges the cases with math-verify as it comes."""
    tally = Tally()
    started = time.monotonic()
    worker: tuple[Any, Any] | None = None
    for case in cases:
        worker = worker or _plain_worker()
        process, pipe = worker
        pipe.send((_as_latex(case["gold"]), case.get("response") or _as_latex(case.get("answer", ""))))
        if pipe.poll(PLAIN_SECONDS):
            try:
                tally.add(case, pipe.recv())
                continue
            except EOFError:
                pass
        process.kill()
        process.join()
        worker = None
        tally.add(case, None)
    if worker is not None:
        worker[0].kill()
        worker[0].join()
    tally.seconds = time.monotonic() - started
    return tally


def _plain_worker() -> tuple[Any, Any]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve_plain, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _as_latex(text: str) -> str:
    return text if "$" in text else f"${text}$"


def _serve_plain(pipe: "multiprocessing.connection.Connection[Any, Any]") -> None:
    from math_verify import parse, verify

    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    while True:
        gold, answer = pipe.recv()
        pipe.send(bool(verify(parse(gold), parse(answer))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of labelled cases")
    parser.add_argument("--sets", nargs="*", help="names of files without ending; all by default")
    parser.add_argument("--skip-plain", action="store_true", help="do not run plain math-verify")
    parser.add_argument("--show", action="store_true", help="print the ids of all disagreements")
    arguments = parser.parse_args()
    print(f"{'set':28s} cases | ours: agree  FA   FR  und items/s | math-verify: agree FA FR und items/s")
    asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> None:
    settings = MathSettings()
    verifier = MathVerifier(settings)
    await verifier.start()
    try:
        for path in sorted(arguments.data.glob("*.jsonl")):
            if arguments.sets and path.stem not in arguments.sets:
                continue
            cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            tally = await ours(cases, verifier, settings.workers)
            beside = "" if arguments.skip_plain else f" | {await asyncio.to_thread(plain, cases)}"
            print(f"{path.stem:28s} {tally.cases:5d} | {tally}{beside}", flush=True)
            if arguments.show:
                _show(tally, {case["id"]: case for case in cases})
    finally:
        await verifier.close()


def _show(tally: Tally, by_id: dict[str, dict[str, Any]]) -> None:
    for kind in ("false_accepts", "false_rejects", "undecided"):
        for name in getattr(tally, kind):
            case = by_id[name]
            answer = case.get("answer") or case["response"]
            print(f"    {kind} {name} gold {case['gold'][:90]!r} answer {answer[-110:]!r}")


if __name__ == "__main__":
    main()

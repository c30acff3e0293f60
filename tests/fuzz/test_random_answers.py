"""Random and mutated answers through a running scorer: no hang, no crash, no worker left, memory flat."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from codaserve.client import ScorerClient
from codaserve.embedded import EmbeddedService
from codaserve.v1 import scorer_pb2 as pb
from tests.fuzz.answers import tasks

BATCH = 250
WARM = 0.2
"""Share of the run after which memory must not grow any more than by GROWTH."""
GROWTH = 1.3
ALLOWED_FAILURES = {pb.FAILURE_INVALID_TASK}


@pytest.mark.parametrize(
    "items", [pytest.param(20_000, marks=pytest.mark.system), pytest.param(100_000, marks=pytest.mark.soak)]
)
def test_no_answer_hangs_crashes_or_leaks(items: int) -> None:
    with EmbeddedService.start("scorer", ["--math.workers", "2"]) as service, ScorerClient(service.address) as client:
        waiting: list[pb.ScoreItem] = []
        seen: Counter[str] = Counter()
        memory: list[int] = []

        def flush() -> None:
            results = client.score(waiting, timeout=120)
            for item, result in zip(waiting, results, strict=True):
                seen[_kind(item, result)] += 1
            waiting.clear()
            memory.append(_resident(service.process.pid))
            if len(memory) % 20 == 0:
                print(sum(seen.values()), dict(seen), f"{memory[-1] >> 20} MiB", flush=True)

        @settings(
            max_examples=items,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(tasks())
        def feed(task: pb.MathTask) -> None:
            waiting.append(pb.ScoreItem(math=task))
            if len(waiting) == BATCH:
                flush()

        feed()
        flush()
        workers = len(_children(service.process.pid))
        print(f"{sum(seen.values())} answers: {dict(seen)}; {memory[0] >> 20} to {memory[-1] >> 20} MiB")
        assert sum(seen.values()) >= items * 0.9  # hypothesis may stop early when it runs out of new examples
        assert service.alive
        assert workers <= 8, "processes of killed workers were not reaped"
        assert max(memory[-3:]) < GROWTH * memory[int(WARM * len(memory))]


def _kind(item: pb.ScoreItem, result: pb.ScoreResult) -> str:
    if result.HasField("verdict"):
        return pb.Reason.Name(result.verdict.reason)
    assert result.failure.code in ALLOWED_FAILURES, (item, result)
    return pb.FailureCode.Name(result.failure.code)


def _resident(pid: int) -> int:
    """Resident bytes of a process and all of its descendants, as far as they are its own."""
    return sum(_private(process) for process in [pid, *_children(pid)])


def _private(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0  # it ended meanwhile
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def _children(pid: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in map(str.split, listing.splitlines())}
    found = [pid]
    for process in found:
        found.extend(child for child, parent in parents.items() if parent == process)
    return found[1:]

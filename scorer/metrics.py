"""What the scorer counts beside what every server counts. docs/metrics.md has the table."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from codaserve.serving.metrics import COUNTS, REGISTRY, SECONDS
from codaserve.v1 import scorer_pb2 as pb

ITEMS = Counter(
    "codaserve_scorer_items",
    "Items taken: math, code, none (malformed), or run, a program that gets no verdict.",
    ["kind"],
    registry=REGISTRY,
)
VERDICTS = Counter(
    "codaserve_scorer_verdicts", "Verdicts by kind of task and reason.", ["kind", "reason"], registry=REGISTRY
)
FAILURES = Counter(
    "codaserve_scorer_failures",
    "Items that were taken and got no verdict, by kind of task and failure.",
    ["kind", "code"],
    registry=REGISTRY,
)
REFUSED = Counter(
    "codaserve_scorer_refused",
    "Items that were not taken, in calls and in streams, each time: items or bytes (the queue is full), late (their "
    "turn would come after their deadline), quota, rate, stopping, invalid.",
    ["reason"],
    registry=REGISTRY,
)
for _reason in ("items", "bytes", "late", "quota", "rate", "stopping", "invalid"):
    REFUSED.labels(_reason)  # from the start, so that the first refusals are a rise
BATCH_ITEMS = Histogram("codaserve_scorer_batch_items", "Items of a Score call.", buckets=COUNTS, registry=REGISTRY)
QUEUE_ITEMS = Gauge("codaserve_scorer_queue_items", "Items that wait or are worked on.", registry=REGISTRY)
QUEUE_BYTES = Gauge("codaserve_scorer_queue_bytes", "Bytes of those items.", registry=REGISTRY)
QUEUE_SIZE = Gauge("codaserve_scorer_queue_size", "Items that the queue takes.", registry=REGISTRY)
PHASE_SECONDS = Histogram(
    "codaserve_scorer_phase_seconds",
    "Time of a phase: math has wait, extract and compare; code has wait, work, compile and run; run has wait.",
    ["kind", "phase"],
    buckets=SECONDS,
    registry=REGISTRY,
)
RUNS = Counter(
    "codaserve_scorer_runs",
    "Sandboxed runs of programs, scripts, checkers and compilers, each a fork, by the limit that ended them.",
    ["limit"],
    registry=REGISTRY,
)
RUN_CPU_SECONDS = Counter(
    "codaserve_scorer_run_cpu_seconds", "Processor time that those processes used.", registry=REGISTRY
)
SLOTS_STARTED = Counter(
    "codaserve_scorer_slots_started",
    "Sandbox slots that came up, those in place of broken ones included.",
    registry=REGISTRY,
)
SLOTS_BROKEN = Counter("codaserve_scorer_slots_broken", "Sandbox slots that were given up.", registry=REGISTRY)
WORKERS_STARTED = Counter("codaserve_scorer_math_workers_started", "Math workers that came up.", registry=REGISTRY)
WORKERS_KILLED = Counter(
    "codaserve_scorer_math_workers_killed",
    "Math workers that were killed in the middle of a comparison.",
    registry=REGISTRY,
)
LOOKUPS = Counter(
    "codaserve_scorer_cache_lookups",
    "Lookups by cache (comparisons, checkers) and outcome: hit, miss, or shared with one that is being made.",
    ["cache", "outcome"],
    registry=REGISTRY,
)

REASONS = {number: name.removeprefix("REASON_").lower() for name, number in pb.Reason.items()}
"""Labels of verdicts."""
CODES = {number: name.removeprefix("FAILURE_").lower() for name, number in pb.FailureCode.items()}
"""Labels of failures."""


def count_result(kind: str, result: pb.ScoreResult) -> None:
    """Counts what became of an item."""
    if result.HasField("verdict"):
        _verdicts(kind, result.verdict.reason).inc()
    else:
        FAILURES.labels(kind, CODES.get(result.failure.code, "unspecified")).inc()


@cache
def items(kind: str) -> Counter:
    """The counter of a kind, found once."""
    return ITEMS.labels(kind)


@cache
def phase(kind: str, name: str) -> Histogram:
    """The histogram of a phase, found once."""
    return PHASE_SECONDS.labels(kind, name)


@cache
def _verdicts(kind: str, reason: int) -> Counter:
    return VERDICTS.labels(kind, REASONS.get(reason, "unspecified"))

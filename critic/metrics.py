"""What the critic counts beside what every server counts. docs/metrics.md has the table."""

from prometheus_client import Counter, Gauge, Histogram

from codaserve.serving.metrics import COUNTS, REGISTRY, SECONDS
from codaserve.v1 import critic_pb2 as pb

GROUPS = Counter("codaserve_critic_groups", "Groups taken.", registry=REGISTRY)
VALUES = Counter("codaserve_critic_values", "Values given, one for each boundary of a step.", registry=REGISTRY)
FAILURES = Counter(
    "codaserve_critic_failures", "Groups that were taken and got no values, by failure.", ["code"], registry=REGISTRY
)
REFUSED = Counter(
    "codaserve_critic_refused",
    "Groups that were not taken, in calls and in streams, each time: groups or tokens (the queue is full), late "
    "(their turn would come after their deadline), quota, rate, stopping, invalid.",
    ["reason"],
    registry=REGISTRY,
)
for _reason in ("groups", "tokens", "late", "quota", "rate", "stopping", "invalid"):
    REFUSED.labels(_reason)  # from the start, so that the first refusals are a rise
BATCH_GROUPS = Histogram(
    "codaserve_critic_batch_groups", "Groups of an Evaluate call.", buckets=COUNTS, registry=REGISTRY
)
QUEUE_GROUPS = Gauge("codaserve_critic_queue_groups", "Groups that wait or are worked on.", registry=REGISTRY)
QUEUE_SIZE = Gauge("codaserve_critic_queue_size", "Groups that the queue takes.", registry=REGISTRY)
QUEUE_TOKENS = Gauge(
    "codaserve_critic_queue_tokens",
    "Tokens of those groups, as they are counted before they are known.",
    registry=REGISTRY,
)
PHASE_SECONDS = Histogram(
    "codaserve_critic_phase_seconds",
    "Time of a phase of a group: cut, encode, model (in passes), answer, and wait, for its turns at encoder and model.",
    ["phase"],
    buckets=SECONDS,
    registry=REGISTRY,
)
PASS_SECONDS = Histogram("codaserve_critic_pass_seconds", "Time of a forward pass.", buckets=SECONDS, registry=REGISTRY)
PASS_TOKENS = Histogram(
    "codaserve_critic_pass_tokens",
    "Tokens of a forward pass.",
    buckets=(64, 256, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144),
    registry=REGISTRY,
)
CHECKPOINT = Gauge(
    "codaserve_critic_checkpoint_info",
    "1; the label is the identity of the checkpoint in use.",
    ["checkpoint"],
    registry=REGISTRY,
)
RELOADS = Counter(
    "codaserve_critic_reloads", "Reload calls, by outcome: loaded or failed.", ["outcome"], registry=REGISTRY
)

CODES = {number: name.removeprefix("CRITIC_FAILURE_").lower() for name, number in pb.CriticFailureCode.items()}
"""Labels of failures."""


def count_evaluation(evaluation: pb.GroupEvaluation) -> None:
    """Counts what became of a group."""
    if evaluation.HasField("values"):
        values = evaluation.values
        steps = sum(len(response.steps) for response in values.responses)
        VALUES.inc(1 + steps + len(values.alternatives))
    else:
        FAILURES.labels(CODES.get(evaluation.failure.code, "unspecified")).inc()


def set_checkpoint(identity: str) -> None:
    """Tells which checkpoint is in use; the one before is forgotten."""
    CHECKPOINT.clear()
    CHECKPOINT.labels(identity).set(1)

"""The table of docs/metrics.md is the registry, and labels stay bounded."""

import re
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

import critic.metrics
import scorer.metrics
from codaserve.serving.metrics import REGISTRY

DOCUMENT = Path(__file__).parents[3] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(codaserve_\w+)` \| (\w+) \| ([\w, ]*) \| (.+) \|$", re.MULTILINE)
BOUNDED = {"method", "code", "program", "version", "verifier_version", "kind", "reason", "phase", "limit", "cache"}
BOUNDED |= {"outcome", "checkpoint"}


def registered() -> list[MetricWrapperBase]:
    return [metric for metric in REGISTRY._collector_to_names if isinstance(metric, MetricWrapperBase)]


def test_the_table_is_the_registry() -> None:
    table = {
        name: (kind, [label for label in labels.split(", ") if label], text)
        for name, kind, labels, text in ROW.findall(DOCUMENT.read_text())
    }
    metrics = {
        metric._name + ("_total" if metric._type == "counter" else ""): (
            metric._type,
            list(metric._labelnames),
            metric._documentation,
        )
        for metric in registered()
    }
    assert table == metrics


def test_no_label_is_a_callers_choice() -> None:
    assert {label for metric in registered() for label in metric._labelnames} <= BOUNDED


def test_every_reason_and_code_has_a_name() -> None:
    assert scorer.metrics.REASONS[1] == "match"
    assert scorer.metrics.CODES[3] == "deadline"
    assert critic.metrics.CODES[3] == "deadline"

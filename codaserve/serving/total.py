"""The metrics of several processes as those of one."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from codaserve.serving.inquiry import ask

PATIENCE_SECONDS = 2.0
"""For a process to tell its metrics; one that does not counts as it did before."""
Sample = tuple[str, tuple[tuple[str, str], ...]]


class Total(Collector):
    """Adds up counters, histograms and gauges; of gauges named `_info` it takes the largest.

    What a process had counted when it was last asked stays in the sum after its end, so that counters never go back.
    """

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._lock = threading.Lock()
        self._pages: dict[int, list[Metric]] = {}
        self._past: list[list[Metric]] = []
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def page(self, files: Sequence[Path]) -> bytes:
        """The text of the sum.

        Args:
            files: With the address of each process's endpoint.
        """
        self._ask(files)
        return generate_latest(self._registry)

    def ready(self, files: Sequence[Path]) -> bool:
        """Whether a process takes work."""
        self._ask(files)
        with self._lock:
            families = [family for page in self._pages.values() for family in page]
        return any(sample.value for family in families if family.name == "codaserve_ready" for sample in family.samples)

    def ended(self, index: int) -> None:
        """A process has ended."""
        with self._lock:
            page = self._pages.pop(index, None)
            if page is not None:
                counted = [family for family in page if family.type in ("counter", "histogram")]
                self._past = [list(merged([*self._past, counted]))]

    def collect(self) -> Iterable[Metric]:
        """The sum, for the registry."""
        with self._lock:
            return list(merged([*self._past, *self._pages.values()]))

    def _ask(self, files: Sequence[Path]) -> None:
        for index, text in enumerate(asyncio.run(_asked(files))):
            if text is None:
                continue  # not up yet, gone, or busy
            page = list(text_string_to_metric_families(text))
            with self._lock:
                self._pages[index] = page


async def _asked(files: Sequence[Path]) -> list[str | None]:
    return await asyncio.gather(*(ask(file, "/metrics", PATIENCE_SECONDS) for file in files))


def merged(pages: Iterable[Iterable[Metric]]) -> Iterable[Metric]:
    """The families of several pages as those of one."""
    families: dict[str, Metric] = {}
    values: dict[str, dict[Sample, float]] = {}
    for page in pages:
        for family in page:
            if family.name not in families:
                families[family.name] = Metric(family.name, family.documentation, family.type)
                values[family.name] = {}
            sums = values[family.name]
            for sample in family.samples:
                key = sample.name, tuple(sample.labels.items())
                known = sums.get(key, 0.0)
                sums[key] = max(known, sample.value) if family.name.endswith("_info") else known + sample.value
    for name, family in families.items():
        for (sample_name, labels), value in values[name].items():
            family.add_sample(sample_name, dict(labels), value)
    return families.values()

"""The metrics of several processes as those of one."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from codaserve.serving.inquiry import ask
from codaserve.serving.metrics import PROCESS_RESTARTS

PATIENCE_SECONDS = 4.0
"""For a process to tell its metrics; of one that does not only what it had counted stays."""
Sample = tuple[str, tuple[tuple[str, str], ...]]


class Total(Collector):
    """Adds up counters, histograms and gauges; of gauges named `_info` it takes the largest.

    What a process had counted when it was last asked stays in the sum while it is silent and after its end, so that
    counters never go back. Its gauges do not: they tell of now.
    """

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._lock = threading.Lock()
        self._pages: dict[int, list[Metric]] = {}
        self._ends: Counter[int] = Counter()
        self._past: list[list[Metric]] = []
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def page(self, files: Mapping[int, Path]) -> bytes:
        """The text of the sum.

        Args:
            files: With the address of each process's endpoint, by the process's index. One that is not among them
                counts as silent.
        """
        self._ask(files)
        return generate_latest(self._registry)

    def ready(self, files: Mapping[int, Path]) -> bool:
        """Whether a process takes work."""
        self._ask(files)
        with self._lock:
            families = [family for page in self._pages.values() for family in page]
        return any(sample.value for family in families if family.name == "codaserve_ready" for sample in family.samples)

    def ended(self, index: int) -> None:
        """A process has ended."""
        with self._lock:
            self._ends[index] += 1
            self._past = [list(merged([*self._past, _counted(self._pages.pop(index, []))]))]

    def collect(self) -> Iterable[Metric]:
        """The sum, and what is counted here, for the registry."""
        with self._lock:
            return list(merged([*self._past, *self._pages.values(), PROCESS_RESTARTS.collect()]))

    def _ask(self, files: Mapping[int, Path]) -> None:
        with self._lock:
            ends = self._ends.copy()
        texts = asyncio.run(_asked(files))
        told = {index: list(text_string_to_metric_families(text)) for index, text in texts.items() if text is not None}
        with self._lock:
            for index in files.keys() | self._pages.keys():
                if self._ends[index] != ends[index]:
                    continue  # this was told by the one before
                page = told.get(index)
                self._pages[index] = _counted(self._pages.get(index, [])) if page is None else page


def _counted(page: Iterable[Metric]) -> list[Metric]:
    return [family for family in page if family.type in ("counter", "histogram")]


async def _asked(files: Mapping[int, Path]) -> dict[int, str | None]:
    texts = await asyncio.gather(*(ask(file, "/metrics", PATIENCE_SECONDS) for file in files.values()))
    return dict(zip(files, texts, strict=True))


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

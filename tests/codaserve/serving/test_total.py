import socket
from contextlib import ExitStack
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from codaserve.serving.endpoint import Endpoint, page_of
from codaserve.serving.total import Total


class Process:
    """A registry behind an endpoint, as each process has."""

    def __init__(self, file: Path, stack: ExitStack) -> None:
        self.registry = CollectorRegistry()
        self.items = Counter("items", "Items.", ["kind"], registry=self.registry)
        self.depth = Gauge("depth", "Depth.", registry=self.registry)
        self.ready = Gauge("codaserve_ready", "Ready.", registry=self.registry)
        self.seconds = Histogram("seconds", "Seconds.", buckets=(1, 2), registry=self.registry)
        info = Gauge("codaserve_info", "1.", ["version"], registry=self.registry)
        info.labels("a").set(1)
        endpoint = Endpoint("127.0.0.1", 0, pages=lambda: page_of(self.registry), live=str, ready=str)
        stack.callback(endpoint.close)
        file.write_text(endpoint.address + "\n")


def test_counts_add_up_and_never_go_back(tmp_path: Path) -> None:
    files = {index: tmp_path / str(index) for index in range(3)}  # the third is not up yet
    with ExitStack() as stack:
        first, second = Process(files[0], stack), Process(files[1], stack)
        total = Total()
        assert not total.ready(files)
        first.items.labels("math").inc(2)
        second.items.labels("math").inc(3)
        second.items.labels("code").inc(4)
        first.depth.set(5)
        second.depth.set(6)
        second.ready.set(1)
        first.seconds.observe(0.5)
        second.seconds.observe(1.5)
        text = total.page(files).decode()
        for line in (
            'items_total{kind="math"} 5.0',
            'items_total{kind="code"} 4.0',
            "depth 11.0",
            'seconds_bucket{le="1.0"} 1.0',
            'seconds_bucket{le="+Inf"} 2.0',
            "seconds_sum 2.0",
            'codaserve_info{version="a"} 1.0',
        ):
            assert line in text.splitlines()
        assert total.ready(files)

        files[1].unlink()
        total.ended(1)
        again = Process(files[1], stack)
        again.items.labels("math").inc(10)
        text = total.page(files).decode()
        for line in ('items_total{kind="math"} 15.0', 'items_total{kind="code"} 4.0', "depth 5.0", "seconds_sum 2.0"):
            assert line in text.splitlines()
        assert not total.ready(files)


def test_of_who_is_silent_only_counts_are_left(tmp_path: Path) -> None:
    files = {index: tmp_path / str(index) for index in range(2)}
    with ExitStack() as stack:
        processes = [Process(file, stack) for file in files.values()]
        for process in processes:
            process.items.labels("math").inc(2)
            process.depth.set(5)
            process.ready.set(1)
        total = Total()
        assert "depth 10.0" in total.page(files).decode().splitlines()

        address = files[1].read_text()
        with socket.create_server(("127.0.0.1", 0)) as silent:
            files[1].write_text(f"127.0.0.1:{silent.getsockname()[1]}\n")
            text = total.page(files).decode().splitlines()
        assert {'items_total{kind="math"} 4.0', "depth 5.0", "codaserve_ready 1.0"} <= set(text)
        assert total.ready(files)
        assert not total.ready({1: files[1]})
        assert not total.ready({})
        text = total.page({}).decode().splitlines()
        assert 'items_total{kind="math"} 4.0' in text
        assert not [line for line in text if line.startswith(("depth", "codaserve_ready"))]

        files[1].write_text(address)
        text = total.page(files).decode().splitlines()
        assert {'items_total{kind="math"} 4.0', "depth 10.0", "codaserve_ready 2.0"} <= set(text)

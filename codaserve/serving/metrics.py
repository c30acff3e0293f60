"""What both servers count, and the registry of a server process. docs/metrics.md has the table."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # when a series began, in as many series again
REGISTRY = CollectorRegistry()
"""Of this process."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
"""Bounds of histograms of times: from a verdict that is kept to the longest runs."""
COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
"""Bounds of histograms of numbers of items."""

REQUESTS = Counter(
    "codaserve_requests",
    "Calls that have ended, by method and gRPC status or its equal.",
    ["method", "code"],
    registry=REGISTRY,
)
REQUEST_SECONDS = Histogram(
    "codaserve_request_seconds",
    "Time from the arrival of a call to its end; of a stream, all of its life.",
    ["method"],
    buckets=SECONDS,
    registry=REGISTRY,
)
RUNNING = Gauge("codaserve_requests_running", "Calls that are being served.", registry=REGISTRY)
PROCESS_RESTARTS = Counter(
    "codaserve_process_restarts",
    "Server processes of `processes` that were started again, by reason: ended, or hung and killed.",
    ["reason"],
    registry=REGISTRY,
)
READY = Gauge("codaserve_ready", "1 while the server takes work, else 0.", registry=REGISTRY)
INFO = Gauge(
    "codaserve_info",
    "1; the labels say which program and version it is.",
    ["program", "version", "verifier_version"],
    registry=REGISTRY,
)

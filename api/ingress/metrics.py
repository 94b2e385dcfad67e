"""Metrics for Prometheus: requests by route template, and what the process holds.

Each application has a registry of its own. Worker processes write their values into files of one
folder, which prometheus-client sums when any of them is asked (its multiprocess mode).
"""

import os
from collections.abc import Callable, Mapping
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable by which prometheus-client shares metrics between processes."""

UNMATCHED: Final = "none"
"""Label of requests that no route answers."""

_SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """The metrics of one application.

    Parameters
    ----------
    held : mapping of str to callable
        Name of a figure of this process -> its value now; refreshed when a request is over.
    """

    def __init__(self, held: Mapping[str, Callable[[], float]]) -> None:
        self._registry = CollectorRegistry()
        at, registry = ("method", "route"), self._registry
        self._requests = Counter(
            "lifecircle_requests", "Requests answered.", (*at, "status"), registry=registry
        )
        self._seconds = Histogram(
            "lifecircle_request_seconds", "Time of an answer.", at, buckets=_SECONDS,
            registry=registry,
        )  # fmt: skip
        self._received = Counter(
            "lifecircle_received_bytes", "Bytes of bodies.", at, registry=registry
        )
        self._sent = Counter("lifecircle_sent_bytes", "Bytes of answers.", at, registry=registry)
        self._running = self._gauge("requests_running", "Requests that are being answered.")
        self._held = [
            (self._gauge(name, name.replace("_", " ").capitalize() + "."), value)
            for name, value in held.items()
        ]

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(
            f"lifecircle_{name}", text, registry=self._registry, multiprocess_mode="livesum"
        )

    def begin(self) -> None:
        """Count a request that has come."""
        self._running.inc()

    def end(
        self, method: str, route: str, *, status: int, seconds: float, received: int, sent: int
    ) -> None:
        """Count a request that is over."""
        self._running.dec()
        at = (method, route or UNMATCHED)
        self._requests.labels(*at, str(status)).inc()
        self._seconds.labels(*at).observe(seconds)
        self._received.labels(*at).inc(received)
        self._sent.labels(*at).inc(sent)
        for gauge, value in self._held:
            gauge.set(value())

    def text(self) -> bytes:
        """Return the metrics of all worker processes as Prometheus reads them."""
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)

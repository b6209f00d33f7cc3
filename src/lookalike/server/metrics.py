"""Request counts and durations for Prometheus."""

from __future__ import annotations

import os
import time

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = prometheus_client.CONTENT_TYPE_PLAIN_0_0_4
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
OTHER_ROUTE = "other"

# `_created` series would double the number of series.
prometheus_client.disable_created_metrics()


class Metrics:
    """Requests by route, method and status, and how long they took; each process counts for itself."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._process = str(os.getpid())
        # Memory, open files and processor time of this process.
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "lookalike_requests",
            "Requests answered.",
            ("process", "route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "lookalike_request_seconds",
            "Time until a request was answered.",
            ("process", "route"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._products = Gauge("lookalike_products", "Products in the catalog.", registry=self._registry)
        self._revision = Gauge(
            "lookalike_revision", "Number of the catalog's last write.", registry=self._registry
        )

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Add one request."""
        self._requests.labels(self._process, route, method, str(status)).inc()
        self._seconds.labels(self._process, route).observe(seconds)

    def text(self, products: int, revision: int) -> bytes:
        """Everything counted so far, and the state of the catalog."""
        self._products.set(products)
        self._revision.set(revision)
        return prometheus_client.generate_latest(self._registry)


class Counting:
    """Counts every request that passes, by the pattern of its route so that ids make no new series."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path_format", OTHER_ROUTE)
            method = scope["method"] if route != OTHER_ROUTE else OTHER_ROUTE
            self.metrics.count(route, method, status, time.perf_counter() - started)

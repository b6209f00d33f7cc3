"""What the server has done, counted, in the text form that Prometheus reads."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
OTHER_ROUTE = "other"


class Metrics:
    """Requests by route, method and status, and how long they took; one set for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: defaultdict[tuple[str, str, int], int] = defaultdict(int)
        self._durations: defaultdict[str, _Durations] = defaultdict(_Durations)

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Add one request."""
        with self._lock:
            self._requests[route, method, status] += 1
            self._durations[route].add(seconds)

    def text(self, products: int, revision: int) -> str:
        """Everything counted so far, and the state of the catalogue."""
        process = f'process="{os.getpid()}"'
        lines = [
            "# HELP lookalike_products Products in the catalogue.",
            "# TYPE lookalike_products gauge",
            f"lookalike_products {products}",
            "# HELP lookalike_revision Number of the catalogue's last write.",
            "# TYPE lookalike_revision gauge",
            f"lookalike_revision {revision}",
            "# HELP lookalike_requests_total Requests answered.",
            "# TYPE lookalike_requests_total counter",
        ]
        with self._lock:
            for (route, method, status), count in sorted(self._requests.items()):
                labels = f'{process},route="{route}",method="{method}",status="{status}"'
                lines.append(f"lookalike_requests_total{{{labels}}} {count}")
            lines.append("# HELP lookalike_request_seconds Time until a request was answered.")
            lines.append("# TYPE lookalike_request_seconds histogram")
            for route, durations in sorted(self._durations.items()):
                lines.extend(durations.lines(f'{process},route="{route}"'))
        return "\n".join(lines) + "\n"


class _Durations:
    def __init__(self) -> None:
        self.under = [0] * len(BUCKETS)
        self.total = 0.0
        self.count = 0

    def add(self, seconds: float) -> None:
        self.total += seconds
        self.count += 1
        for place, bucket in enumerate(BUCKETS):
            self.under[place] += seconds <= bucket

    def lines(self, labels: str) -> Iterator[str]:
        name = "lookalike_request_seconds"
        for bucket, count in zip(BUCKETS, self.under, strict=True):
            yield f'{name}_bucket{{{labels},le="{bucket:g}"}} {count}'
        yield f'{name}_bucket{{{labels},le="+Inf"}} {self.count}'
        yield f"{name}_sum{{{labels}}} {self.total:.6f}"
        yield f"{name}_count{{{labels}}} {self.count}"


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

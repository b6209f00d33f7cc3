"""The Admin GraphQL API of a Shopify shop: tokens, query costs and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from lookalike.errors import SourceDenied, SourceError, SourceUnavailable, UsageError
from lookalike.media.fetch import Request
from lookalike.sync.sources.address import Address
from lookalike.sync.sources.client import Reply, ShopClient

VERSION = "2026-07"
THROTTLED_TRIES = 10
LEAST_WAIT = 1.0


class AdminApi:
    """Sends GraphQL to a shop, no faster than the shop restores its points."""

    def __init__(self, address: Address, client: ShopClient) -> None:
        self.shop = address.host
        self._address = address
        self._client = client
        self._token = address.optional_secret("TOKEN")
        self._granted = not self._token
        self._available: Mapping[str, float] = {}
        if self._granted and not address.optional_secret("CLIENT_ID"):
            raise UsageError(
                f"Set {address.variable('CLIENT_ID')} and {address.variable('CLIENT_SECRET')} to those of "
                f"your app, or {address.variable('TOKEN')} to the token of an app made in Shopify's admin."
            )
        self.time: datetime | None = None
        """The shop's clock at the last answer."""

    def query(self, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The `data` of the answer to a query."""
        for _ in range(THROTTLED_TRIES):
            self._wait_for_points()
            reply = self._ask({"query": query, "variables": variables or {}})
            self.time = reply.time
            cost = reply.data.get("extensions", {}).get("cost", {})
            self._available = _status(cost)
            errors = reply.data.get("errors")
            if not errors:
                return reply.data["data"]
            codes = {_code(error) for error in errors}
            if "THROTTLED" not in codes:
                raise self._error(errors, codes)
            self._client.sleep(self._until_restored(float(cost.get("requestedQueryCost") or 0)))
        raise SourceUnavailable(
            f"{self.shop} throttled {THROTTLED_TRIES} tries of a query: other apps use up its points. "
            "Nothing was removed; the next run tries again."
        )

    def _ask(self, body: Mapping[str, object]) -> Reply:
        url = f"{self._address.base}/admin/api/{VERSION}/graphql.json"
        asked = Request(
            url,
            "POST",
            {"Content-Type": "application/json"},
            {"X-Shopify-Access-Token": self._token or self._grant()},
            json.dumps(body).encode(),
        )
        accepted = (200, 401) if self._granted else (200,)
        reply = self._client.ask(asked, accepted)
        if reply.status == 401:
            # A token is valid for a day. A run may take longer.
            secrets = {"X-Shopify-Access-Token": self._grant()}
            reply = self._client.ask(Request(asked.url, asked.method, asked.headers, secrets, asked.body))
        if not isinstance(reply.data, dict):
            raise SourceError(f"{self.shop} answered with something other than GraphQL: check the address.")
        return reply

    def _grant(self) -> str:
        """A new token by OAuth's client credentials."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._address.secret("CLIENT_ID"),
            "client_secret": self._address.secret("CLIENT_SECRET"),
        }
        reply = self._client.ask(
            Request(
                f"{self._address.base}/admin/oauth/access_token",
                "POST",
                {"Content-Type": "application/x-www-form-urlencoded"},
                body=urlencode(form).encode(),
            ),
            (200, 400),
        )
        if reply.status == 400 or not reply.data.get("access_token"):
            raise SourceDenied(
                f"{self.shop} grants no token: check {self._address.variable('CLIENT_ID')} and "
                f"{self._address.variable('CLIENT_SECRET')}, and that the app is installed in this shop."
            )
        self._token = str(reply.data["access_token"])
        return self._token

    def _wait_for_points(self) -> None:
        """Wait if, by the last answer, a query of the same cost would be throttled."""
        if self._available and self._available["available"] < self._available["cost"]:
            self._client.sleep(self._until_restored(self._available["cost"]))

    def _until_restored(self, cost: float) -> float:
        status = self._available
        if not status:
            return LEAST_WAIT
        missing = min(cost, status["maximum"]) - status["available"]
        return max(missing / max(status["rate"], 1.0), LEAST_WAIT)

    def _error(self, errors: Any, codes: set[str]) -> SourceError:
        said = "; ".join(str(error.get("message", error)) for error in errors if isinstance(error, dict))[
            :300
        ]
        if "ACCESS_DENIED" in codes:
            return SourceDenied(f"{self.shop} denies access ({said}): grant the app the scope read_products.")
        return SourceError(f"{self.shop} cannot answer a query of API version {VERSION}: {said or errors}")


def _code(error: Any) -> str:
    extensions = error.get("extensions", {}) if isinstance(error, dict) else {}
    return str(extensions.get("code", "")) if isinstance(extensions, dict) else ""


def _status(cost: Mapping[str, Any]) -> Mapping[str, float]:
    status = cost.get("throttleStatus")
    if not isinstance(status, dict):
        return {}
    return {
        "cost": float(cost.get("requestedQueryCost") or 0),
        "available": float(status["currentlyAvailable"]),
        "maximum": float(status["maximumAvailable"]),
        "rate": float(status["restoreRate"]),
    }

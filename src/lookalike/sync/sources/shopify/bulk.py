"""All products of a shop by a bulk operation: start it, wait for it, read its file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from lookalike.errors import SourceDenied, SourceError, SourceUnavailable
from lookalike.sync.sources.client import ShopClient
from lookalike.sync.sources.shopify.admin import AdminApi
from lookalike.sync.sources.shopify.products import CONNECTION_OF, CONNECTIONS, FIELDS, kind_of

FIRST_POLL, LONGEST_POLL = 1.0, 30.0
MOST_SECONDS = 6 * 3600.0

_RUN = """mutation ($query: String!) {
    bulkOperationRunQuery(query: $query, groupObjects: true) {
        bulkOperation { id }
        userErrors { code message }
    }
}"""
_POLL = "query ($id: ID!) { bulkOperation(id: $id) { status errorCode objectCount url } }"
_NESTED = " ".join(f"{name} {{ edges {{ node {{ {fields} }} }} }}" for name, fields in CONNECTIONS.items())
_ALL = f"{{ products {{ edges {{ node {{ {FIELDS} {_NESTED} }} }} }} }}"
_BUSY = frozenset({"OPERATION_IN_PROGRESS", "LIMIT_REACHED"})
_ONGOING = frozenset({"CREATED", "RUNNING", "CANCELING"})


def all_products(api: AdminApi, client: ShopClient) -> Iterator[dict[str, Any]]:
    """Every product with its connections as lists, in the shop's order."""
    operation = _finished(api, client, _started(api, client))
    if operation["url"] is None:
        return
    count = 0
    with client.download(operation["url"], _spool) as file:
        product: dict[str, Any] | None = None
        for line in file:
            node = _node(api, line)
            count += 1
            if "__parentId" not in node:
                if product is not None:
                    yield product
                product = {**node, **{name: [] for name in CONNECTIONS}}
            elif product is None or node["__parentId"] != product["id"]:
                raise SourceError(
                    f"{api.shop} made a file whose objects are not grouped by product. "
                    "Nothing was removed; run it again."
                )
            elif name := CONNECTION_OF.get(kind_of(node["id"])):
                product[name].append(node)
        if count != int(operation["objectCount"]):
            raise SourceError(
                f"{api.shop} announced {operation['objectCount']} objects and sent {count}. "
                "Nothing was removed; run it again."
            )
        if product is not None:
            yield product


def _spool() -> BinaryIO:
    return cast(BinaryIO, tempfile.TemporaryFile())


def _started(api: AdminApi, client: ShopClient) -> str:
    """The id of a new bulk operation, as soon as the shop accepts one."""
    waited, wait = 0.0, FIRST_POLL
    while True:
        run = api.query(_RUN, {"query": _ALL})["bulkOperationRunQuery"]
        if run["bulkOperation"]:
            return str(run["bulkOperation"]["id"])
        said = "; ".join(error["message"] for error in run["userErrors"])
        if not any(error["code"] in _BUSY for error in run["userErrors"]):
            raise SourceError(f"{api.shop} does not run the bulk operation: {said}")
        if waited > MOST_SECONDS:
            raise SourceUnavailable(
                f"Other bulk operations of this app keep {api.shop} busy: stop them, or try again later."
            )
        client.sleep(wait)
        waited, wait = waited + wait, min(2 * wait, LONGEST_POLL)


def _finished(api: AdminApi, client: ShopClient, id: str) -> dict[str, Any]:
    """The bulk operation once it has succeeded."""
    waited, wait = 0.0, FIRST_POLL
    while waited <= MOST_SECONDS:
        operation = api.query(_POLL, {"id": id})["bulkOperation"]
        if operation is None:
            raise SourceUnavailable(f"{api.shop} has lost its bulk operation {id}: run it again.")
        if operation["status"] == "COMPLETED":
            return operation
        if operation["status"] not in _ONGOING:
            said = f"{api.shop} ended its bulk operation as {operation['status']} ({operation['errorCode']})"
            if operation["errorCode"] == "ACCESS_DENIED":
                raise SourceDenied(f"{said}: grant the app the scope read_products.")
            raise SourceUnavailable(f"{said}. Nothing was removed; the next run tries again.")
        client.sleep(wait)
        waited, wait = waited + wait, min(2 * wait, LONGEST_POLL)
    raise SourceUnavailable(
        f"{api.shop} has not finished its bulk operation in {MOST_SECONDS / 3600:g} hours: try again later."
    )


def _node(api: AdminApi, line: bytes) -> dict[str, Any]:
    try:
        return json.loads(line)
    except ValueError as error:
        raise SourceError(
            f"{api.shop} sent a file that breaks off or is no JSONL. Nothing was removed; run it again."
        ) from error

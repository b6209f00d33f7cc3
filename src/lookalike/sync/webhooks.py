"""Webhooks of shop systems: stored at once, so that the shop does not wait, and read a little later."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from lookalike.errors import NotFound
from lookalike.shop import Shop
from lookalike.sync.reconcile import READ_AT_ONCE, reconcile
from lookalike.sync.source import Delivery, Source
from lookalike.sync.sources import is_shop, open_shop, open_source
from lookalike.sync.sources.client import ShopClient, Sleep


@dataclass(frozen=True, slots=True)
class Received:
    """The items that a webhook named and that will be read. `known`: the same webhook came before."""

    items: tuple[str, ...] = ()
    known: bool = False


def source_called(shop: Shop, name: str, sleep: Sleep = time.sleep) -> Source:
    """The source of that name.

    Raises NotFound if the catalog follows none.
    """
    stored = shop.catalog.database.sources.get(name)
    if stored is None:
        raise NotFound(f"This catalog follows no source '{name}': add it with `lookalike import ADDRESS`.")
    if not is_shop(stored.address):
        return open_source(stored.address)
    return open_shop(stored.address, client=ShopClient(name, sleep=sleep))


def receive(shop: Shop, source: Source, delivery: Delivery) -> Received:
    """Store the items that a webhook names; they are on the disk when this returns.

    Raises BadDelivery if it does not come from the shop, or is too old.
    """
    notice = source.changed_by(delivery)
    if not notice.items:
        return Received()
    new = shop.catalog.database.sources.note(source.name, notice.id, notice.items)
    return Received(notice.items, known=not new)


def read_pending(shop: Shop, source: Source, stop: threading.Event | None = None) -> int:
    """Read every item that webhooks named, and update the catalog; returns how many items were read.

    Items that fail remain stored, and so does an item that another webhook names while it is read.
    """
    rows = shop.catalog.database.sources
    count = 0
    while pending := rows.pending(source.name, READ_AT_ONCE):
        if stop is not None and stop.is_set():
            break
        reconcile(shop, source, [source.read([item.id for item in pending])])
        rows.settle(source.name, pending)
        count += len(pending)
    return count

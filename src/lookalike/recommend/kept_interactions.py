"""Who did what, kept in a file beside a large catalog, without any id of a shopper and without any text."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.database import Database
from lookalike.kept_files import Arrays
from lookalike.recommend.graph import Edges, EventColumns, Graph
from lookalike.recommend.interactions import Counts, Interactions, InteractionState
from lookalike.recommend.numbering import IdMap, ShopperNumbers
from lookalike.vectors.packed import Packed

# Raise it when events mean something else than they did.
FORMAT = 1
KEY = "shopper_key"
KEY_BYTES = 32
EDGE_COLUMNS = {
    "shopper": np.int32,
    "product": np.int32,
    "sum": np.float64,
    "last": np.float64,
    "said": np.float64,
    "kinds": np.int32,
    "bought": np.int32,
}
EVENT_COLUMNS = {
    "shopper": np.int32,
    "product": np.int32,
    "time": np.float64,
    "weight": np.float64,
    "kind": np.int32,
    "bought": np.int32,
}


def shopper_key(database: Database) -> bytes:
    """The secret by which shoppers are known in the file; it is in the database alone.

    Created if missing. If several processes create one, the first wins.
    """
    while True:
        revision = database.revision()
        if key := known_key(database):
            return key
        database.put_settings({KEY: secrets.token_hex(KEY_BYTES)}, at=revision)


def known_key(database: Database) -> bytes:
    """The secret, if there is one yet."""
    return bytes.fromhex(database.settings().get(KEY, ""))


def key_mark(key: bytes) -> str:
    """A fingerprint of the key that does not reveal it."""
    return hashlib.blake2b(b"mark", key=key, digest_size=8).hexdigest()


def arrays_of(interactions: Interactions, database: Database, key: bytes) -> dict[str, NDArray[Any]]:
    """The interactions as arrays; needs their lock."""
    state = interactions.state
    edges, events = state.graph.copy_of_edges(), interactions.events()
    products = Packed.of(interactions.products.ids)
    size = len(products)
    return {
        "reached": np.array([state.sequence, state.forgettings]),
        "since": np.array([state.graph.since]),
        "mark": _mark(database, state.sequence, key),
        "shoppers": state.shoppers.digests(key),
        "products-data": products.data,
        "products-starts": products.starts,
        "support": state.counts.support[:size],
        "crowds": state.counts.shoppers[:size],
        **{f"edge-{name}": getattr(edges, name).astype(kind) for name, kind in EDGE_COLUMNS.items()},
        **{f"event-{name}": getattr(events, name).astype(kind) for name, kind in EVENT_COLUMNS.items()},
    }


def state_of(arrays: Arrays, database: Database, products: IdMap, key: bytes) -> InteractionState | None:
    """The state that a file kept; None where the events of the database are not those of the file.

    A shopper may have been forgotten since, or the database was put back from a backup.
    """
    sequence, forgettings = arrays["reached"].tolist()
    store = database.events
    if forgettings != store.forgettings() or sequence > store.sequence():
        return None
    if not np.array_equal(arrays["mark"], _mark(database, sequence, key)):
        return None
    numbers = products.of_all(Packed(arrays["products-data"], arrays["products-starts"]).strings())
    edges = _columns(arrays, "edge", {"kinds": np.int32, "bought": np.int32})
    edges["product"] = numbers[edges["product"]]
    events = _columns(arrays, "event", {})
    events["product"] = numbers[events["product"]]
    counts = Counts()
    counts.make_room(len(products))
    counts.support[numbers], counts.shoppers[numbers] = arrays["support"], arrays["crowds"]
    return InteractionState(
        graph=Graph.restored(float(arrays["since"][0]), Edges(**edges)),
        counts=counts,
        shoppers=ShopperNumbers(key, arrays["shoppers"]),
        events=[EventColumns(**events)],
        sequence=sequence,
        forgettings=forgettings,
        words_missing_until=sequence,
    )


def _columns(arrays: Arrays, of: str, kinds: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The columns of edges or events, in the types that they have in memory."""
    names = EDGE_COLUMNS if of == "edge" else EVENT_COLUMNS
    found: dict[str, NDArray[Any]] = {}
    for name, kept in names.items():
        wide = kinds.get(name, np.int64 if np.issubdtype(kept, np.integer) else np.float64)
        found[name] = arrays[f"{of}-{name}"].astype(wide, copy=False)
    return found


def _mark(database: Database, sequence: int, key: bytes) -> NDArray[np.uint8]:
    """A keyed digest of the last event."""
    mark = database.events.mark(sequence)
    return np.frombuffer(hashlib.blake2b(mark, key=key, digest_size=16).digest(), np.uint8)

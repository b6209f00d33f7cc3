"""The item table of a large catalog, kept in a file beside it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.catalog.state import EncodingState
from lookalike.index.memory.columns import Columns, KeptColumn
from lookalike.kept_files import Arrays
from lookalike.recommend.compact_vectors import Directions, Reduction
from lookalike.recommend.facet_affinity import Facts, KeptFact
from lookalike.recommend.item_space import ItemTable, Space
from lookalike.recommend.numbering import IdMap
from lookalike.vectors.packed import Packed

# Raise it when products become rows in another way.
FORMAT = 1
PARTS = ("image", "text")
STRINGS = ("ids", "groups")
COLUMN_ARRAYS = ("codes", "numbers", "several_slots", "several_codes")


def arrays_of(table: ItemTable) -> dict[str, NDArray[Any]]:
    """The products that are there, as arrays."""
    order = np.flatnonzero(table.alive)
    arrays: dict[str, NDArray[Any]] = {
        "rows": table.rows[order],
        "in-stock": table.offered[order],
    }
    for name in STRINGS:
        strings: list[str] = getattr(table, name)
        packed = Packed.of(strings[slot] for slot in order.tolist())
        arrays |= {f"{name}-data": packed.data, f"{name}-starts": packed.starts}
    for name, reduction in zip(PARTS, table.space.reductions, strict=True):
        if reduction is not None:
            arrays |= {f"{name}-{key}": array for key, array in reduction.arrays().items()}
    facts = table.facts.kept(order, table.slots)
    columns = table.columns.kept(order, table.slots)
    for place, fact in enumerate(facts):
        arrays[f"fact-{place}"] = fact.codes
    for place, column in enumerate(columns.values()):
        arrays |= {f"column-{place}-{each}": getattr(column, each) for each in COLUMN_ARRAYS}
    header = {
        "facts": [[fact.name, fact.values] for fact in facts],
        "columns": [[name, column.labels] for name, column in columns.items()],
    }
    arrays["names"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    return arrays


def table_of(arrays: Arrays, encoding: EncodingState, directions: Directions, numbers: IdMap) -> ItemTable:
    """The table that a file kept."""
    reductions = [
        Reduction(arrays[f"{name}-mean"], arrays.get(f"{name}-directions"))
        if f"{name}-mean" in arrays
        else None
        for name in PARTS
    ]
    header = json.loads(arrays["names"].tobytes())
    columns = {
        name: KeptColumn(labels, *(arrays[f"column-{place}-{each}"] for each in COLUMN_ARRAYS))
        for place, (name, labels) in enumerate(header["columns"])
    }
    facts = [
        KeptFact(name, values, arrays[f"fact-{place}"])
        for place, (name, values) in enumerate(header["facts"])
    ]
    ids, groups = (Packed(arrays[f"{name}-data"], arrays[f"{name}-starts"]).strings() for name in STRINGS)
    return ItemTable.restored(
        Space(encoding, directions, reductions[0], reductions[1]),
        numbers,
        ids=ids,
        groups=groups,
        rows=arrays["rows"],
        in_stock=arrays["in-stock"],
        columns=Columns(columns),
        facts=Facts(facts),
    )

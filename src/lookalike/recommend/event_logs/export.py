"""Writes events and exposures as JSON Lines or Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from lookalike.errors import ExtraMissing, install_command
from lookalike.recommend.serialize import event_json
from lookalike.types import Event

BATCH = 20_000


def write_jsonl(events: Iterable[Event], file: TextIO) -> int:
    """Write one JSON object per event, in the format of `events import`. Returns the number of events."""
    count = 0
    for event in events:
        file.write(json.dumps({"id": event.id, **event_json(event)}, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_parquet(events: Iterable[Event], path: Path) -> int:
    """Write a Parquet file with one column per field. Returns the number of events."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ExtraMissing(f"Parquet needs an extra: {install_command('parquet')}.") from error
    text = pyarrow.string()
    schema: Any = pyarrow.schema(
        [
            *((name, text) for name in ("id", "kind", "shopper", "product")),
            ("time", pyarrow.timestamp("us", tz="UTC")),
            ("rating", pyarrow.float64()),
            *((name, text) for name in ("query", "comment")),
            ("position", pyarrow.int64()),
            ("vector", pyarrow.list_(pyarrow.float32())),
            *((name, text) for name in ("experiment", "variant")),
        ]
    )
    count = 0
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        for batch in _batches(events):
            writer.write_batch(pyarrow.RecordBatch.from_pylist([_row(event) for event in batch], schema))
            count += len(batch)
    return count


def _row(event: Event) -> dict[str, Any]:
    row = {name: getattr(event, name) for name in Event.__slots__}
    row["time"] = datetime.fromtimestamp(event.time or 0.0, UTC)
    row["vector"] = None if event.vector is None else list(map(float, event.vector))
    return row


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    source = iter(events)
    while batch := list(islice(source, BATCH)):
        yield batch

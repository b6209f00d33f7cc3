"""The recipe's cluster of each hit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lookalike.catalog.pipeline import EncodingPipeline
from lookalike.database import Database
from lookalike.types import Hit
from lookalike.vectors.codec import unpack_vectors


def with_clusters(hits: tuple[Hit, ...], pipeline: EncodingPipeline, database: Database) -> tuple[Hit, ...]:
    """Return the hits with the cluster of the matching photo; unchanged if the recipe has no clusters."""
    learned = pipeline.learned()
    if learned is None or learned.clusters is None:
        return hits
    photos = [hit.photo for hit in hits if hit.photo]
    rows = database.image_vectors(pipeline.encoding.image_space, photos)
    if not rows:
        return hits
    reduced = learned.reduced(np.stack([unpack_vectors(row) for row in rows.values()]))
    cluster = dict(zip(rows, map(str, learned.clusters.assign(reduced).tolist()), strict=True))
    return tuple(replace(hit, cluster=cluster.get(hit.photo or "")) for hit in hits)

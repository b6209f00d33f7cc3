"""Nearest-row search: one contract for the exact, approximate and Milvus indexes."""

from lookalike.errors import UsageError
from lookalike.index.base import (
    Answer,
    Changes,
    ChangeSink,
    Entry,
    Index,
    IndexFacts,
    Match,
    Probe,
    Space,
)
from lookalike.index.exact import ExactIndex
from lookalike.index.filters import Filter
from lookalike.index.ivf import files as sealed
from lookalike.index.ivf.cells import faiss_library
from lookalike.index.ivf.index import LEAST, ApproximateIndex

__all__ = [
    "LEAST",
    "Answer",
    "ApproximateIndex",
    "ChangeSink",
    "Changes",
    "Entry",
    "ExactIndex",
    "Filter",
    "Index",
    "IndexFacts",
    "Match",
    "Probe",
    "Space",
    "forget_kept",
    "open_index",
]


def open_index(url: str, space: Space) -> Index:
    """Open the index at a URL; an empty URL opens one in this process that suits the catalog's size."""
    if url == "exact":
        return ExactIndex(space.image_dim, space.text_dim, space.metric)
    if url == "":
        return ApproximateIndex(space)
    if url == "approximate":
        faiss_library()
        return ApproximateIndex(space, LEAST)
    if url.startswith("milvus:") or url.endswith(".milvus"):
        from lookalike.index.milvus.index import MilvusIndex

        return MilvusIndex.open(url, space)
    raise UsageError(
        f"Unknown index '{url}'. Leave it out to search in this process, or use exact, approximate, "
        "milvus://HOST:PORT or a file that ends in .milvus."
    )


def forget_kept(space: Space) -> None:
    """Delete the index files beside the catalog; the next process rebuilds them."""
    sealed.forget(space)

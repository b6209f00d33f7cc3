"""Finding the nearest rows: one contract, an exact index in process, others by URL."""

from lookalike.errors import UsageError
from lookalike.index.contract import Answer, Changes, Entry, Index, Match, Probe, Space
from lookalike.index.exact import ExactIndex
from lookalike.index.filters import Filter

__all__ = [
    "Answer",
    "Changes",
    "Entry",
    "ExactIndex",
    "Filter",
    "Index",
    "Match",
    "Probe",
    "Space",
    "open_index",
]


def open_index(url: str, space: Space) -> Index:
    """The index behind a URL; none means one in this process, by the size of the catalogue."""
    if url in ("", "exact"):
        return ExactIndex(space.image_dim, space.text_dim, space.metric)
    if url.startswith("milvus:") or url.endswith(".milvus"):
        from lookalike.index.milvus import MilvusIndex

        return MilvusIndex(url, space)
    raise UsageError(f"There is no index at '{url}': leave it out to search in this process.")

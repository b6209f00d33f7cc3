"""Finding the nearest rows: one contract, an exact index in process, others by URL."""

from lookalike.errors import UsageError
from lookalike.index.contract import Answer, Changes, Entry, Index, Match, Probe
from lookalike.index.exact import ExactIndex
from lookalike.index.filters import Filter
from lookalike.records import Metric

__all__ = ["Answer", "Changes", "Entry", "ExactIndex", "Filter", "Index", "Match", "Probe", "open_index"]


def open_index(url: str, image_dim: int, text_dim: int, metric: Metric) -> Index:
    """The index behind a URL; none means the exact one in this process."""
    if url:
        raise UsageError(f"There is no index at '{url}': leave it out to search in this process.")
    return ExactIndex(image_dim, text_dim, metric)

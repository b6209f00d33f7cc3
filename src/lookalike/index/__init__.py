"""Finding the nearest rows: one contract, an exact index in process, others by URL."""

from lookalike.index.contract import Answer, Changes, Entry, Index, Match, Probe
from lookalike.index.exact import ExactIndex
from lookalike.index.filters import Filter

__all__ = ["Answer", "Changes", "Entry", "ExactIndex", "Filter", "Index", "Match", "Probe"]

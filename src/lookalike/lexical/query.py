"""A query for words, and how the index interpreted it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from lookalike.types import Correction, MatchKind


@dataclass(frozen=True, slots=True)
class WordQuery:
    """Words to search for.

    A product must contain every phrase and none of the `excluded` words. `begun` means that the last word may
    be incomplete, `correct` that misspelled words may be replaced, except those in `known`.
    """

    text: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    begun: bool = True
    correct: bool = True
    known: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative of a query word; all of its terms must occur together."""

    terms: tuple[int, ...]
    word: str
    weight: float = 1.0
    kind: MatchKind = "exact"


@dataclass(frozen=True, slots=True)
class Group:
    """A query word with its alternatives and its weight."""

    word: str
    alternatives: tuple[Alternative, ...] = ()
    importance: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """How a query was interpreted: its words, corrections and dropped words."""

    groups: tuple[Group, ...] = ()
    corrected: tuple[Correction, ...] = ()
    dropped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = field(default=())

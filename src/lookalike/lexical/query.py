"""A query in words, and what the index made of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from lookalike.types import Correction, MatchKind


@dataclass(frozen=True, slots=True)
class WordQuery:
    """Words to look for.

    A product must carry every phrase and none of the `excluded` words. `begun` says that the last word may
    not be typed to its end, `correct` that misspelt words may be replaced; words that are `known` never are.
    """

    text: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    begun: bool = True
    correct: bool = True
    known: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the things that a word of a query may stand for; several terms are wanted together."""

    terms: tuple[int, ...]
    word: str
    weight: float = 1.0
    kind: MatchKind = "exact"


@dataclass(frozen=True, slots=True)
class Group:
    """A word of a query with all that it may stand for, and how much it tells."""

    word: str
    alternatives: tuple[Alternative, ...] = ()
    importance: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a query was taken to say: its words, those that were corrected, and those that were dropped."""

    groups: tuple[Group, ...] = ()
    corrected: tuple[Correction, ...] = ()
    dropped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = field(default=())

"""The definition of an experiment, and the assignment of shoppers to variants."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, cast, get_args

from lookalike.recommend.blend import Mixing
from lookalike.recommend.placements import FOR_YOU, PLACEMENTS, PlacementName
from lookalike.recommend.tuning import BLENDS
from lookalike.types import Query, Rule

Goal: TypeAlias = Literal["purchase", "cart", "click"]
VariantName: TypeAlias = Literal["A", "B"]
Surface: TypeAlias = Literal["search"] | PlacementName
# What applying a variant may change in the shop.
Change: TypeAlias = Literal["rules", "blend", "weights", "image_weight", "word_weight", "placements"]
GOALS: tuple[Goal, ...] = get_args(Goal)
SEARCH: Surface = "search"
EVERYWHERE: frozenset[Surface] = frozenset((SEARCH, *PLACEMENTS))
# A variant shows nothing in this placement.
OFF = "off"


@dataclass(frozen=True, slots=True)
class Variant:
    """The settings of a variant; settings it omits are those of the shop.

    Attributes:
        rules: merchandising rules in place of the shop's.
        blend: the blend of `for-you`, by its name.
        weights: single weights of that blend.
        image_weight, word_weight: of searches that do not set their own.
        placements: for a placement, the one that is shown in its place, or `off`.
    """

    rules: tuple[Rule, ...] | None = None
    blend: str = ""
    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    image_weight: float | None = None
    word_weight: float | None = None
    placements: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def surfaces(self) -> frozenset[Surface]:
        """The surfaces on which the variant differs from the shop."""
        found: set[Surface] = set(cast("Mapping[PlacementName, str]", self.placements))
        if self.rules is not None:
            found |= EVERYWHERE
        if self.blend or self.weights:
            found.add(FOR_YOU)
        if self.image_weight is not None or self.word_weight is not None:
            found.add(SEARCH)
        return frozenset(found)

    def over(self, other: Variant) -> Variant:
        """Return this variant with the search weights and placements of another where it sets none."""
        return replace(
            self,
            image_weight=other.image_weight if self.image_weight is None else self.image_weight,
            word_weight=other.word_weight if self.word_weight is None else self.word_weight,
            placements={**other.placements, **self.placements},
        )

    def search(self, query: Query) -> Query:
        """Return a query with this variant's weights, unless it has its own."""
        return replace(
            query,
            image_weight=self.image_weight if query.image_weight is None else query.image_weight,
            word_weight=self.word_weight if query.word_weight is None else query.word_weight,
        )

    def mixing(self, usual: Mixing) -> Mixing:
        """Return the weights of `for-you`."""
        return replace(BLENDS.get(self.blend, usual), **cast("dict[str, Any]", dict(self.weights)))

    def placement(self, name: PlacementName) -> PlacementName | None:
        """Return the placement that replaces another one; None if nothing is shown."""
        shown = self.placements.get(name, name)
        return None if shown == OFF else cast("PlacementName", shown)


@dataclass(frozen=True, slots=True)
class Applied:
    """A variant that has become the shop's setting, and what is needed to undo it.

    Attributes:
        variant: which one.
        at: the time, in seconds since 1970.
        changed: what of the shop it changed; empty if the variant is the shop as it was.
        before, after: the stored settings that differ, by their names; None if there was none.
    """

    variant: VariantName
    at: float
    changed: tuple[Change, ...] = ()
    before: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    after: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Experiment:
    """Two variants and a goal; `share` of the shoppers get variant B."""

    id: str
    a: Variant = field(default_factory=Variant)
    b: Variant = field(default_factory=Variant)
    name: str = ""
    goal: Goal = "purchase"
    share: float = 0.5
    # A difference certainly smaller than this does not matter.
    smallest_lift: float = 0.05
    started: float = 0.0
    stopped: float | None = None
    applied: Applied | None = None

    @property
    def surfaces(self) -> frozenset[Surface]:
        """The surfaces of the experiment: those that a variant changes, or all if none does."""
        return self.a.surfaces | self.b.surfaces or EVERYWHERE

    @property
    def is_identical(self) -> bool:
        """Whether both variants are the same (an A/A test)."""
        return self.a == self.b

    def variant_of(self, shopper: str) -> VariantName:
        """Return the variant of a shopper: always the same, and independent of other experiments."""
        digest = hashlib.blake2b(f"{self.id}\0{self.started}\0{shopper}".encode(), digest_size=8).digest()
        return "B" if int.from_bytes(digest, "big") < self.share * 2.0**64 else "A"

    def variant(self, name: VariantName) -> Variant:
        """Return a variant by its name."""
        return self.b if name == "B" else self.a

"""Merchandising rules in requests and responses."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ConfigDict, Field

from lookalike.recommend import rules
from lookalike.server.schemas.base import RequestModel
from lookalike.shop import MOST_REPLAYED
from lookalike.types import Rule, RuleAction


class MerchandisingRule(RequestModel):
    """An action on products, and when it applies. Fields with their default value are left out."""

    model_config = ConfigDict(extra="forbid")

    id: str
    action: RuleAction
    products: list[str] = Field(default_factory=list[str], description="Products by id, in order.")
    where: dict[str, Any] = Field(
        default_factory=dict[str, Any], description="Products by filter, as in a search."
    )
    words: list[str] = Field(default_factory=list[str], description="Words that mean the same ('synonym').")
    amount: float = Field(1.0, description="Factor of 'boost' and 'bury'.")
    position: int = Field(1, description="First position of 'pin', from 1.")
    query: str = Field("", description="Only for this search.")
    category: str = Field("", description="Only in this category.")
    starts: str = Field("", description="ISO date or time.")
    ends: str = Field("", description="ISO date or time, not included.")

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """The same rule for a response."""
        return cls(**rules.rule_fields(rule))

    def rule(self) -> Rule:
        """The same rule for the engine."""
        return rules.rule_of(self.model_dump(exclude_unset=True))


class MerchandisingRules(RequestModel):
    """All rules of the shop."""

    rules: list[MerchandisingRule] = Field(
        max_length=rules.MOST_RULES,
        examples=[[{"id": "sale", "action": "boost", "where": {"season": "Summer"}, "amount": 2}]],
    )

    @classmethod
    def of(cls, found: tuple[Rule, ...]) -> Self:
        """The rules for a response."""
        return cls(rules=[MerchandisingRule.of(rule) for rule in found])


class PreviewRequest(RequestModel):
    """The changes to try, and the searches to try them on."""

    model_config = ConfigDict(extra="forbid")

    rules: list[MerchandisingRule] | None = Field(
        None, max_length=rules.MOST_RULES, description="All rules to try. Left out: the current rules."
    )
    image_weight: float | None = Field(None, ge=0, le=1, description="The weight of the photo to try.")
    last: int = Field(50, ge=1, le=MOST_REPLAYED, description="How many of the latest searches to repeat.")
    queries: list[str] = Field(
        default_factory=list[str], max_length=MOST_REPLAYED, description="Searches to try instead."
    )
    k: int = Field(10, ge=1, le=100)

"""Makes a variant the shop's setting: which stored settings change, and how to put them back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from lookalike.recommend import rules
from lookalike.recommend.experiments.experiment import Applied, Change, Variant, VariantName
from lookalike.recommend.rule_book import RULES
from lookalike.recommend.tuning import BLEND, LearnedBlend

# The setting that holds what the shop took over from variants and has no setting of its own.
ADOPTED = "adopted"
Settings = Mapping[str, str]
Changes = Mapping[str, str | None]


def adopted_variant(settings: Settings) -> Variant:
    """The weights of searches and the placements that the shop has taken over."""
    text = settings.get(ADOPTED)
    return Variant(**json.loads(text)) if text else Variant()


def applied(name: VariantName, variant: Variant, settings: Settings, now: float) -> Applied:
    """What changes once a variant is the shop's setting, with the stored settings before and after."""
    after: dict[str, str] = {}
    changed: list[Change] = []
    if variant.rules is not None:
        after[RULES] = rules.dumps(variant.rules)
        changed.append("rules")
    if variant.blend or variant.weights:
        known = LearnedBlend.loads(settings[BLEND]) if settings.get(BLEND) else LearnedBlend()
        # The weights of a variant are relative to its own blend.
        weights = variant.weights if variant.blend else {**known.weights, **variant.weights}
        after[BLEND] = replace(known, name=variant.blend or known.name, weights=weights).dumps()
        if variant.blend:
            changed.append("blend")
        if variant.weights:
            changed.append("weights")
    adopted = variant.over(adopted_variant(settings))
    values = {
        "image_weight": adopted.image_weight,
        "word_weight": adopted.word_weight,
        "placements": dict(adopted.placements),
    }
    if variant.image_weight is not None or variant.word_weight is not None or variant.placements:
        after[ADOPTED] = json.dumps({key: value for key, value in values.items() if value not in (None, {})})
        if variant.image_weight is not None:
            changed.append("image_weight")
        if variant.word_weight is not None:
            changed.append("word_weight")
        if variant.placements:
            changed.append("placements")
    return Applied(name, now, tuple(changed), {key: settings.get(key) for key in after}, after)


def undone(done: Applied, settings: Settings) -> tuple[Changes, tuple[Change, ...]]:
    """The stored settings to put back, and what stays because it was changed since."""
    restored = {key: done.before.get(key) for key, text in done.after.items() if settings.get(key) == text}
    kept: tuple[Change, ...] = tuple(each for each in done.changed if _setting_of(each) not in restored)
    return restored, kept


def _setting_of(change: Change) -> str:
    match change:
        case "rules":
            return RULES
        case "blend" | "weights":
            return BLEND
        case "image_weight" | "word_weight" | "placements":
            return ADOPTED

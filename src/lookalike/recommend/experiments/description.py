"""Parses, validates and stores experiments as JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, cast

from lookalike.errors import BadExperiment, BadRule
from lookalike.recommend import rules
from lookalike.recommend.blend import Mixing
from lookalike.recommend.experiments.experiment import GOALS, OFF, Applied, Experiment, Variant
from lookalike.recommend.placements import PLACEMENTS, RECIPES, PlacementName
from lookalike.recommend.tuning import BLENDS

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
LONGEST_NAME = 200
LEAST_SHARE, MOST_SHARE = 0.01, 0.99
MOST_WEIGHT = 1000.0
WEIGHTS = {each.name for each in fields(Mixing)} - {"explored"}


def experiment_of(values: Mapping[str, Any]) -> Experiment:
    """Parse and validate an experiment from named values. Raises BadExperiment."""
    known = {"id", "name", "goal", "share", "smallest_lift", "a", "b"}
    unknown = sorted(set(values) - known)
    if unknown:
        raise BadExperiment(f"Unknown field '{unknown[0]}' of an experiment. Use {', '.join(sorted(known))}.")
    given = {name: value for name, value in values.items() if value is not None}
    for name in ("id", "name", "goal"):
        if not isinstance(given.get(name, ""), str):
            raise BadExperiment(f"'{name}' must be text.")
    for name in ("share", "smallest_lift"):
        _check_number(name, given.get(name, 0.0))
    experiment = loaded({"id": ""} | given)
    problem = _problem(experiment)
    if problem:
        raise BadExperiment(problem)
    return experiment


def experiment_fields(experiment: Experiment) -> dict[str, Any]:
    """Return the fields of an experiment for storage."""
    values = asdict(experiment)
    return values | {"a": told_variant(experiment.a), "b": told_variant(experiment.b)}


def told_variant(variant: Variant) -> dict[str, Any]:
    """Return the fields of a variant that are set."""
    values = asdict(variant)
    if variant.rules is not None:
        values["rules"] = [rules.rule_fields(rule) for rule in variant.rules]
    return {name: value for name, value in values.items() if value not in (None, "", {})}


def loaded(values: Mapping[str, Any]) -> Experiment:
    """Restore an experiment from stored fields."""
    given: dict[str, Any] = {**values, "a": _variant_of("a", values), "b": _variant_of("b", values)}
    done = values.get("applied")
    if done is not None:
        kept: dict[str, Any] = {**done, "changed": tuple(done["changed"])}
        given["applied"] = Applied(**kept)
    return Experiment(**given)


def _variant_of(name: str, values: Mapping[str, Any]) -> Variant:
    given: Any = values.get(name) or {}
    known = {each.name for each in fields(Variant)}
    if not isinstance(given, Mapping) or set(cast("Mapping[str, Any]", given)) - known:
        raise BadExperiment(
            f"Variant {name.upper()} must be an object with any of {', '.join(sorted(known))}."
        )
    set_ = {key: value for key, value in cast("Mapping[str, Any]", given).items() if value is not None}
    if "rules" in set_:
        try:
            set_["rules"] = rules.checked(map(rules.rule_of, set_["rules"]))
        except (BadRule, TypeError, AttributeError) as error:
            raise BadExperiment(f"Variant {name.upper()} has an invalid rule: {error}") from error
    for key in ("weights", "placements"):
        if not isinstance(set_.get(key, {}), Mapping):
            raise BadExperiment(f"'{key}' of variant {name.upper()} must be an object.")
    for key, value in set_.get("weights", {}).items():
        _check_number(key, value)
    for key in ("image_weight", "word_weight"):
        _check_number(key, set_.get(key, 0.0))
    return Variant(**set_)


def _check_number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadExperiment(f"'{name}' must be a number, got {str(value)[:50]!r}.")


def _problem(experiment: Experiment) -> str:
    """Return why an experiment is invalid and what to do; empty if it is valid."""
    if not ID.fullmatch(experiment.id):
        return "Give the experiment an 'id' of up to 100 letters, digits, - and _."
    if len(experiment.name) > LONGEST_NAME:
        return f"The name may have at most {LONGEST_NAME} characters. Shorten it."
    if experiment.goal not in GOALS:
        return f"'{experiment.goal}' is not a goal. Use one of {', '.join(GOALS)}."
    if not LEAST_SHARE <= experiment.share <= MOST_SHARE:
        return f"'share' is the share of shoppers who get B. It must be from {LEAST_SHARE} to {MOST_SHARE}."
    if not 0 <= experiment.smallest_lift <= 1:
        return "'smallest_lift' must be from 0 to 1. 0.05 means that a lift below 5% does not matter."
    return _variant_problem(experiment.a) or _variant_problem(experiment.b)


def _variant_problem(variant: Variant) -> str:
    if variant.blend and variant.blend not in BLENDS:
        return f"'{variant.blend}' is not a blend. Use one of {', '.join(BLENDS)}."
    for name, value in variant.weights.items():
        if name not in WEIGHTS or not 0 <= value <= MOST_WEIGHT:
            return f"Weights have the names in GET /v1/blend, from 0 to {MOST_WEIGHT:g}, got {name}={value}."
    for name in ("image_weight", "word_weight"):
        if not 0 <= (getattr(variant, name) or 0.0) <= 1:
            return f"'{name}' must be from 0 to 1."
    for name, shown in variant.placements.items():
        if name not in PLACEMENTS or shown not in (*PLACEMENTS, OFF):
            return f"Placements are {', '.join(PLACEMENTS)}. A variant replaces one by another or by '{OFF}'."
        if shown != OFF and not _can_stand_in(shown, name):
            return f"'{shown}' cannot replace '{name}': requests for '{name}' lack its parameters."
    return ""


def _can_stand_in(shown: PlacementName, asked: PlacementName) -> bool:
    """Whether every request for one placement has the parameters of another."""
    needs_products = RECIPES[shown].starts_from_products and not RECIPES[shown].starts_from_shopper
    has_products = RECIPES[asked].starts_from_products and not RECIPES[asked].starts_from_shopper
    return has_products or not needs_products

"""Fit the prior that ships beside the built-in encoder.

    python -m research.confidence_prior.fit ../shared/data WORK

WORK keeps shops and vectors between runs; use a new folder after the encoder has changed. The files go to
`src/lookalike/encoders/builtin/`. The result is the same on every run.
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
from scipy.optimize import minimize

import lookalike
from lookalike.analysis.evaluate.out_of_domain_words import STRANGERS
from lookalike.search import prior as shipped
from lookalike.search.calibrate import Calibrator
from lookalike.search.calibration import USUALS, Calibration
from lookalike.search.confidence import Confidence
from lookalike.search.found import Found
from lookalike.search.out_of_domain import Usual
from lookalike.search.prior import BOTH, NUMBERS, PHOTO, TEXT, WORLD, Prior, Weights
from lookalike.types import Vector
from research.confidence_prior.shops import MOST_PRODUCTS, SHOPS, Builder, BuiltShop, Trial, half_of

log = logging.getLogger(__name__)

PLACE = Path(lookalike.__file__).parent / "encoders" / "builtin"
WORLD_PHOTOS = {"fashion": 220, "clothing": 150, "drawn": 40, "grocery": 220, "goods": 120, "objects": 400}
SIZES = {MOST_PRODUCTS: 1.0, 50: 0.5, 12: 0.25}
STRANGE_SHARE = 0.3
RIDGE = 1e-3
# The usual share of the ten best hits that are of one kind.
AGREEMENT = 0.75
# Features whose weight may be negative.
FREE = {PHOTO: (0,), TEXT: (0, 1), BOTH: (0,)}

Row: TypeAlias = "tuple[tuple[float, ...], bool, float]"


def main() -> None:
    """Build shops of many kinds, collect evidence, fit, write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", type=Path)
    asked.add_argument("work", type=Path)
    given = asked.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    given.work.mkdir(parents=True, exist_ok=True)
    builder = Builder(given.data, given.work, "fit")
    shops = [(builder.build(name, size), weight) for size, weight in SIZES.items() for name in SHOPS]
    largest = [built for built, weight in shops if weight == 1.0]
    encoding = largest[0].shop.catalog.encoding
    write_world(builder, largest[0])
    spaces = (encoding.image_space, encoding.text_space)
    # Each step is fitted with what the steps before it have found.
    before = shipped.shipped_prior()
    write(Prior(before.models, before.usual, AGREEMENT, *spaces))
    usual = usual_values(largest)
    write(Prior(before.models, usual, AGREEMENT, *spaces))
    write(Prior(models_of(shops), usual, AGREEMENT, *spaces))
    for built, _ in shops:
        built.shop.close()


def write(prior: Prior) -> None:
    """Write the numbers, and let this process use them."""
    (PLACE / NUMBERS).write_text(prior.dumps(), "utf-8")
    shipped.shipped_prior.cache_clear()


def write_world(builder: Builder, built: BuiltShop) -> None:
    """Write vectors of many kinds of things, in photos and in words."""
    photos: list[Vector] = []
    for name, count in WORLD_PHOTOS.items():
        rows = np.stack([row for _, row in builder.rows(built.shop, builder.items(name))])
        photos.append(centres(rows, min(count, len(rows) // 2)))
    texts = {word for word in STRANGERS if half_of(word) == "fit"}
    for name in SHOPS:
        items = builder.items(name)
        texts |= {item.kind.lower() for item in items}
        texts |= {" ".join(item.title.split()[-2:]).lower() for item in items[:150] if item.title}
    said = built.shop.catalog.pipeline.encode_texts(sorted(texts))
    assert isinstance(said, np.ndarray)
    images = np.concatenate(photos)
    with (PLACE / WORLD).open("wb") as file:
        np.savez_compressed(file, images=quantised(images), texts=quantised(said))
    shipped._world.cache_clear()  # pyright: ignore[reportPrivateUsage]
    log.info("%d photos and %d texts stand for the world", len(images), len(said))


def quantised(rows: Vector) -> np.ndarray:
    """Unit rows as small integers."""
    return np.round(rows / np.abs(rows).max(axis=1, keepdims=True) * 127).astype(np.int8)


def centres(rows: Vector, count: int) -> Vector:
    """Cluster centers on the sphere."""
    found = rows[np.random.default_rng(0).permutation(len(rows))[:count]].copy()
    for _ in range(6):
        nearest = (rows @ found.T).argmax(axis=1)
        for place in range(count):
            if (nearest == place).any():
                mean = rows[nearest == place].mean(axis=0)
                found[place] = mean / np.linalg.norm(mean)
    return found


def usual_values(shops: list[BuiltShop]) -> dict[str, Usual]:
    """What similarities usually are in a shop: the mean over shops."""
    calibrations = [Calibrator(built.shop.catalog, built.shop.engine.find).learn() for built in shops]
    names = (*USUALS, "looks", "words")
    found: dict[str, Usual] = {}
    for name in names:
        own = [getattr(each, name) for each in calibrations if getattr(each, name) is not None]
        own = [each if isinstance(each, Usual) else each.usual for each in own]
        found[name] = Usual(
            round(float(np.mean([each.middle for each in own])), 4),
            round(float(np.mean([each.spread for each in own])), 4),
        )
    return found


@dataclass(frozen=True, slots=True)
class Answered:
    """A shop's trials with what they found, and what was learned from the shop."""

    trials: list[tuple[Trial, Found]]
    calibration: Calibration
    weight: float

    @classmethod
    def of(cls, built: BuiltShop, weight: float) -> Self:
        """Ask all the trials once."""
        engine = built.shop.engine
        answers = [(trial, engine.find(trial.query)) for trial in built.trials]
        learned = Calibrator(built.shop.catalog, engine.find).learn()
        return cls([(trial, found) for trial, found in answers if found.head], learned, weight)


def models_of(shops: list[tuple[BuiltShop, float]]) -> dict[str, Weights]:
    """The weights of every model."""
    answered = [Answered.of(built, weight) for built, weight in shops]
    models: dict[str, Weights] = {}
    for name in (PHOTO, TEXT):
        models[name] = logistic([row for each in answered for row in hits_of(each, name)], FREE[name])
        log.info("%s %s", name, models[name].values)
        for with_world in (True, False):
            model = Prior.sold_model(name, with_world)
            rows = [row for each in answered for row in queries_of(each, name, with_world)]
            # Two numbers say what the query has to do with the shop; what was found follows.
            models[model] = logistic(rows, tuple(2 + place for place in FREE[name]))
            log.info("%s %s", model, models[model].values)
    before = shipped.shipped_prior()
    write(Prior({**before.models, **models}, before.usual, AGREEMENT, before.image_space, before.text_space))
    models[BOTH] = both_model(answered)
    log.info("%s %s", BOTH, models[BOTH].values)
    return models


def hits_of(answered: Answered, name: str) -> list[Row]:
    """What is known of each hit of what the shop sells, whether it is right, and its weight."""
    judge = Confidence(answered.calibration)
    trials = [(trial, found) for trial, found in answered.trials if trial.sort == name and trial.sold]
    rows: list[Row] = []
    for trial, found in trials:
        evidence = judge.evidence(found.head, found.query, found.vectors)
        weight = answered.weight / len(trials) / len(found.head)
        rows += [
            (judge.features(hit, evidence, hit, rank), trial.right(hit), weight)
            for rank, hit in enumerate(found.head)
        ]
    return rows


def queries_of(answered: Answered, name: str, with_world: bool) -> list[Row]:
    """What is known of each query, whether the shop sells it, and its weight."""
    calibration = answered.calibration
    if not with_world:
        calibration = replace(calibration, looks=None, words=None)
    judge = Confidence(calibration)
    trials = [(trial, found) for trial, found in answered.trials if trial.sort == name]
    counts = {sold: sum(trial.sold is sold for trial, _ in trials) for sold in (True, False)}
    rows: list[Row] = []
    for trial, found in trials:
        share = (1 - STRANGE_SHARE if trial.sold else STRANGE_SHARE) / counts[trial.sold]
        evidence = judge.evidence(found.head, found.query, found.vectors)
        rows.append(((*evidence.query, *evidence.found), trial.sold, answered.weight * share))
    return rows


def both_model(shops: list[Answered]) -> Weights:
    """How the match of a photo and the words that a product carries go together."""
    rows: list[Row] = []
    for each in shops:
        judge = Confidence(each.calibration)
        trials = [(trial, found) for trial, found in each.trials if trial.sort == BOTH]
        counts = {sold: sum(trial.sold is sold for trial, _ in trials) for sold in (True, False)}
        for trial, found in trials:
            share = (1 - STRANGE_SHARE if trial.sold else STRANGE_SHARE) / counts[trial.sold]
            evidence = judge.evidence(found.head, found.query, found.vectors)
            for hit in found.head:
                known = judge.changed(hit, evidence, hit)
                rows.append((known, trial.right(hit), each.weight * share / len(found.head)))
    return logistic(rows, FREE[BOTH])


def logistic(rows: list[Row], free: tuple[int, ...]) -> Weights:
    """Logistic regression whose weights are not negative, but for those that are free."""
    design = np.array([features for features, _, _ in rows])
    right = np.array([each for _, each, _ in rows], np.float64)
    weights = np.array([each for _, _, each in rows])
    weights /= weights.sum()

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        logits = design @ values
        chance = 1 / (1 + np.exp(-logits))
        value = float(weights @ (np.logaddexp(0, logits) - right * logits))
        penalty = values.copy()
        penalty[list(free)] = 0
        return value + RIDGE / 2 * float(penalty @ penalty), design.T @ (
            weights * (chance - right)
        ) + RIDGE * penalty

    bounds = [(None, None) if place in free else (0, None) for place in range(design.shape[1])]
    found = minimize(loss, np.zeros(design.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B")
    return Weights(tuple(round(float(value), 4) for value in found.x))


if __name__ == "__main__":
    main()

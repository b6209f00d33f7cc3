"""Learns the weights of the sources from the shop's own events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from threading import Event as StopSignal
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import numpy as np

from lookalike.recommend.blend import MIXING, Mixing
from lookalike.recommend.replay import FEWEST_SHOPPERS, Replay, Scores

# The name of the setting that holds the learned blend.
BLEND = "blend"
BALANCED = "balanced"
# What real shops and the simulated one are best served by; each was the best somewhere.
BLENDS: Mapping[str, Mixing] = MappingProxyType(
    {
        BALANCED: MIXING,
        "models-first": replace(MIXING, trust=30.0, attributes_kept=0.0),
        "models-and-attributes": replace(MIXING, trust=200.0, attributes_kept=1.0),
        "content-and-walk": replace(MIXING, trust=1e12),
    }
)
# Another blend must be better by so many standard errors before it replaces the balanced one.
SURE = 1.0
Z95 = 1.96


@dataclass(frozen=True, slots=True)
class BlendScore:
    """How well a blend predicted what shoppers chose, and its gain over the balanced one.

    `gain` is the difference of the mean NDCG@10 over the same shoppers, `margin` half its 95% interval.
    """

    name: str
    hit_rate: float
    ndcg: float
    gain: float
    margin: float


@dataclass(frozen=True, slots=True)
class LearnedBlend:
    """The blend of a shop, and how it was chosen."""

    name: str = BALANCED
    shoppers: int = 0
    events: int = 0
    learned_at: float | None = None
    scores: tuple[BlendScore, ...] = ()
    # Single weights that replace those of the blend: taken over from an experiment.
    weights: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def mixing(self) -> Mixing:
        """The weights of the blend."""
        return replace(BLENDS.get(self.name, MIXING), **cast("dict[str, Any]", dict(self.weights)))

    def dumps(self) -> str:
        """The blend as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> LearnedBlend:
        """The blend from JSON."""
        values = json.loads(text)
        scores = tuple(BlendScore(**each) for each in values.pop("scores"))
        return cls(**values, scores=scores)


Progress: TypeAlias = Callable[[int, int], None]


def learn_blend(
    replay: Replay, now: float, progress: Progress | None = None, stop: StopSignal | None = None
) -> LearnedBlend | None:
    """Choose the blend whose pages predict best; the balanced one unless another is surely better.

    Args:
        replay: the shop before its last events, and what followed.
        now: the time that the result carries.
        progress: called with the number of blends measured and their total.
        stop: once it is set, nothing is chosen and None returned.
    """
    shoppers, events = len(replay.truth), len(replay.before.product)
    if shoppers < FEWEST_SHOPPERS:
        return LearnedBlend(shoppers=shoppers, events=events, learned_at=now)
    found: dict[str, Scores] = {}
    for name, mixing in BLENDS.items():
        if stop is not None and stop.is_set():
            return None
        found[name] = replay.scores(replay.pages(mixing))
        if progress is not None:
            progress(len(found), len(BLENDS))
    base = found[BALANCED].ndcg
    scores: list[BlendScore] = []
    best, best_gain = BALANCED, 0.0
    for name, score in found.items():
        difference = score.ndcg - base
        gain = float(difference.mean())
        error = float(difference.std() / np.sqrt(shoppers))
        scores.append(BlendScore(name, float(score.hits.mean()), float(score.ndcg.mean()), gain, Z95 * error))
        if gain > SURE * error and gain > best_gain:
            best, best_gain = name, gain
    return LearnedBlend(best, shoppers, events, now, tuple(scores))

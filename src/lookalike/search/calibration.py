"""The calibration learned from one shop's products, which turns scores into match probabilities."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lookalike.catalog.state import EncodingState
from lookalike.search.out_of_domain import ShopClassifier, Usual
from lookalike.search.prior import shared_world

HIGHEST = 0.999
USUALS = ("best_look", "mean_look", "best_score", "best_meaning")


@dataclass(frozen=True, slots=True)
class Scale:
    """The shop's correction of the prior's log odds (Platt scaling)."""

    shift: float = 0.0
    slope: float = 1.0

    def match(self, logit: float) -> float:
        """Return the probability in this shop."""
        return float(min(1 / (1 + np.exp(-self.shift - self.slope * logit)), HIGHEST))


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The typical similarities of one shop, a classifier for its domain, and its correction of the prior.

    `count` is the number of products it was learned from; `category` is the facet that names a product's
    category.
    """

    image_space: str
    text_space: str
    learned: str
    count: int
    category: str
    agreement: float
    best_look: Usual
    mean_look: Usual
    best_score: Usual
    best_meaning: Usual
    looks: ShopClassifier | None = None
    words: ShopClassifier | None = None
    photo_scale: Scale = Scale()
    text_scale: Scale = Scale()

    def fits(self, encoding: EncodingState) -> bool:
        """Whether it was learned in the current vector spaces."""
        mine = (self.image_space, self.text_space, self.learned)
        return mine == (encoding.image_space, encoding.text_space, encoding.learned)

    def dumps(self) -> bytes:
        """Serialize for the database."""
        arrays: dict[str, Any] = {}
        numbers: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("image_space", "text_space", "learned", "count", "category", "agreement")
        }
        for name in (*USUALS, "photo_scale", "text_scale"):
            numbers[name] = list(asdict(getattr(self, name)).values())
        for name in ("looks", "words"):
            classifier: ShopClassifier | None = getattr(self, name)
            if classifier is not None:
                numbers[name] = [classifier.usual.middle, classifier.usual.spread, len(classifier.own)]
                arrays[f"{name}_landmarks"] = classifier.landmarks.astype(np.float16)
                arrays[f"{name}_weights"] = classifier.weights
        buffer = io.BytesIO()
        np.savez_compressed(buffer, numbers=np.frombuffer(json.dumps(numbers).encode(), np.uint8), **arrays)
        return buffer.getvalue()

    @classmethod
    def loads(cls, data: bytes) -> Calibration:
        """Deserialize from the database."""
        with np.load(io.BytesIO(data)) as arrays:
            numbers: dict[str, Any] = json.loads(arrays["numbers"].tobytes())
            for name in USUALS:
                numbers[name] = Usual(*numbers[name])
            for name in ("photo_scale", "text_scale"):
                numbers[name] = Scale(*numbers[name])
            for name in ("looks", "words"):
                if name in numbers:
                    middle, spread, count = numbers[name]
                    stored = arrays[f"{name}_landmarks"]
                    own = stored[:count].astype(np.float32)
                    world, chosen = shared_world(stored[count:])
                    weights = arrays[f"{name}_weights"]
                    numbers[name] = ShopClassifier(own, world, chosen, weights, Usual(middle, spread))
        return cls(**numbers)

"""What is known about matches before a shop is known: learned over many kinds of shop, shipped as data.

`python -m research.confidence_prior.fit` writes the files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from lookalike.search.out_of_domain import Usual
from lookalike.types import Vector

PHOTO, TEXT, BOTH = "photo", "text", "both"
WITHOUT_WORLD = " without world"
NUMBERS, WORLD = "confidence.json", "world.npz"


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression on the evidence."""

    values: tuple[float, ...]

    def logit(self, features: Sequence[float]) -> float:
        """The log odds that a hit is accepted."""
        return sum(weight * feature for weight, feature in zip(self.values, features, strict=True))


@dataclass(frozen=True, slots=True)
class Prior:
    """What holds on average in shops that were never seen."""

    models: Mapping[str, Weights]
    usual: Mapping[str, Usual]
    agreement: float
    image_space: str = ""
    text_space: str = ""

    @staticmethod
    def model(name: str, with_world: bool) -> str:
        """The model for photos or text; another one where nothing is known of the world."""
        return name if with_world else name + WITHOUT_WORLD

    def world_images(self, space: str) -> Vector | None:
        """Photos of many kinds of things in a vector space; None if they are not known in it."""
        return _world("images") if space == self.image_space else None

    def world_texts(self, space: str) -> Vector | None:
        """Words for many kinds of things in a vector space; None if they are not known in it."""
        return _world("texts") if space == self.text_space else None

    def dumps(self) -> str:
        """As JSON."""
        values = {
            "models": {name: weights.values for name, weights in self.models.items()},
            "usual": {name: [usual.middle, usual.spread] for name, usual in self.usual.items()},
            "agreement": self.agreement,
            "image_space": self.image_space,
            "text_space": self.text_space,
        }
        return json.dumps(values, indent=1) + "\n"

    @classmethod
    def loads(cls, text: str) -> Prior:
        """Back from JSON."""
        values = json.loads(text)
        return cls(
            models={name: Weights(tuple(each)) for name, each in values["models"].items()},
            usual={name: Usual(*each) for name, each in values["usual"].items()},
            agreement=values["agreement"],
            image_space=values["image_space"],
            text_space=values["text_space"],
        )


@cache
def shipped_prior() -> Prior:
    """The prior beside the built-in encoder."""
    return Prior.loads(files("lookalike.encoders").joinpath("builtin", NUMBERS).read_text("utf-8"))


@cache
def _world(name: str) -> Vector:
    with files("lookalike.encoders").joinpath("builtin", WORLD).open("rb") as file:
        rows = np.load(file)[name].astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)

"""The prior for matches in an unknown shop, learned over many kinds of shop and shipped as data.

`python -m research.confidence_prior.fit` writes the files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

import numpy as np

from lookalike.search.out_of_domain import Rows, Usual
from lookalike.types import Vector

Halves: TypeAlias = "np.ndarray[Any, np.dtype[np.float16]]"

PHOTO, TEXT, BOTH = "photo", "text", "both"
SOLD, WITHOUT_WORLD = " sold", " without world"
NUMBERS, WORLD = "confidence.json", "world.npz"


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression over the evidence."""

    values: tuple[float, ...]

    def logit(self, features: Sequence[float]) -> float:
        """Return the log odds that a hit is accepted."""
        return sum(weight * feature for weight, feature in zip(self.values, features, strict=True))


@dataclass(frozen=True, slots=True)
class Prior:
    """Averages over shops that were not used in training."""

    models: Mapping[str, Weights]
    usual: Mapping[str, Usual]
    agreement: float
    image_space: str = ""
    text_space: str = ""

    @staticmethod
    def sold_model(name: str, with_world: bool) -> str:
        """Return the model for whether the shop sells something, with or without world vectors."""
        return name + SOLD + ("" if with_world else WITHOUT_WORLD)

    def world_images(self, space: str) -> Vector | None:
        """Return world photos in a vector space; None if there are none for it."""
        return _world("images") if space == self.image_space else None

    def world_texts(self, space: str) -> Vector | None:
        """Return world phrases in a vector space; None if there are none for it."""
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
        """Deserialize from JSON."""
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
    """Load the prior stored beside the built-in encoder."""
    return Prior.loads(files("lookalike.encoders").joinpath("builtin", NUMBERS).read_text("utf-8"))


def shared_world(stored: Halves) -> tuple[Vector, Rows]:
    """Return the world and the row numbers of the stored vectors, to share memory between catalogs.

    Vectors that are not in this world, as after an update of the encoder, are returned as they are.
    """
    for name in ("images", "texts"):
        world, numbers = _stored_world(name)
        chosen = [numbers.get(row.tobytes()) for row in stored]
        if None not in chosen:
            return world, np.array(chosen, np.int64)
    return stored.astype(np.float32), np.arange(len(stored))


@cache
def _stored_world(name: str) -> tuple[Vector, dict[bytes, int]]:
    """Return the world at the precision in which catalogs store it, and its row numbers by content."""
    stored = _world(name).astype(np.float16)
    return stored.astype(np.float32), {row.tobytes(): number for number, row in enumerate(stored)}


@cache
def _world(name: str) -> Vector:
    with files("lookalike.encoders").joinpath("builtin", WORLD).open("rb") as file:
        rows = np.load(file)[name].astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)

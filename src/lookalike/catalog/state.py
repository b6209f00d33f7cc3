"""How the vectors of a catalog were encoded, and the identity of the catalog, as stored in its settings."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

from lookalike.database import Database
from lookalike.types import Recipe

ENCODING_STATE = "made"
PREVIOUS_ENCODING_STATE = "made_before"
# The stored calibration of match percentages.
CALIBRATION = "confidence"
# Set in the target of a copy until the copy is whole: the source it comes from.
COPYING = "copying_from"
# Fields of a recipe that describe it and change no result.
DESCRIPTIVE = frozenset({"name", "summary", "paper", "steps"})
# The facet that holds the clusters of a product's photos.
CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class EncodingState:
    """How a catalog is encoded: the recipe, and the vector spaces."""

    recipe: Recipe
    image_space: str = ""
    image_dim: int = 0
    text_space: str = ""
    text_dim: int = 0
    fitted_on: int = 0
    learned: str = ""
    learned_dim: int = 0
    learned_on: int = 0

    @property
    def spaces(self) -> frozenset[str]:
        """The vector spaces in use."""
        return frozenset({self.image_space, self.text_space, self.learned} - {""})

    def dumps(self) -> str:
        """As text, for the settings."""
        return json.dumps(asdict(self))

    def superseded_by(self, now: EncodingState) -> bool:
        """Whether the recipe's encoders have changed since the vectors were stored."""
        spaces = ((self.image_space, now.image_space), (self.text_space, now.text_space))
        return any(stored and space and stored != space for stored, space in spaces)

    @classmethod
    def loads(cls, text: str) -> EncodingState:
        """From the text in the settings."""
        values: dict[str, Any] = json.loads(text)
        recipe: dict[str, Any] = values.pop("recipe")
        recipe.update({key: tuple(value) for key, value in recipe.items() if isinstance(value, list)})
        return cls(Recipe(**recipe), **values)


def changed_settings(stored: Recipe, wanted: Recipe) -> list[str]:
    """How the settings of two definitions of a recipe differ, each as 'k: 10 now 5'."""
    return [
        f"{each.name}: {_said(getattr(stored, each.name))} now {_said(getattr(wanted, each.name))}"
        for each in fields(Recipe)
        if each.name not in DESCRIPTIVE and getattr(stored, each.name) != getattr(wanted, each.name)
    ]


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, cast("tuple[object, ...]", value)))
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if value not in ("", None) else "none"


# The setting with the id of the catalog. Indexes elsewhere refer to it.
IDENTITY = "catalog"


def identity(database: Database) -> str:
    """The id of the catalog, created if missing. If several processes create one, the first wins."""
    while True:
        revision = database.revision()
        known = database.settings().get(IDENTITY)
        if known is not None:
            return known
        database.put_settings({IDENTITY: new_identity()}, at=revision)


def new_identity() -> str:
    """A new unique id."""
    return uuid.uuid4().hex

"""What a catalog's vectors were made with, and the catalog's identity, as kept in its settings."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from typing import Any

from lookalike.database import Database
from lookalike.types import Recipe

ENCODING_STATE = "made"
PREVIOUS_ENCODING_STATE = "made_before"
# The fit that holds what was learned about matches.
CALIBRATION = "confidence"
# Set in the target of a copy until the copy is whole: the source it comes from.
COPYING = "copying_from"
# The facet that tells which clusters the photos of a product lie in.
CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class EncodingState:
    """What a catalogue is searched by: a recipe and the spaces its vectors lie in."""

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
        """The spaces it needs in the database."""
        return frozenset({self.image_space, self.text_space, self.learned} - {""})

    def dumps(self) -> str:
        """As a setting of the database."""
        return json.dumps(asdict(self))

    def superseded_by(self, now: EncodingState) -> bool:
        """Whether the recipe's encoders are other ones now than those that made what is stored."""
        spaces = ((self.image_space, now.image_space), (self.text_space, now.text_space))
        return any(stored and space and stored != space for stored, space in spaces)

    @classmethod
    def loads(cls, text: str) -> EncodingState:
        """Back from a setting of the database."""
        values: dict[str, Any] = json.loads(text)
        recipe: dict[str, Any] = values.pop("recipe")
        recipe.update({key: tuple(value) for key, value in recipe.items() if isinstance(value, list)})
        return cls(Recipe(**recipe), **values)


# The setting that holds the catalogue's own id; what is derived elsewhere is known by it.
IDENTITY = "catalog"


def identity(database: Database) -> str:
    """The catalogue's own id, made where there is none; of several that make one, the first is heard."""
    while True:
        revision = database.revision()
        known = database.settings().get(IDENTITY)
        if known is not None:
            return known
        database.put_settings({IDENTITY: new_identity()}, at=revision)


def new_identity() -> str:
    """An id that no other catalogue has."""
    return uuid.uuid4().hex

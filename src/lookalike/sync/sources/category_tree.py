"""The paths of categories that name their parents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

Id = TypeVar("Id")


def category_paths(categories: Mapping[Id, Mapping[str, Any]], parent: str) -> dict[Id, str]:
    """The path of each category, such as "Women > Shoes"; `parent` names the field with the id above."""
    return {id: " > ".join(reversed(_upwards(categories, id, parent))) for id in categories}


def _upwards(categories: Mapping[Id, Mapping[str, Any]], id: Id, parent: str) -> list[str]:
    names: list[str] = []
    # A cycle, which a shop should not have, ends when every category was visited.
    while id in categories and len(names) < len(categories):
        names.append(str(categories[id]["name"]))
        id = categories[id][parent]
    return names

"""Describes recipes and models: their source, files and commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from lookalike.encoders.files import Source
from lookalike.encoders.recipes import DEFAULT_RECIPE, RECIPES
from lookalike.encoders.registry import KINDS, WITHOUT_FILES, source
from lookalike.types import Recipe

# Of what is computed without any file, such as `pixels` and `tfidf`.
OWN_LICENCE = "MIT"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file that a recipe needs: its source, its size, and whether it is on this machine."""

    model: str
    file: str
    source: str
    size: int
    licence: str
    here: bool


def recipe_facts(recipe: Recipe) -> dict[str, Any]:
    """A recipe as `recipes --json` lists it."""
    sources = list(_sources(recipe))
    return {
        "name": recipe.name,
        "default": recipe.name == DEFAULT_RECIPE,
        "summary": recipe.summary,
        "paper": recipe.paper,
        "image": recipe.image,
        "text": recipe.text,
        "image_weight": recipe.image_weight,
        "metric": recipe.metric,
        "k": recipe.k,
        "keyword_bonus": recipe.keyword_bonus,
        "components": recipe.components,
        "clusters": recipe.clusters,
        "min_score": recipe.min_score,
        "steps": list(recipe.steps),
        "size": sum(each.record.size for each in sources),
        "licences": list(dict.fromkeys(licence(each) for each in sources)) or [OWN_LICENCE],
        "here": all(each.complete() for each in sources),
        "downloadable": all(each.complete() or bool(each.record.repository) for each in sources),
        "files": [asdict(file) for file in recipe_files(recipe)],
    }


def all_recipe_facts() -> list[dict[str, Any]]:
    """Describe every recipe in the zoo."""
    return [recipe_facts(recipe) for recipe in RECIPES.values()]


def recipe_files(recipe: Recipe) -> list[FileFacts]:
    """Return the files that a recipe needs, without duplicates."""
    found = {fact.file + fact.source: fact for each in _sources(recipe) for fact in model_files(each)}
    return list(found.values())


def model_files(found: Source) -> list[FileFacts]:
    """Return the files of one encoder."""
    record = found.record
    return [
        FileFacts(
            model=record.name,
            file=file.path,
            source=source_of(found),
            size=file.size,
            licence=licence(found),
            here=found.here(file) is not None,
        )
        for file in record.files
    ]


def licence(found: Source) -> str:
    """The licence of an encoder's files."""
    return found.record.licence or "not stated"


def source_of(found: Source) -> str:
    """Describe the source of an encoder's files."""
    record = found.record
    if found.folder is not None:
        return str(found.folder)
    if record.repository:
        place = record.repository if "://" in record.repository else f"huggingface.co/{record.repository}"
        return f"{place} @{record.revision}" if record.revision else place
    return f"lookalike export --from {record.export}"


def _sources(recipe: Recipe) -> Iterator[Source]:
    for kind, name in zip(KINDS, (recipe.image, recipe.text), strict=True):
        if name and name not in WITHOUT_FILES:
            yield source(name, kind)

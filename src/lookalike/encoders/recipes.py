"""Finds recipes by name, by encoder and by file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.encoders.paper_recipes import PAPER_RECIPES
from lookalike.errors import UnknownRecipe
from lookalike.types import Recipe

if TYPE_CHECKING:
    from lookalike.encoders.spec import EncoderSpec

DEFAULT_RECIPE = "builtin"
# The maximum number of hits in an answer.
MOST_HITS = 1000

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="builtin",
            summary="the encoder in the package: photos and words in one space, trained on products",
            image="builtin",
            text="builtin",
            joint=True,
            steps=("squash to 128 x 128", "the image tower", "the text tower over all words", "cosine"),
        ),
        Recipe(
            name="pixels",
            summary="colors, edges and TF-IDF words: no network, the baseline that any network must beat",
            image="pixels",
            text="tfidf",
            image_weight=0.5,
            steps=("color histogram, edges and a gray thumbnail", "TF-IDF of all words", "cosine"),
        ),
        *PAPER_RECIPES,
    )
}


def recipe(name: str) -> Recipe:
    """Return the recipe of a name or a TOML file; for an encoder, a recipe that combines it with TF-IDF."""
    from lookalike.encoders.registry import is_path, kinds

    if name in RECIPES:
        return RECIPES[name]
    path = Path(name).absolute()
    if path.suffix == ".toml" and _is_recipe(path):
        return read_recipe(path)
    if not is_path(name) and not _is_encoder(name):
        raise UnknownRecipe(
            f"Unknown recipe {name!r}. Use {', '.join(RECIPES)}, an encoder ('lookalike models') "
            "or a TOML file of your own."
        )
    # The catalog stores the path and may be opened from another folder.
    name = str(path) if is_path(name) else name
    found = kinds(name)
    text = name if "text" in found else "tfidf"
    summary = f"the encoder {path.name if is_path(name) else name}"
    summary += "" if "text" in found else ", and TF-IDF of all words"
    image = name if "image" in found else ""
    weight = 0.7 if image else 0.0
    shown = path.stem if is_path(name) else name
    return Recipe(shown, summary, image, text, image_weight=weight, joint=len(found) > 1)


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from a TOML file; relative paths start at its folder."""
    from pydantic import TypeAdapter, ValidationError

    from lookalike.encoders.registry import is_path, kinds

    facts = _toml(path)
    facts = {"name": path.stem, "summary": f"read from {path.name}", **facts}
    for kind in ("image", "text"):
        encoder = facts.get(kind)
        if isinstance(encoder, str) and is_path(encoder):
            facts[kind] = str(path.absolute().parent / encoder)
    if strange := facts.keys() - Recipe.__dataclass_fields__.keys():
        raise UnknownRecipe(f"The recipe {path} has unknown keys: {', '.join(sorted(strange))}.")
    try:
        read = TypeAdapter(Recipe).validate_python(facts)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnknownRecipe(f"The recipe {path} is invalid at {place}: {first['msg']}.") from error
    for kind, encoder in (("image", read.image), ("text", read.text)):
        if encoder and kind not in kinds(encoder):
            raise UnknownRecipe(f"The recipe {path} names {encoder!r}, which is not an encoder for {kind}s.")
    if not read.image and not read.text:
        raise UnknownRecipe(f"The recipe {path} names neither an image encoder nor a text encoder.")
    if not 0 <= read.image_weight <= 1:
        raise UnknownRecipe(f"The recipe {path} has an image_weight outside 0 to 1.")
    if not 1 <= read.k <= MOST_HITS:
        raise UnknownRecipe(f"The recipe {path} has a k outside 1 to {MOST_HITS}.")
    return read


def needs(name: str) -> list[EncoderSpec]:
    """Return the records with downloadable files for a recipe or model name."""
    from lookalike.encoders.hub import named
    from lookalike.encoders.zoo import MODELS

    if name not in RECIPES:
        return named(name)
    found = RECIPES[name]
    wanted = {("image", found.image), ("text", found.text)}
    return [record for record in MODELS if (record.kind, record.name) in wanted]


def _is_encoder(name: str) -> bool:
    from lookalike.encoders.registry import kinds

    try:
        return bool(kinds(name))
    except UnknownRecipe:
        return False


def _is_recipe(path: Path) -> bool:
    # A TOML file may also be an encoder's record; only a record has a file.
    return "file" not in _toml(path)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnknownRecipe(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UnknownRecipe(f"The recipe {path} is not valid TOML: {error}.") from error

"""Recipes by name, by encoder and by file."""

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
# The most hits that a search gives.
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
            summary="colours, edges and counted words: no network, the baseline that any network must beat",
            image="pixels",
            text="tfidf",
            image_weight=0.5,
            steps=("colour histogram, edges and a grey thumbnail", "TF-IDF of all words", "cosine"),
        ),
        *PAPER_RECIPES,
    )
}


def recipe(name: str) -> Recipe:
    """The recipe of a name or of a TOML file; the name or file of an encoder makes one with TF-IDF."""
    from lookalike.encoders.registry import is_path, kinds

    if name in RECIPES:
        return RECIPES[name]
    path = Path(name).absolute()
    if path.suffix == ".toml" and _is_recipe(path):
        return read_recipe(path)
    if not is_path(name) and not _is_encoder(name):
        raise UnknownRecipe(
            f"No recipe is called {name!r}; there are {', '.join(RECIPES)}, encoders ('lookalike models') "
            "and TOML files of your own."
        )
    # A catalog remembers its recipe, and may be opened from another folder.
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
    """Read a recipe of one's own from a TOML file; paths in it start at the file's folder."""
    from pydantic import TypeAdapter, ValidationError

    from lookalike.encoders.registry import is_path, kinds

    facts = _toml(path)
    facts = {"name": path.stem, "summary": f"read from {path.name}", **facts}
    for kind in ("image", "text"):
        encoder = facts.get(kind)
        if isinstance(encoder, str) and is_path(encoder):
            facts[kind] = str(path.absolute().parent / encoder)
    if strange := facts.keys() - Recipe.__dataclass_fields__.keys():
        raise UnknownRecipe(f"The recipe {path} has unknown names: {', '.join(sorted(strange))}.")
    try:
        read = TypeAdapter(Recipe).validate_python(facts)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnknownRecipe(f"The recipe {path} is wrong at {place}: {first['msg']}.") from error
    for kind, encoder in (("image", read.image), ("text", read.text)):
        if encoder and kind not in kinds(encoder):
            raise UnknownRecipe(f"The recipe {path} names {encoder!r}, which is no {kind} encoder.")
    if not read.image and not read.text:
        raise UnknownRecipe(f"The recipe {path} names neither an image encoder nor a text encoder.")
    if not 0 <= read.image_weight <= 1:
        raise UnknownRecipe(f"The recipe {path} has an image_weight outside 0 to 1.")
    if not 1 <= read.k <= MOST_HITS:
        raise UnknownRecipe(f"The recipe {path} has a k outside 1 to {MOST_HITS}.")
    return read


def needs(name: str) -> list[EncoderSpec]:
    """The records whose files a recipe or a model of this name needs from a hub."""
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
    # A TOML file may be an encoder's record as well; only a record names a file.
    return "file" not in _toml(path)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnknownRecipe(f"The recipe {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UnknownRecipe(f"The recipe {path} is no valid TOML: {error}.") from error

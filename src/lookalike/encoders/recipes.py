"""Recipes by name: the default, and the systems of five papers and what came after them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lookalike.errors import UnknownRecipe
from lookalike.types import Recipe

if TYPE_CHECKING:
    from lookalike.encoders.spec import EncoderSpec

DEFAULT_RECIPE = "builtin"

BABU = "Babu and Jose, 2023"
MISHRA = "Mishra et al."
HARI_PRASAD = "Hari Prasad et al., 2023"
ANGADI = "Angadi et al."
JABLOUN = "Jabloun et al., 2023"
PATIL = "Patil"
KERAS_STEPS = (
    "read the photo",
    "resize to 224 x 224",
    "RGB to BGR, means subtracted",
    "ResNet-50 without its top",
)
METADATA = ("facets", "title")

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
        Recipe(
            name="resnet50-max",
            summary="ResNet-50 with the weights of Keras, global max pool",
            image="resnet50-keras-max",
            image_weight=1.0,
            metric="euclidean",
            paper=BABU,
            steps=(
                *KERAS_STEPS,
                "global max pool",
                "L2 normalisation",
                "Euclidean nearest neighbours, top 5",
            ),
        ),
        Recipe(
            name="alexnet",
            summary="the 1000 values of AlexNet, reduced by PCA, in K-means clusters",
            image="alexnet",
            image_weight=1.0,
            components=128,
            clusters=10,
            min_score=0.5,
            paper=MISHRA,
            steps=(
                "shorter side to 256, centre 224",
                "AlexNet, its 1000 values",
                "PCA",
                "K-means clusters, search in the nearest one on request",
                "cosine above 0.5, top 5",
            ),
        ),
        Recipe(
            name="alexnet-fc7",
            summary="the 4096 values before the classes of AlexNet",
            image="alexnet-fc7",
            image_weight=1.0,
            components=128,
            clusters=10,
            min_score=0.5,
            paper=MISHRA,
            steps=("shorter side to 256, centre 224", "AlexNet, fc7", "PCA", "cosine above 0.5, top 5"),
        ),
        Recipe(
            name="resnet50-sbert",
            summary="ResNet-50 with average pool, and sentences by BERT",
            image="resnet50",
            text="sbert",
            text_fields=METADATA,
            image_weight=0.5,
            paper=HARI_PRASAD,
            steps=(
                "shorter side to 256, centre 224",
                "ResNet-50, average pool",
                "bert-base-nli-mean-tokens over the metadata in a row",
                "cosine by photo, by words or by both, top 5",
            ),
        ),
        Recipe(
            name="vgg16",
            summary="the fully connected features of VGG-16",
            image="vgg16",
            image_weight=1.0,
            paper=f"{ANGADI}, cited by {HARI_PRASAD}",
            steps=("shorter side to 256, centre 224", "VGG-16, fc features", "cosine"),
        ),
        Recipe(
            name="resnet50-tfidf",
            summary="ResNet-50 and TF-IDF of the description, 0.7 to 0.3",
            image="resnet50",
            text="tfidf",
            text_fields=("title", "description"),
            image_weight=0.7,
            paper=JABLOUN,
            steps=(
                "shorter side to 256, centre 224",
                "ResNet-50, the layer before its classes",
                "TF-IDF of the description",
                "0.7 cosine of photos + 0.3 cosine of words",
            ),
        ),
        Recipe(
            name="resnet50-tfidf-pca",
            summary="ResNet-50 reduced to 90% of its variance, and TF-IDF, 0.7 to 0.3",
            image="resnet50",
            text="tfidf",
            text_fields=("title", "description"),
            image_weight=0.7,
            components=0.9,
            paper=JABLOUN,
            steps=("as resnet50-tfidf", "PCA to 90% of the variance of the photos"),
        ),
        Recipe(
            name="fashion-frs",
            summary="ResNet-50 with the weights of Keras, all its features, nearest neighbours",
            image="resnet50-keras-max",
            image_weight=1.0,
            metric="euclidean",
            paper=PATIL,
            steps=(
                *KERAS_STEPS,
                "global max pool, flatten",
                "L2 normalisation",
                "nearest neighbours, feedback",
            ),
        ),
        Recipe(
            name="clip",
            summary="CLIP ViT-B/32: words and photos in one space",
            image="clip",
            text="clip",
            joint=True,
            paper=f"future work of {HARI_PRASAD}",
            steps=("CLIP's two towers", "cosine in both directions"),
        ),
        Recipe(
            name="siglip",
            summary="SigLIP B/16: words and photos in one space",
            image="siglip",
            text="siglip",
            joint=True,
            paper=f"future work of {HARI_PRASAD}",
            steps=("SigLIP's two towers", "cosine in both directions"),
        ),
        Recipe(
            name="fashion-siglip",
            summary="FashionSigLIP: words and photos in one space, trained on fashion",
            image="fashion-siglip",
            text="fashion-siglip",
            joint=True,
            paper=f"future work of {HARI_PRASAD}",
            steps=("FashionSigLIP's two towers", "cosine in both directions"),
        ),
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
    # A catalogue remembers its recipe, and may be opened from another folder.
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
    return read


def described() -> list[dict[str, Any]]:
    """What `lookalike recipes` tells of each recipe."""
    return [describe(recipe) for recipe in RECIPES.values()]


def describe(recipe: Recipe) -> dict[str, Any]:
    """One recipe: its paper, its steps, how large its files are and whether they are here."""
    from lookalike.encoders.registry import KINDS, WITHOUT_FILES, source

    encoders = dict(zip(KINDS, (recipe.image, recipe.text), strict=True))
    sources = [source(name, kind) for kind, name in encoders.items() if name and name not in WITHOUT_FILES]
    return {
        "name": recipe.name,
        "default": recipe.name == DEFAULT_RECIPE,
        "summary": recipe.summary,
        "paper": recipe.paper,
        "image": recipe.image,
        "text": recipe.text,
        "image_weight": recipe.image_weight,
        "metric": recipe.metric,
        "steps": list(recipe.steps),
        "size": sum(each.record.size for each in sources),
        "here": all(each.complete() for each in sources),
    }


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

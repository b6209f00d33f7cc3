"""The five papers by their first author, with the recipes that implement them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lookalike.encoders import paper_recipes
from lookalike.errors import UnknownRecipe
from lookalike.types import Recipe


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: what it is about, its recipe and the other choices."""

    name: str
    title: str
    recipe: Recipe
    variants: tuple[Recipe, ...]


PAPERS: Mapping[str, Paper] = {
    paper.name: paper
    for paper in (
        Paper(
            "babu",
            f"{paper_recipes.BABU}: fashion products by Keras' ResNet-50",
            paper_recipes.RESNET50_MAX,
            (),
        ),
        Paper(
            "mishra",
            f"{paper_recipes.MISHRA}: products by AlexNet, in clusters",
            paper_recipes.ALEXNET,
            (
                paper_recipes.ALEXNET_SQUASH,
                paper_recipes.ALEXNET_227,
                paper_recipes.ALEXNET_PCA,
                paper_recipes.ALEXNET_FC7,
            ),
        ),
        Paper(
            "hari-prasad",
            f"{paper_recipes.HARI_PRASAD}: photos by ResNet-50, words by sentence-BERT",
            paper_recipes.RESNET50_SBERT,
            (paper_recipes.RESNET50_SBERT_TORCH, paper_recipes.VGG16),
        ),
        Paper(
            "jabloun",
            f"{paper_recipes.JABLOUN}: 0.7 photos by ResNet-50 + 0.3 words by TF-IDF",
            paper_recipes.RESNET50_TFIDF,
            (
                paper_recipes.RESNET50_TFIDF_PCA,
                paper_recipes.RESNET50_TFIDF_TORCH,
                paper_recipes.RESNET50_TFIDF_PCA_TORCH,
            ),
        ),
        Paper(
            "patil",
            f"{paper_recipes.PATIL}: photos by ResNet-50, recommendations from feedback",
            paper_recipes.FASHION_FRS,
            (paper_recipes.FASHION_FRS_FLATTEN,),
        ),
    )
}


def paper(name: str) -> Paper:
    """Return the paper of a name."""
    if name not in PAPERS:
        raise UnknownRecipe(f"Unknown paper {name!r}. Use one of {', '.join(PAPERS)}.")
    return PAPERS[name]


def chosen(paper: Paper, recipe: str | None) -> Recipe:
    """Return the recipe of a paper, or one of its variants by name."""
    if recipe is None:
        return paper.recipe
    known = {each.name: each for each in (paper.recipe, *paper.variants)}
    if recipe not in known:
        raise UnknownRecipe(f"{paper.name} has no recipe {recipe!r}. Use one of {', '.join(known)}.")
    return known[recipe]

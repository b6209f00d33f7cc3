"""`search` and `similar`: find products by photo, text or product."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import click

from lookalike import serialize
from lookalike.cli.options import (
    catalog_option,
    index_option,
    json_option,
    open_existing,
    read_where,
    where_option,
)
from lookalike.cli.output import print_json, print_table
from lookalike.errors import BadQuery
from lookalike.types import Facets, Hit, Interpretation, Query, Results

if TYPE_CHECKING:
    from lookalike.shop import Shop

k_option = click.option("-k", type=int, show_default="set by the recipe", help="Number of products.")
min_score_option = click.option("--min-score", type=float, help="Minimum score.")
variants_option = click.option(
    "--variants", is_flag=True, help="Show all variants of a product, not only the best one."
)
clusters_option = click.option(
    "--clusters", default=0, help="Search only the nearest clusters, this many. 0: all."
)


@click.command()
@click.option("--image", metavar="FILE|URL", help="Photo to search with.")
@click.option("--text", help="Text to search for. With a photo: what should be different.")
@click.option("--product", metavar="ID", help="Id of a product to find similar ones for.")
@click.option(
    "--image-weight", type=click.FloatRange(0, 1), help="Weight of the photo, 0 to 1; the rest is text."
)
@where_option
@k_option
@click.option("--offset", default=0, help="Number of products to skip, for paging.")
@min_score_option
@click.option("--exclude", multiple=True, metavar="ID", help="Id of a product to leave out. May be repeated.")
@variants_option
@clusters_option
@click.option(
    "--side-by-side", is_flag=True, help="Show results by photo only and by text only, side by side."
)
@click.option("--shopper", metavar="ID", help="Id of a shopper to personalise the ranking for.")
@click.option(
    "--sort",
    default="",
    metavar="FIELD",
    help="Sort by price, title, newest or a facet. -price sorts downwards.",
)
@click.option(
    "--word-weight",
    type=click.FloatRange(0, 1),
    help="Weight of matching words, 0 to 1; the rest is meaning.",
)
@click.option("--language", default="", metavar="CODE", help="Language of the text, such as de.")
@click.option(
    "--literal", is_flag=True, help="Search the text as typed, without correction or interpretation."
)
@click.option(
    "--count", "counted", multiple=True, metavar="FACET", help="Facet to count values of. May be repeated."
)
@click.option("--facets", "count_all", is_flag=True, help="Count values of all facets.")
@catalog_option
@index_option
@json_option
def search(
    image: str | None,
    text: str | None,
    product: str | None,
    image_weight: float | None,
    conditions: tuple[str, ...],
    k: int | None,
    offset: int,
    min_score: float | None,
    exclude: tuple[str, ...],
    variants: bool,
    clusters: int,
    side_by_side: bool,
    shopper: str | None,
    sort: str,
    word_weight: float | None,
    language: str,
    literal: bool,
    counted: tuple[str, ...],
    count_all: bool,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Search by photo, text, product, or any combination."""
    if image is None and text is None and product is None:
        raise BadQuery("Name --image FILE, --text WORDS, --product ID, or a combination.")
    where = read_where(conditions)
    with open_existing(catalog, index) as shop:
        count = tuple(shop.facet_names()) if count_all else counted
        query = Query(
            image=image,
            text=text,
            product=product,
            image_weight=image_weight,
            where=where,
            k=shop.recipe.k if k is None else k,
            offset=offset,
            min_score=min_score,
            exclude=frozenset(exclude),
            grouped=not variants,
            clusters=clusters,
            shopper=shopper,
            sort=sort,
            count=count,
            word_weight=word_weight,
            language=language,
            correct=not literal,
            understand=False if literal else None,
        )
        if side_by_side:
            _show_both(shop, query, as_json)
            return
        results = shop.answer(query)
    _show(results, as_json)


@click.command()
@click.argument("product", metavar="ID")
@where_option
@k_option
@min_score_option
@variants_option
@clusters_option
@catalog_option
@index_option
@json_option
def similar(
    product: str,
    conditions: tuple[str, ...],
    k: int | None,
    min_score: float | None,
    variants: bool,
    clusters: int,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Show similar products."""
    where = read_where(conditions)
    with open_existing(catalog, index) as shop:
        results = shop.answer(
            Query(
                product=product,
                where=where,
                k=shop.recipe.k if k is None else k,
                min_score=min_score,
                grouped=not variants,
                clusters=clusters,
            )
        )
    _show(results, as_json)


def _show(results: Results, as_json: bool) -> None:
    if as_json:
        print_json(serialize.results_json(results))
        return
    if results.interpretation is not None:
        _show_interpretation(results.interpretation)
    if results.hits:
        columns = _measures(results.hits)
        print_table(
            [*columns, "ID", "TITLE", "PRICE", "FACETS"],
            [_row(hit, [values[place] for values in columns.values()]) for place, hit in enumerate(results)],
        )
    for name, counts in results.counts.items():
        click.echo(f"{name}: " + ", ".join(f"{c.value} ({c.count})" for c in counts))
    if results.good is False:
        click.echo("No good match. These are the closest results.", err=True)
    click.echo(f"{_counted(results)} in {results.took_ms:.0f} ms, recipe {results.recipe}", err=True)


def _counted(results: Results) -> str:
    if not results.hits:
        return "No results among products"
    if results.total < len(results):
        # The others have some of the words.
        return f"{len(results)} products, {results.total} with all the words,"
    return f"{len(results)} of {results.total} products"


def _show_both(shop: Shop, query: Query, as_json: bool) -> None:
    """Print results by photo only and by text only, in two columns."""
    from lookalike.search.side_by_side import side_by_side

    both = side_by_side(shop.answer, shop.recipe, query)
    if as_json:
        print_json({"image": serialize.results_json(both.image), "text": serialize.results_json(both.text)})
        return
    pairs = zip_longest(map(_short, both.image), map(_short, both.text), fillvalue="")
    print_table(("BY PHOTO", "BY WORDS"), pairs)


def _short(hit: Hit) -> str:
    return f"{hit.score:.3f} {hit.id} {hit.title}"


def _show_interpretation(said: Interpretation) -> None:
    if said.corrections:
        click.echo(
            f'Showing results for "{said.searched}". Search for "{said.typed}" with --literal.', err=True
        )
    if said.unknown:
        click.echo(f"Not in the catalog: {', '.join(said.unknown)}.", err=True)
    if said.dropped:
        click.echo(f"No product has all of the words. Searched without {', '.join(said.dropped)}.", err=True)
    filters = [chip for chip in said.chips if chip.kind != "colour"]
    if filters:
        understood = ", ".join(f'"{chip.text}" as {chip.kind}' for chip in filters)
        click.echo(f"Understood {understood}.", err=True)


def _measures(hits: tuple[Hit, ...]) -> dict[str, list[str]]:
    """The numeric columns: distance and similarity of a Euclidean recipe, otherwise score and parts."""
    if any(hit.distance is not None for hit in hits):
        columns = {"DISTANCE": [_number(hit.distance) for hit in hits]}
        if any(hit.likeness is not None for hit in hits):
            columns["ALIKE"] = ["" if hit.likeness is None else f"{hit.likeness:.0%}" for hit in hits]
    else:
        columns = {"SCORE": [_number(hit.score) for hit in hits]}
        for name in sorted({name for hit in hits for name in hit.parts}):
            columns[name.upper()] = [_number(hit.parts.get(name)) for hit in hits]
    if any(hit.cluster is not None for hit in hits):
        columns["CLUSTER"] = [hit.cluster or "" for hit in hits]
    return columns


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _row(hit: Hit, measures: list[str]) -> list[str]:
    price = "" if hit.product.price is None else f"{hit.product.price:g} {hit.product.currency}".strip()
    return [*measures, hit.id, hit.title, price, _facets(hit.product.facets)]


def _facets(facets: Facets) -> str:
    values = (", ".join(value) if isinstance(value, tuple) else str(value) for value in facets.values())
    return " · ".join(values)

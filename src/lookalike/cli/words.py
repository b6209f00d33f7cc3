"""`suggest` and `words`: suggestions, and settings of text search."""

from __future__ import annotations

from dataclasses import replace

import click

from lookalike import serialize
from lookalike.cli.options import catalog_option, index_option, json_option, open_existing
from lookalike.cli.output import print_json, print_table


@click.command()
@click.argument("typed")
@click.option("-k", default=5, show_default=True, help="Number of suggestions of each kind.")
@catalog_option
@index_option
@json_option
def suggest(typed: str, k: int, catalog: str, index: str, as_json: bool) -> None:
    """Suggest completions of what is TYPED so far."""
    with open_existing(catalog, index) as shop:
        found = shop.suggest(typed, k)
    if as_json:
        print_json(serialize.suggestions_json(found))
        return
    rows = [("search", each.text, str(each.products)) for each in found.completions]
    rows += [("popular", query, "") for query in found.popular]
    rows += [(each.field, each.value, str(each.products)) for each in (*found.categories, *found.brands)]
    rows += [("product", hit.title, hit.id) for hit in found.products]
    print_table(("KIND", "SUGGESTION", "PRODUCTS"), rows)


@click.command()
@click.option("--language", help="A code such as de. auto: detected from the products. none: no stemming.")
@click.option("--understand/--literal", default=None, help="Read prices, sizes and exclusions from the text.")
@click.option(
    "--weight", type=click.FloatRange(0, 1), help="Weight of matching words in a text search, 0 to 1."
)
@click.option("--recipe-weight", is_flag=True, help="Use the weight of the recipe.")
@catalog_option
@index_option
@json_option
def words(
    language: str | None,
    understand: bool | None,
    weight: float | None,
    recipe_weight: bool,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Show or change the settings of text search."""
    with open_existing(catalog, index) as shop:
        before = shop.word_settings
        after = replace(
            before,
            language=before.language if language is None else language,
            understand=before.understand if understand is None else understand,
            weight=None if recipe_weight else before.weight if weight is None else weight,
        )
        if after != before:
            shop.put_word_settings(after)
    if as_json:
        print_json(serialize.word_settings_json(after))
        return
    weighed = "set by the recipe" if after.weight is None else f"{after.weight:g}"
    click.echo(
        f"language {after.language}, understand {'on' if after.understand else 'off'}, weight {weighed}"
    )

"""`recommend`, `event`, `events`, `rules`, `insight`, `shopper`: events and recommendations."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike.cli.options import (
    catalog_option,
    index_option,
    json_option,
    open_existing,
    read_where,
    where_option,
)
from lookalike.cli.output import print_json, print_table
from lookalike.errors import BadVector, NotFound, UsageError

if TYPE_CHECKING:
    from lookalike.recommend.event_logs.files import EventRow
    from lookalike.recommend.placements import PlacementName
    from lookalike.shop import Shop
    from lookalike.types import EventKind

PARTLY_DONE = 3
PROBLEMS_SHOWN = 10
BATCH = 1000

days_option = click.option("--days", default=30.0, show_default=True, help="How far to look back.")
limit_option = click.option("-n", "limit", default=20, show_default=True, help="Number of rows.")


@click.command()
@click.option("--shopper", metavar="ID", help="Id of the shopper. Default: a new visitor.")
@click.option(
    "--product",
    "products",
    multiple=True,
    metavar="ID",
    help="Id of a product to recommend for. May be repeated.",
)
@click.option(
    "--placement",
    type=click.Choice(["for-you", "goes-with", "similar", "buy-again"]),
    default="for-you",
    show_default=True,
    help="What the products are for.",
)
@where_option
@click.option("-k", default=10, show_default=True, help="Number of products.")
@catalog_option
@index_option
@json_option
def recommend(
    shopper: str | None,
    products: tuple[str, ...],
    placement: PlacementName,
    conditions: tuple[str, ...],
    k: int,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Recommend products for a shopper, for products, or for a new visitor."""
    from lookalike.recommend import serialize

    where = read_where(conditions)
    with open_existing(catalog, index) as shop:
        found = shop.recommend(shopper=shopper, product=products, k=k, where=where, placement=placement)
    if as_json:
        print_json(serialize.recommendations_json(found))
        return
    rows = [(f"{hit.score:.2f}", hit.id, hit.title, "; ".join(hit.why)) for hit in found]
    print_table(("score", "id", "title", "why"), rows)
    mix = ", ".join(f"{name} {share:.0%}" for name, share in found.mix.items())
    click.echo(f"{len(found)} products in {found.took_ms:.0f} ms from {mix or 'nothing'}", err=True)


@click.command()
@catalog_option
@index_option
@json_option
def tune(catalog: str, index: str, as_json: bool) -> None:
    """Choose the weights of the recommendation sources by replaying the shop's own events.

    The latest events are held out and predicted from the others. If there are too few, or no other weights
    are better, the balanced ones stay.
    """
    from lookalike.recommend import serialize

    with open_existing(catalog, index) as shop:
        learned = shop.tune()
    if as_json:
        print_json(serialize.learned_blend_json(learned))
        return
    rows = [
        (each.name, f"{each.hit_rate:.3f}", f"{each.ndcg:.4f}", f"{each.gain:+.4f} ± {each.margin:.4f}")
        for each in learned.scores
    ]
    if rows:
        print_table(("blend", "HR@10", "NDCG@10", "gain"), rows)
    click.echo(
        f"The shop uses the blend '{learned.name}', measured with {learned.shoppers} shoppers.", err=True
    )


@click.command()
@click.argument("kind")
@click.option("--shopper", required=True, metavar="ID", help="Who did it.")
@click.option("--product", default="", metavar="ID", help="Id of the product.")
@click.option("--id", "event_id", default="", metavar="ID", help="Id of the event.")
@click.option("--time", "moment", help="ISO time, or seconds since 1970. Default: now.")
@click.option("--rating", type=float, help="From 1 to 5.")
@click.option("--query", default="", help="The search text, or the search that led here.")
@click.option("--comment", default="", help="Text of the comment.")
@click.option("--position", type=int, help="Position on the page, from 1.")
@catalog_option
@index_option
@json_option
def event(
    kind: str,
    shopper: str,
    product: str,
    event_id: str,
    moment: str | None,
    rating: float | None,
    query: str,
    comment: str,
    position: int | None,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Record an event: view, click, cart, remove-from-cart, purchase, return, rating, comment,
    like, dislike, search or impression."""
    from lookalike.recommend import serialize
    from lookalike.recommend.event_logs.values import event_of

    said = {
        "kind": kind,
        "shopper": shopper,
        "product": product,
        "id": event_id,
        "time": moment,
        "rating": rating,
        "query": query,
        "comment": comment,
        "position": position,
    }
    happened = event_of(said)
    with open_existing(catalog, index) as shop:
        recorded = shop.record([happened])
    if as_json:
        print_json(serialize.recorded_json(recorded))
    else:
        click.echo("recorded" if recorded.new else "already recorded", err=True)


@click.group()
def events() -> None:
    """Import events."""


@events.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="The field a column holds. May be repeated.",
)
@click.option("--kind", metavar="KIND", help="The kind of event if no column has it, e.g. purchase.")
@catalog_option
@index_option
@json_option
def import_events(
    file: Path, mapped: tuple[str, ...], kind: EventKind | None, catalog: str, index: str, as_json: bool
) -> None:
    """Record the events of a .csv or .jsonl file; known events are skipped, invalid rows reported.

    Lookalike's own format, Google Analytics 4 exports (JSON lines), Shopify order exports, and tables with
    other common column names are recognized.
    """
    from lookalike.recommend.event_logs.files import read_events
    from lookalike.shop import SETTLED_FROM

    mapping = dict(_mapping(each) for each in mapped)
    new = known = 0
    problems: list[dict[str, Any]] = []
    with open_existing(catalog, index) as shop:
        for rows in _batches(_fitting(shop, read_events(file, mapping, kind))):
            recorded = shop.record(row.event for row in rows if row.event is not None)
            new, known = new + recorded.new, known + recorded.known
            problems.extend({"line": row.line, "reason": row.problem} for row in rows if row.problem)
        if new >= SETTLED_FROM:
            shop.recommender.settle()
    if as_json:
        print_json({"new": new, "known": known, "failed": len(problems), "problems": problems})
    else:
        for problem in problems[:PROBLEMS_SHOWN]:
            click.echo(f"line {problem['line']}: {problem['reason']}", err=True)
        click.echo(f"{new} new events, {known} already recorded, {len(problems)} invalid rows", err=True)
    if problems:
        sys.exit(PARTLY_DONE)


@click.command("rules")
@click.argument("file", required=False, type=click.File("r", encoding="utf-8"))
@click.option(
    "--preview",
    is_flag=True,
    help="Only show which of the latest searches the rules in the file would change.",
)
@click.option("--last", default=50, show_default=True, help="Number of searches to preview.")
@catalog_option
@index_option
@json_option
def show_rules(file: Any, preview: bool, last: int, catalog: str, index: str, as_json: bool) -> None:
    """Show the merchandising rules, or replace them with those of a JSON FILE."""
    from lookalike.recommend import rules, serialize

    if preview and file is None:
        raise UsageError("--preview needs a FILE with rules.")
    with open_existing(catalog, index) as shop:
        if preview:
            found = shop.preview(rules.loads(file.read()), last=last)
            print_json(serialize.preview_json(found))
            return
        if file is not None:
            shop.put_rules(rules.loads(file.read()))
        kept = shop.rules
    if as_json:
        print_json([rules.rule_fields(rule) for rule in kept])
        return
    scopes = ((rule, rule.query or rule.category or "everywhere") for rule in kept)
    aims = (
        (rule, scope, ", ".join((*rule.products, *rule.words)) or json.dumps(rule.where))
        for rule, scope in scopes
    )
    print_table(
        ("rule", "action", "where", "what"), ((r.id, r.action, scope, vectors) for r, scope, vectors in aims)
    )


@click.command()
@click.argument("what", type=click.Choice(["overview", "popular", "rising", "gaps", "positions", "searches"]))
@days_option
@limit_option
@catalog_option
@index_option
@json_option
def insight(what: str, days: float, limit: int, catalog: str, index: str, as_json: bool) -> None:
    """Show sales, popular or rising products, searches without results, or clicks by position."""
    with open_existing(catalog, index) as shop:
        rows = _rows(shop, what, days, limit)
    if as_json:
        print_json(rows)
    elif rows:
        print_table(tuple(rows[0]), [tuple(_cell(value) for value in row.values()) for row in rows])
    else:
        click.echo("There are not enough events yet.", err=True)


@click.group()
def shopper() -> None:
    """Export or delete what is stored about a shopper."""


@shopper.command()
@click.argument("id")
@catalog_option
@index_option
@json_option
def export(id: str, catalog: str, index: str, as_json: bool) -> None:
    """Print everything that is stored about a shopper, as JSON."""
    from lookalike.recommend import serialize

    with open_existing(catalog, index) as shop:
        known = shop.shopper(id)
        if not known.events:
            raise NotFound("Nothing is stored about this shopper. Check the id.")
        print_json(serialize.shopper_json(known, shop.events_of(id)))


@shopper.command()
@click.argument("id")
@catalog_option
@index_option
@json_option
def forget(id: str, catalog: str, index: str, as_json: bool) -> None:
    """Delete everything that is stored about a shopper."""
    with open_existing(catalog, index) as shop:
        gone = shop.forget(id)
    if as_json:
        print_json({"events": gone})
    else:
        click.echo(f"{gone} events deleted", err=True)


def _mapping(text: str) -> tuple[str, str]:
    column, sign, field = text.rpartition("=")
    if not sign or not column:
        raise UsageError(f"--map takes COLUMN=FIELD, not '{text}'.")
    return column, field


def _fitting(shop: Shop, rows: Iterable[EventRow]) -> Iterator[EventRow]:
    """The rows. A vector that does not fit the catalog is reported with its row."""
    for row in rows:
        try:
            if row.event is not None:
                shop.recommender.check_vector(row.event)
            yield row
        except BadVector as error:
            yield replace(row, event=None, problem=str(error))


def _batches(rows: Iterable[EventRow]) -> Iterator[list[EventRow]]:
    batch: list[EventRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _rows(shop: Shop, what: str, days: float, limit: int) -> list[Any]:
    from lookalike.recommend import serialize

    match what:
        case "overview":
            return [serialize.overview_json(shop.overview(days))]
        case "popular" | "rising":
            found = shop.popular(limit) if what == "popular" else shop.rising(limit)
            return list(serialize.standings_json(found, shop.catalog.titles([each.id for each in found])))
        case "gaps":
            return list(serialize.gaps_json(shop.gaps(days, limit)))
        case "positions":
            return list(serialize.places_json(shop.positions(days)))
        case _:
            return list(serialize.searches_json(shop.searches(days, limit)))


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)

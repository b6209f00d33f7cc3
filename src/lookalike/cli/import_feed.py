"""`import` and `remove`: change the products of a catalog."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from lookalike import serialize
from lookalike.cli.interrupt import INTERRUPTED, gentle_interrupt, say_how_to_resume
from lookalike.cli.options import catalog_option, index_option, json_option, open_catalog, open_existing
from lookalike.cli.output import print_json, print_table
from lookalike.cli.progress import import_progress
from lookalike.errors import NotFound, UsageError
from lookalike.spreadsheet import write_csv
from lookalike.types import ImportReport

if TYPE_CHECKING:
    from lookalike.feeds import Feed, RecordFeed
    from lookalike.feeds.base import Recall
    from lookalike.shop import Shop
    from lookalike.sync.source import Source

PARTLY_DONE = 3
PROBLEMS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Found:
    """A feed, and what to do after it is imported."""

    feed: RecordFeed
    imported: Callable[[Shop], None] | None = None

    def bring(self, shop: Shop, prune: bool, workers: str, stop: threading.Event) -> ImportReport:
        """Import it, and remember how its columns are mapped."""
        from lookalike.catalog.known_mappings import remember_mapping

        if self.feed.recalled:
            pairs = ", ".join(
                f"{column}={self.feed.mapping[column]}" for column in sorted(self.feed.recalled)
            )
            click.echo(f"Columns are mapped as in the last import: {pairs}. --map changes it.", err=True)
        with import_progress(self.feed) as progress:
            report = shop.add(self.feed, prune=prune, progress=progress, stop=stop, workers=workers)
        remember_mapping(shop.catalog.database, self.feed.columns(), self.feed.mapping)
        # Failed rows are tried again, even if the feed has not changed.
        if self.imported and not report.interrupted and not report.problems:
            self.imported(shop)
        return report


@dataclass(frozen=True, slots=True)
class _FoundSource:
    """A shop system at an address."""

    source: Source
    address: str

    def bring(self, shop: Shop, prune: bool, workers: str, stop: threading.Event) -> ImportReport:
        """Import its products, and import changes from then on."""
        from lookalike.sync.reconcile import read_source

        shop.catalog.database.sources.put(self.source.name, self.address)
        with import_progress(None) as progress:
            return read_source(
                shop,
                self.source,
                everything=prune,
                prune=prune,
                progress=progress,
                stop=stop,
                workers=workers,
            )


@click.command("import")
@click.argument("feeds", nargs=-1, required=True, metavar="FEED...")
@click.option("--recipe", help="Recipe of a new catalog; see `lookalike recipes`.")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="Field of a column. May be repeated.",
)
@click.option(
    "--images",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the photos named in the feed.",
)
@click.option("--prune", is_flag=True, help="Delete products missing from this feed.")
@click.option("--report", type=click.File("w", lazy=False), metavar="FILE", help="Write invalid rows as CSV.")
@click.option("--dry-run", is_flag=True, help="Show how the feeds would be imported, without writing.")
@click.option("--threads", type=click.IntRange(0), help="Number of embedding threads. 0: one per core.")
@click.option(
    "--workers",
    default="",
    metavar="ray://HOST:PORT",
    help="Embed on a Ray cluster instead of this machine.",
)
@catalog_option
@index_option
@json_option
def import_feeds(
    feeds: tuple[str, ...],
    recipe: str | None,
    mapping: tuple[str, ...],
    images: Path | None,
    prune: bool,
    report: IO[str] | None,
    dry_run: bool,
    threads: int | None,
    workers: str,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Create or update a catalog from files, folders of photos, URLs or shop systems.

    A feed at a URL is downloaded only if it has changed. From a shop system such as shopify://HOST, only
    changes are read. Ctrl-C is safe: run the same command again to continue.
    """
    import lookalike
    from lookalike.media.fetch import is_url
    from lookalike.settings import settings
    from lookalike.sync.sources import is_shop, open_shop

    if prune and len(feeds) > 1:
        raise UsageError("With --prune, name one feed with all products: all others are deleted.")
    if threads is not None:
        settings().threads = threads
    columns = _columns(mapping)
    if dry_run and any(map(is_shop, feeds)):
        raise UsageError("--dry-run shows the columns of a feed. A shop system has none.")

    def find(feed: str) -> _Found | _FoundSource | None:
        if is_shop(feed):
            return _FoundSource(open_shop(feed), feed)
        if is_url(feed) and not dry_run:
            return _downloaded(feed, columns or {}, catalog, recall)
        return _Found(lookalike.read_feed(feed, columns, images, recall))

    recall = _recall(catalog)
    found = [each for each in map(find, feeds) if each]
    with gentle_interrupt() as stop:
        if dry_run:
            reports = [_previewed(each.feed, quiet=as_json) for each in found if isinstance(each, _Found)]
        else:
            with open_catalog(catalog, index, recipe) as shop:
                reports = [each.bring(shop, prune, workers, stop) for each in found if not stop.is_set()]
                if not stop.is_set():
                    shop.settle()
    outcome = _together(reports)
    if report is not None:
        failed = ((p.feed, p.line, p.id, p.reason) for p in outcome.problems)
        write_csv(report, ("feed", "line", "id", "reason"), failed)
    if as_json:
        print_json(serialize.report_json(outcome))
    elif dry_run:
        click.echo(
            f"{_counted(outcome.added, 'product')} would be imported, {outcome.failed} rejected. "
            "Nothing was written."
        )
        _show_problems(outcome)
    else:
        _show(outcome)
        _show_problems(outcome)
    if outcome.interrupted:
        say_how_to_resume()
        sys.exit(INTERRUPTED)
    if outcome.problems:
        sys.exit(PARTLY_DONE)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@catalog_option
@json_option
def remove(ids: tuple[str, ...], yes: bool, catalog: str, as_json: bool) -> None:
    """Delete products from the catalog."""
    with open_existing(catalog, index="") as shop:
        if not yes and sys.stdin.isatty():
            click.confirm(f"Delete {_counted(len(ids), 'product')} from {catalog}?", abort=True, err=True)
        removed = shop.remove(ids)
    if removed == 0:
        raise NotFound(f"None of these ids is in {catalog}. Nothing was deleted.")
    if as_json:
        print_json({"removed": removed, "missing": len(set(ids)) - removed})
    else:
        click.echo(f"{_counted(removed, 'product')} deleted.")
    if removed < len(set(ids)):
        sys.exit(PARTLY_DONE)


def _columns(mapping: Iterable[str]) -> dict[str, str] | None:
    columns: dict[str, str] = {}
    for pair in mapping:
        column, equals, field = pair.rpartition("=")
        if not (equals and column and field):
            raise UsageError(
                f"'{pair}' is not a mapping. Write --map COLUMN=FIELD, such as --map name=title."
            )
        columns[column] = field
    return columns or None


def _recall(catalog: str) -> Recall:
    """The mappings that the catalog remembers; it may not exist yet."""
    from lookalike.catalog.known_mappings import known_mapping
    from lookalike.database import open_database

    def recall(names: Sequence[str]) -> Mapping[str, str]:
        if "://" not in catalog and not Path(catalog).exists():
            return {}
        with closing(open_database(catalog)) as database:
            return known_mapping(database, names)

    return recall


def _downloaded(url: str, mapping: dict[str, str], catalog: str, recall: Recall) -> _Found | None:
    """The feed at a URL. None if it has not changed since the last import."""
    from lookalike.database import open_database
    from lookalike.feeds import Validators, read_changed_feed
    from lookalike.sync.known_feeds import known_feed, remember_feed

    known = Validators()
    if "://" in catalog or Path(catalog).exists():
        with closing(open_database(catalog)) as database:
            known = known_feed(database, url, mapping)
    changed = read_changed_feed(url, known, mapping, recall)
    if changed is None:
        click.echo(f"{url} has not changed since the last import.", err=True)
        return None
    feed, validators = changed
    return _Found(feed, lambda shop: remember_feed(shop.catalog.database, url, mapping, validators))


def _previewed(feed: Feed, quiet: bool) -> ImportReport:
    """A preview of the import of a feed. Prints the column mapping unless `quiet`."""
    from lookalike.feeds.preview import preview

    shown = preview(feed)
    if not quiet:
        columns = [
            (each.column, each.name if each.field == "facet" else each.field, each.reason, each.examples[:1])
            for each in shown.columns
        ]
        rows = [(column, field, reason, "".join(examples)) for column, field, reason, examples in columns]
        print_table(("column", "field", "recognized by", "example"), rows)
        for product in shown.products:
            price = "" if product.price is None else f"{product.price:g} {product.currency}".strip()
            click.echo(f"{product.id}  {product.title}  {price}  {_counted(len(product.photos), 'photo')}")
        for warning in shown.warnings:
            click.echo(f"Warning: {warning}", err=True)
    photos = sum(len(product.photos) for product in shown.products)
    return ImportReport(
        added=shown.rows - shown.failed, failed=shown.failed, photos=photos, problems=shown.problems
    )


def _together(reports: Iterable[ImportReport]) -> ImportReport:
    """Add up several reports."""
    whole = ImportReport()
    for report in reports:
        whole.added += report.added
        whole.updated += report.updated
        whole.unchanged += report.unchanged
        whole.removed += report.removed
        whole.failed += report.failed
        whole.photos += report.photos
        whole.seconds += report.seconds
        whole.interrupted |= report.interrupted
        whole.problems.extend(report.problems)
    return whole


def _show(report: ImportReport) -> None:
    click.echo(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.removed} removed, {report.failed} failed; "
        f"{_counted(report.photos, 'photo')} in {report.seconds:.1f} s."
    )


def _show_problems(report: ImportReport) -> None:
    for problem in report.problems[:PROBLEMS_SHOWN]:
        click.echo(f"{problem.feed}, line {problem.line}, id {problem.id or '?'}: {problem.reason}", err=True)
    unsaid = len(report.problems) - PROBLEMS_SHOWN
    if unsaid > 0:
        click.echo(f"... and {unsaid} more. Use --report FILE to write them all.", err=True)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

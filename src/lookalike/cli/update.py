"""`update`: some fields of products change, and nothing is computed again that does not depend on them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import click

from lookalike import serialize
from lookalike.cli.options import catalog_option, json_option, open_existing
from lookalike.cli.output import print_json
from lookalike.errors import UsageError
from lookalike.types import RowProblem

PARTLY_DONE = 3
PROBLEMS_SHOWN = 10


@click.command()
@click.argument("words", nargs=-1, metavar="[ID FIELD=VALUE...]")
@click.option(
    "--from", "source", metavar="FILE|URL", help="Changes as a feed: ids and the columns that change."
)
@catalog_option
@json_option
def update(words: tuple[str, ...], source: str | None, catalog: str, as_json: bool) -> None:
    """Change some fields of products: lookalike update A-17 price=9.99 stock=0 "title=Red dress".

    An empty value removes a field. Another name than a field's is a facet. Prices and stock embed nothing.
    """
    from lookalike.catalog.update import ProductUpdate
    from lookalike.feeds.updates import UpdateRow, read_updates, update_of

    if bool(words) == bool(source):
        raise UsageError("Give an id and FIELD=VALUE, or --from FILE.")
    rows = read_updates(source) if source else iter([update_of(words[0], _assignments(words[1:]))])
    problems: list[RowProblem] = []

    def sound(rows: Iterable[UpdateRow]) -> Iterator[ProductUpdate]:
        for row in rows:
            if row.problem:
                problems.append(RowProblem(source or "update", row.line, row.id, row.problem))
            else:
                yield ProductUpdate(row.id, row.fields)

    with open_existing(catalog, index="") as shop:
        report = shop.update(sound(rows))
    report.problems = [*problems, *report.problems]
    report.failed += len(problems)
    if as_json:
        print_json(serialize.report_json(report))
    else:
        click.echo(f"{report.updated} updated, {report.unchanged} unchanged, {report.failed} failed.")
        for problem in report.problems[:PROBLEMS_SHOWN]:
            click.echo(f"{problem.id or '?'}: {problem.reason}", err=True)
    if report.problems:
        sys.exit(PARTLY_DONE)


def _assignments(words: Iterable[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (equals and name):
            raise UsageError(f"'{word}' changes nothing: write FIELD=VALUE, such as price=9.99.")
        fields[name] = value
    if not fields:
        raise UsageError("Name what changes: lookalike update ID FIELD=VALUE, such as price=9.99.")
    return fields

"""`check`: verifies the rows of a catalog and its index."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from lookalike.cli.options import catalog_option, index_option, json_option, must_exist
from lookalike.cli.output import print_json
from lookalike.errors import Conflict, DatabaseBroken

if TYPE_CHECKING:
    from lookalike.database.base import Database, VerifyReport
    from lookalike.index.milvus.audit import Audit

SHOWN = 10
IN_PROCESS = frozenset({"", "exact", "approximate"})


@click.command()
@catalog_option
@index_option
@click.option("--rebuild", is_flag=True, help="Build a new index, then replace this one with it.")
@json_option
def check(catalog: str, index: str, rebuild: bool, as_json: bool) -> None:
    """Compare every photo and vector with its checksum, and the index with the catalog.

    Damaged rows are left out of searches. Import the feed again to replace them. With --rebuild, searches use
    the old index until the new one is complete.
    """
    from lookalike.database import open_database

    must_exist(catalog)
    with closing(open_database(catalog)) as database:
        report = database.verify()
        # An index in this process is built from the rows each time.
        audit = _audit(database, index, rebuild) if index not in IN_PROCESS or rebuild else None
    if as_json:
        agreement = {} if audit is None else {**asdict(audit), "agrees": audit.agrees}
        print_json({**agreement, "rows_read": report.rows, **_damage(report)})
    else:
        if report.sound:
            click.echo(f"All {report.rows} rows of {catalog} are intact.")
        for line in report.structure:
            click.echo(f"Damaged file: {line}", err=True)
        for each in report.damaged[:SHOWN]:
            shown = f" (products {', '.join(each.products)})" if each.products else ""
            click.echo(f"Damaged: {each.table} {each.key}{shown}", err=True)
        if audit is not None and audit.agrees:
            click.echo(f"The index agrees with {catalog}: {audit.rows} rows, revision {audit.revision}.")
    if audit is not None and not audit.agrees:
        raise Conflict(
            f"The index lacks {audit.missing} of {audit.rows} rows, has {audit.extra} too many and "
            f"{audit.different} otherwise: run this again with --rebuild."
        )
    if report.structure:
        raise DatabaseBroken(f"{catalog} is damaged. Restore a backup, or import the feed into a new file.")
    if report.damaged:
        raise DatabaseBroken(
            f"{len(report.damaged)} rows of {catalog} are damaged and left out of searches: "
            "import the feed again to replace them."
        )


def _audit(database: Database, index: str, rebuild: bool) -> Audit:
    from lookalike.search.index_check import IndexVerifier

    with closing(IndexVerifier(database, index)) as verifier:
        if rebuild:
            verifier.rebuild()
        return verifier.check()


def _damage(report: VerifyReport) -> dict[str, object]:
    return {"structure": report.structure, "damaged": [asdict(each) for each in report.damaged]}

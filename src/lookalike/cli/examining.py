"""The catalogue's part of `doctor`: what may be wrong with the products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike.cli.options import open_existing
from lookalike.cli.output import print_table
from lookalike.cli.progress import steps_progress

if TYPE_CHECKING:
    from lookalike.analysis.doctor.findings import Finding

SHOWN = 3


def examined(catalog: str, report: Path | None, corrected: Path | None, links: bool) -> list[Finding]:
    """Examine the products, keep what was found for the web page, and write what was asked for."""
    from lookalike.analysis.doctor import doctor
    from lookalike.analysis.explore.report import findings_html
    from lookalike.feeds import export_csv

    with open_existing(catalog, "") as shop:
        with steps_progress() as progress:
            snapshot, findings = doctor.examine(shop, ask_links=links, progress=progress)
        doctor.keep(shop, findings)
        if report is not None:
            report.write_text(findings_html(shop, snapshot, findings), "utf-8")
    if corrected is not None:
        with corrected.open("w", encoding="utf-8", newline="") as file:
            export_csv(list(doctor.corrected(snapshot, findings)), file)
    return findings


def told(findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    """Each finding in the form of the other checks, with its own facts beside."""
    for finding in findings:
        detail = f"{finding.product} {finding.sentence}"
        yield {"check": "products", "state": "warning", "detail": detail, **finding.as_json()}


def show(findings: list[Finding]) -> None:
    """How many findings of each kind, and the surest of them."""
    from lookalike.analysis.doctor.doctor import counted

    rows: list[tuple[str, str, str]] = []
    for kind, count in counted(findings).items():
        own = [finding for finding in findings if finding.kind == kind][:SHOWN]
        for place, finding in enumerate(own):
            name, many = (kind, str(count)) if place == 0 else ("", "")
            rows.append((name, many, f"{finding.product} {finding.sentence}"))
    if rows:
        click.echo()
        print_table(("FINDING", "PRODUCTS", "THE SUREST"), rows)
    else:
        click.echo("ok    products: nothing was found")

"""`explore`: a report with maps, clusters, distributions and findings, in one offline file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.cli.options import catalog_option, index_option, json_option, open_existing
from lookalike.cli.output import print_json, print_table
from lookalike.cli.progress import steps_progress
from lookalike.errors import BadQuery

if TYPE_CHECKING:
    from lookalike.analysis.explore.maps import Method


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="report.html",
    show_default=True,
    help="Report file, including images.",
)
@click.option("--maps", default="pca,tsne,umap", show_default=True, help="Maps to compute.")
@click.option("--clusters", type=click.IntRange(1), help="Number of clusters. Default: the best number.")
@click.option("--facet", help="Facet to colour the points by. Default: the top category.")
@click.option("--three", is_flag=True, help="Also compute the maps in three dimensions.")
@catalog_option
@index_option
@json_option
def explore(
    output: Path,
    maps: str,
    clusters: int | None,
    facet: str | None,
    three: bool,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Compute maps and clusters, count facets, and check products for problems."""
    from lookalike.analysis.doctor.doctor import examine
    from lookalike.analysis.doctor.findings import counted
    from lookalike.analysis.doctor.stored_findings import keep as keep_findings
    from lookalike.analysis.explore.explore import as_json as explored_json
    from lookalike.analysis.explore.explore import explore as explored
    from lookalike.analysis.explore.explore import keep
    from lookalike.analysis.explore.report import html

    methods = _methods(maps)
    with open_existing(catalog, index) as shop:
        if facet and facet not in shop.facet_names():
            raise BadQuery(f"There is no facet {facet!r}. Facets: {', '.join(shop.facet_names())}.")
        with steps_progress() as progress:
            found = explored(shop, methods=methods, number=clusters, three=three, progress=progress)
            keep(shop, found)
            _, findings = examine(shop, progress=progress)
            keep_findings(shop.catalog.database, findings)
        page = html(
            shop,
            found.snapshot,
            found.maps,
            found.clustering,
            found.spread,
            findings,
            found.solids,
            facet,
        )
        output.write_text(page, "utf-8")
        if as_json:
            print_json({**explored_json(shop, found), "findings": [each.as_json() for each in findings]})
            return
    print_table(
        ("CLUSTER", "PRODUCTS", "FAMILY"),
        [(each.name, str(each.size), str(each.family + 1)) for each in found.clustering.clusters],
    )
    click.echo()
    rows = [(each.method, f"{each.kept:.0%}", _explained(each.explained)) for each in found.maps]
    print_table(("MAP", "NEIGHBOURS KEPT", "VARIANCE EXPLAINED"), rows)
    if findings:
        click.echo()
        print_table(("FINDING", "PRODUCTS"), [(kind, str(n)) for kind, n in counted(findings).items()])
    click.echo(f"Report written to {output}.", err=True)


def _explained(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _methods(maps: str) -> tuple[Method, ...]:
    from lookalike.analysis.explore.maps import METHODS

    wanted = [name.strip() for name in maps.split(",") if name.strip()]
    strange = [name for name in wanted if name not in METHODS]
    if strange:
        raise BadQuery(f"There is no map {strange[0]!r}. Maps: {', '.join(METHODS)}.")
    return tuple(method for method in METHODS if method in wanted)

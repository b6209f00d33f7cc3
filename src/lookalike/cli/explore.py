"""`explore`: maps, clusters, distributions and findings in one file that opens offline."""

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
    help="Report to write, pictures included.",
)
@click.option("--maps", default="pca,tsne,umap", show_default=True, help="Which maps to draw.")
@click.option(
    "--clusters", type=click.IntRange(1), help="How many clusters; without it, the best number is found."
)
@click.option("--facet", help="Facet that colours the points; by default the master category.")
@click.option("--three", is_flag=True, help="Draw the maps in three dimensions too.")
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
    """Draw maps of the catalogue, find its clusters, count its facets, and look for faults."""
    from lookalike.analysis.doctor.doctor import counted, examine
    from lookalike.analysis.doctor.doctor import keep as keep_findings
    from lookalike.analysis.explore.explore import as_json as explored_json
    from lookalike.analysis.explore.explore import explore as explored
    from lookalike.analysis.explore.explore import keep
    from lookalike.analysis.explore.report import html

    methods = _methods(maps)
    with open_existing(catalog, index) as shop:
        if facet and facet not in shop.facet_names():
            raise BadQuery(f"There is no facet {facet!r}; there are {', '.join(shop.facet_names())}.")
        with steps_progress() as progress:
            found = explored(shop, methods=methods, number=clusters, three=three, progress=progress)
            keep(shop, found)
            _, findings = examine(shop, progress=progress)
            keep_findings(shop, findings)
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
    print_table(("MAP", "NEIGHBOURS KEPT", "VARIANCE SHOWN"), rows)
    if findings:
        click.echo()
        print_table(("FINDING", "PRODUCTS"), [(kind, str(n)) for kind, n in counted(findings).items()])
    click.echo(f"The report is in {output}.", err=True)


def _explained(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _methods(maps: str) -> tuple[Method, ...]:
    from lookalike.analysis.explore.maps import METHODS

    wanted = [name.strip() for name in maps.split(",") if name.strip()]
    strange = [name for name in wanted if name not in METHODS]
    if strange:
        raise BadQuery(f"There is no map called {strange[0]!r}; there are {', '.join(METHODS)}.")
    return tuple(method for method in METHODS if method in wanted)

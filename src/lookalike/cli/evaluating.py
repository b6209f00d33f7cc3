"""`evaluate` and `compare`: how good is this catalogue, and what would change?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike import derived
from lookalike.cli.options import catalog_option, index_option, json_option, open_existing
from lookalike.cli.output import print_json, print_table
from lookalike.cli.steps import steps_progress
from lookalike.errors import BadQuery, NotFound

if TYPE_CHECKING:
    from lookalike.catalog import Catalog
    from lookalike.evaluate.trials import Progress

PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp"}
CHANGES_SHOWN = 10

Folder = click.Path(file_okay=False, path_type=Path)
File = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--recipes", metavar="A,B,...", help="Compare these recipes or encoder files on the same questions."
)
@click.option(
    "--queries", type=click.IntRange(1), default=400, show_default=True, help="Queries for each question."
)
@click.option("-o", "--output", type=File, metavar="REPORT.HTML", help="Write the report with every number.")
@click.option("--trec", type=Folder, metavar="FOLDER", help="Write judgements and runs as TREC files.")
@click.option(
    "--components", "with_components", is_flag=True, help="Measure quality over principal components too."
)
@click.option(
    "--refuse", type=Folder, metavar="FOLDER", help="Say which share of a folder's photos would be refused."
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Measure only: leave match, weights and benchmark of the catalogue as they are.",
)
@click.option(
    "--run", "run_file", type=File, metavar="FILE", help="Score a TREC run of another system instead."
)
@click.option("--judgements", type=File, metavar="FILE", help="The judgements that go with --run.")
@catalog_option
@index_option
@json_option
def evaluate(
    recipes: str | None,
    queries: int,
    output: Path | None,
    trec: Path | None,
    with_components: bool,
    refuse: Path | None,
    dry_run: bool,
    run_file: Path | None,
    judgements: Path | None,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Measure search on the catalogue's own products, and learn when a match may be believed.

    No labels are needed beyond the feed. The numbers are the same on the next run; only the costs are not.
    """
    if run_file is not None or judgements is not None:
        _score(run_file, judgements, as_json)
        return
    from lookalike.evaluate import calibrating, telling, weighing
    from lookalike.evaluate.benchmark import benchmark
    from lookalike.evaluate.comparing import compare
    from lookalike.evaluate.components import components
    from lookalike.snapshot import Snapshot

    with open_existing(catalog, index) as shop, steps_progress() as progress:
        if recipes:
            names = [name.strip() for name in recipes.split(",") if name.strip()]
            benchmarks, compared = compare(shop, names, queries=queries, progress=progress)
        else:
            benchmarks = [benchmark(shop, queries=queries, progress=progress, trec=trec)]
            compared = []
        snapshot = Snapshot.of(shop)
        calibration = None if recipes else calibrating.calibrate(shop, snapshot, progress)
        weights = [] if recipes else weighing.weigh(shop, snapshot, progress)
        steps = components(snapshot) if with_components else []
        if not dry_run:
            if calibration is not None:
                calibrating.keep(shop, calibration)
            weighing.keep(shop, weights)
            _keep(shop, [each.as_json() for each in benchmarks], [each.as_json() for each in compared])
        refused = None
        if refuse is not None and calibration is not None:
            refused = calibrating.refused(shop, calibration.matching, _photos(refuse))
    if output is not None:
        output.write_text(telling.html(benchmarks, compared, calibration, weights, steps), "utf-8")
    if as_json:
        print_json(
            {
                "benchmarks": [each.as_json() for each in benchmarks],
                "differences": [each.as_json() for each in compared],
                "calibration": calibrating.as_json(calibration) if calibration else None,
                "weights": [asdict(each) for each in weights],
                "components": [each.as_json() for each in steps],
                "refused": refused,
            }
        )
        return
    print_table(("QUESTION", *(each.recipe for each in benchmarks), "QUERIES"), telling.rows(benchmarks))
    if compared:
        click.echo()
        print_table(telling.DIFFERENCE_HEADER, telling.difference_rows(benchmarks, compared))
    click.echo()
    print_table(telling.COST_HEADER, telling.cost_rows(benchmarks))
    if weights:
        click.echo()
        print_table(telling.WEIGHT_HEADER, telling.weight_rows(weights))
    if steps:
        click.echo()
        print_table(("COMPONENTS", "VARIANCE", "P@5", ""), telling.step_rows(steps))
    click.echo()
    for line in telling.calibration_lines(calibration) if calibration else []:
        click.echo(line)
    if refused is not None:
        click.echo(f"{refused:.1%} of the photos in {refuse} are refused.")
    for note in {note for each in benchmarks for note in each.notes}:
        click.echo(note, err=True)


@click.command()
@click.argument("before")
@click.argument("after")
@click.option(
    "--keep", type=File, metavar="FILE", help="Keep the neighbours of AFTER, as BEFORE of another day."
)
@click.option(
    "--products", type=click.IntRange(1), default=1000, show_default=True, help="Products to look at."
)
@click.option("--weight-after", type=click.FloatRange(0, 1), help="Share of the look in AFTER.")
@catalog_option
@index_option
@json_option
def compare(
    before: str,
    after: str,
    keep: Path | None,
    products: int,
    weight_after: float | None,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Tell which products change their top 10 between two states.

    BEFORE and AFTER are each a catalogue file, a file of kept neighbours, a recipe, or `now` for the
    catalogue as it is. Keep the neighbours of today with `lookalike compare now now --keep today.json`;
    compare tomorrow, after a new encoder, weight or rule, with `lookalike compare today.json now`.
    """
    from lookalike.evaluate.states import changed, write_tops

    with steps_progress() as progress:
        old = _state(before, catalog, index, products, None, progress)
        new = _state(after, catalog, index, products, weight_after, progress)
    if keep is not None:
        write_tops(new, keep)
    found = changed(old, new)
    if as_json:
        print_json(found.as_json())
        return
    click.echo(
        f"{found.compared - found.same} of {found.compared} products change their top 10, "
        f"{found.reordered} of them only in order; {found.overlap:.0%} of the neighbours stay; "
        f"{found.first_changed} have another first."
    )
    rows = (
        (each.id, str(each.stayed), ", ".join(each.left), ", ".join(each.came))
        for each in found.changes[:CHANGES_SHOWN]
    )
    if found.changes:
        print_table(("PRODUCT", "STAYED", "LEFT", "CAME"), rows)


def _state(
    name: str, catalog: str, index: str, products: int, weight: float | None, progress: Progress
) -> dict[str, list[str]]:
    from lookalike.evaluate.comparing import made_with
    from lookalike.evaluate.states import read_tops, tops

    if name.endswith(".json"):
        return read_tops(Path(name))
    if name == "now" or "://" in name or Path(name).suffix == ".db":
        with open_existing(catalog if name == "now" else name, index) as shop:
            return tops(shop, products=products, image_weight=weight, progress=progress)
    with open_existing(catalog, index) as shop, made_with(shop, name, progress) as other:
        return tops(other, products=products, image_weight=weight, progress=progress)


def _score(run_file: Path | None, judgements: Path | None, as_json: bool) -> None:
    from lookalike.evaluate.figures import figure
    from lookalike.evaluate.metrics import check_known, read_qrels, read_run, scored

    if run_file is None or judgements is None:
        raise BadQuery("A run is scored against judgements: give both --run and --judgements.")
    run, relevant = read_run(run_file), read_qrels(judgements)
    check_known(run, relevant, run_file)
    scores = scored({"run": run}, relevant)["run"]
    figures = {measure: figure(values, {}) for measure, values in scores.items()}
    if as_json:
        print_json({measure: asdict(each) for measure, each in figures.items()})
    else:
        print_table(
            ("MEASURE", "VALUE", "QUERIES"), [(m, str(f), str(f.queries)) for m, f in figures.items()]
        )


def _keep(shop: Catalog, benchmarks: list[Any], differences: list[Any]) -> None:
    derived.keep(shop.database, derived.BENCHMARKS, {"benchmarks": benchmarks, "differences": differences})


def _photos(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    if not found:
        raise NotFound(f"There are no photos in {folder}: name a folder of JPEG, PNG or WebP files.")
    return found

"""`evaluate` and `compare`: measure search quality, and compare two states."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lookalike.cli.options import catalog_option, index_option, json_option, open_existing
from lookalike.cli.output import print_json, print_table
from lookalike.cli.progress import steps_progress
from lookalike.errors import BadQuery

if TYPE_CHECKING:
    from lookalike.analysis.evaluate.tasks import Progress

CHANGES_SHOWN = 10

Folder = click.Path(file_okay=False, path_type=Path)
File = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--recipes", metavar="A,B,...", help="Compare these recipes or encoder files instead.")
@click.option("--queries", type=click.IntRange(1), default=400, show_default=True, help="Queries per task.")
@click.option("-o", "--output", type=File, metavar="REPORT.HTML", help="Write the report with every number.")
@click.option("--trec", type=Folder, metavar="FOLDER", help="Write judgements and runs as TREC files.")
@click.option("--components", is_flag=True, help="Also measure quality by number of principal components.")
@click.option(
    "--refuse", type=Folder, metavar="FOLDER", help="Report the share of these photos without a good match."
)
@click.option("--dry-run", is_flag=True, help="Measure, but store nothing.")
@click.option("--run", "run_file", type=File, metavar="FILE", help="Score another system's TREC run instead.")
@click.option("--events", is_flag=True, help="Measure recommendations on the shop's own events instead.")
@click.option("--judgements", type=File, metavar="FILE", help="The judgements for --run.")
@catalog_option
@index_option
@json_option
def evaluate(
    recipes: str | None,
    queries: int,
    output: Path | None,
    trec: Path | None,
    components: bool,
    refuse: Path | None,
    dry_run: bool,
    run_file: Path | None,
    events: bool,
    judgements: Path | None,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Measure search on the catalog's own products, and check whether match percentages are accurate.

    No labels are needed beyond the feed. Apart from the costs, every run gives the same numbers.
    """
    if events:
        _evaluate_events(catalog, index, as_json)
        return
    if run_file is not None or judgements is not None:
        _score(run_file, judgements, as_json)
        return
    from lookalike.analysis.evaluate import evaluate as evaluation
    from lookalike.analysis.evaluate import report
    from lookalike.analysis.evaluate.out_of_domain import photos_in, refused

    share = None
    with open_existing(catalog, index) as shop, steps_progress() as progress:
        if recipes is not None:
            names = [name.strip() for name in recipes.split(",") if name.strip()]
            found = evaluation.evaluate_recipes(
                shop, names, queries=queries, progress=progress, components=components, trec=trec
            )
        else:
            found = evaluation.evaluate(
                shop,
                queries=queries,
                progress=progress,
                components=components,
                trec=trec,
            )
        if not dry_run:
            evaluation.keep(shop, found)
        if refuse is not None:
            share = refused(shop, photos_in(refuse), progress)
    if output is not None:
        output.write_text(report.html(found), "utf-8")
    if as_json:
        print_json({**found.as_json(), "refused": share})
        return
    for title, (header, rows) in zip(report.titles(found), report.tables(found), strict=True):
        click.echo(title)
        print_table(header, rows)
        click.echo()
    if share is not None:
        click.echo(f"{share:.1%} of the photos in {refuse} have no good match.")
    for note in dict.fromkeys(note for each in found.benchmarks for note in each.notes):
        click.echo(note, err=True)


@click.command()
@click.argument("before")
@click.argument("after")
@click.option(
    "--keep", type=File, metavar="FILE", help="Save the neighbours of AFTER, to compare with them later."
)
@click.option(
    "--products",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="Number of products to compare.",
)
@click.option("--weight-after", type=click.FloatRange(0, 1), help="Weight of the photo in AFTER.")
@click.option("--rules-after", type=File, metavar="RULES.JSON", help="Rules in AFTER. They are not stored.")
@catalog_option
@index_option
@json_option
def compare(
    before: str,
    after: str,
    keep: Path | None,
    products: int,
    weight_after: float | None,
    rules_after: Path | None,
    catalog: str,
    index: str,
    as_json: bool,
) -> None:
    """Show which products change their top 10 between two states.

    BEFORE and AFTER are each a catalog file, a file of saved neighbors, a recipe, or `now` for the current
    catalog. Save the neighbors with `lookalike compare now now --keep today.json`; after changing the
    encoder, weights or rules, run `lookalike compare today.json now`. Or try a change before making it:
    `compare now RECIPE`, `compare now now --weight-after 0.5`, `compare now now --rules-after FILE`.
    """
    from lookalike.analysis.evaluate.neighbour_diff import changed, write_tops

    with steps_progress() as progress:
        if rules_after is None:
            old = _state(before, catalog, index, products, None, progress)
            new = _state(after, catalog, index, products, weight_after, progress)
        elif before == after == "now" and weight_after is None:
            old, new = _by_rules(rules_after, catalog, index, products, progress)
        else:
            raise BadQuery(
                "Rules can only be tried on the current catalog: `compare now now --rules-after FILE`."
            )
    if keep is not None:
        write_tops(new, keep)
    found = changed(old, new)
    if as_json:
        print_json(found.as_json())
        return
    click.echo(
        f"{found.compared - found.same} of {found.compared} products change their top 10, "
        f"{found.reordered} of them only in order. {found.overlap:.0%} of the neighbours stay.  "
        f"{found.first_changed} have another best neighbour."
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
    from lookalike.analysis.evaluate.compare_recipes import made_with
    from lookalike.analysis.evaluate.neighbour_diff import read_tops, tops
    from lookalike.encoders.recipes import recipe

    if name.endswith(".json"):
        return read_tops(Path(name))
    if name == "now" or "://" in name or Path(name).suffix == ".db":
        with open_existing(catalog if name == "now" else name, index) as shop:
            return tops(shop, products=products, image_weight=weight, progress=progress)
    with open_existing(catalog, index) as shop, made_with(shop, recipe(name), progress) as other:
        return tops(other, products=products, image_weight=weight, progress=progress)


def _by_rules(
    file: Path, catalog: str, index: str, products: int, progress: Progress
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    from lookalike.analysis.evaluate.neighbour_diff import tops
    from lookalike.recommend import rules

    try:
        proposed = rules.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuery(f"{file} cannot be read: {error}.") from error
    with open_existing(catalog, index) as shop:
        old, new = (
            tops(shop, products=products, answer=partial(shop.answer_by, decided), progress=progress)
            for decided in (shop.rules, proposed)
        )
        return old, new


def _evaluate_events(catalog: str, index: str, as_json: bool) -> None:
    from lookalike.analysis.evaluate.behaviour import evaluate_behaviour

    with open_existing(catalog, index) as shop:
        report = evaluate_behaviour(shop)
    if as_json:
        print_json(asdict(report))
        return
    rows = [
        (
            each.name,
            f"{each.hit_rate.mean:.3f} ± {each.hit_rate.margin:.3f}",
            f"{each.ndcg.mean:.4f} ± {each.ndcg.margin:.4f}",
            f"{each.coverage:.1%}",
            f"{each.novelty:.1f} bits",
        )
        for each in report.figures
    ]
    print_table(("recommender", "HR@10", "NDCG@10", "coverage", "novelty"), rows)
    click.echo(f"{report.shoppers} shoppers, {report.events} events before the split", err=True)


def _score(run_file: Path | None, judgements: Path | None, as_json: bool) -> None:
    from lookalike.analysis.evaluate.intervals import figure
    from lookalike.analysis.evaluate.metrics import check_known, read_qrels, read_run, scored

    if run_file is None or judgements is None:
        raise BadQuery("--run needs --judgements, and the other way round.")
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

"""`paper`: a paper's system on a feed of your own, from download to search page."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from lookalike.cli.interrupt import INTERRUPTED, gentle_interrupt, say_how_to_resume
from lookalike.cli.models import download_progress, megabytes, print_files
from lookalike.cli.options import json_option, open_catalog
from lookalike.cli.output import print_json
from lookalike.cli.progress import import_progress
from lookalike.cli.serve import announce, host_option, listen, local_token, port_option, run_server

NAMES = ("babu", "mishra", "hari-prasad", "jabloun", "patil")


@click.command()
@click.argument("name", type=click.Choice(NAMES))
@click.argument("feed")
@click.option("--recipe", help="A variant of the paper's recipe: see docs/papers.md.")
@click.option("--catalog", help="Catalog to create or continue; by default NAME.db.")
@click.option("--yes", is_flag=True, help="Download without asking.")
@click.option("--no-serve", is_flag=True, help="Stop after the import.")
@host_option
@port_option
@json_option
def paper(
    name: str,
    feed: str,
    recipe: str | None,
    catalog: str | None,
    yes: bool,
    no_serve: bool,
    host: str,
    port: int,
    as_json: bool,
) -> None:
    """Run a paper's system on FEED: download its networks, import the products, serve the search page.

    The files, their source, size and license are shown before anything is downloaded. The same command
    resumes after an interruption.
    """
    import lookalike
    from lookalike.encoders.describe import recipe_files
    from lookalike.encoders.hub import pull
    from lookalike.encoders.papers import chosen
    from lookalike.encoders.papers import paper as of
    from lookalike.encoders.recipes import needs

    wanted = chosen(of(name), recipe)
    # Fail on an unreadable feed before downloading.
    products = lookalike.read_feed(feed)
    files = recipe_files(wanted)
    if as_json:
        print_json({"recipe": wanted.name, "files": [asdict(each) for each in files]})
    else:
        click.echo(f"{of(name).title}. Recipe {wanted.name}.")
        print_files(files)
    absent = [each for each in files if not each.here]
    if absent and not yes and sys.stdin.isatty():
        size = megabytes(sum(each.size for each in absent))
        click.confirm(f"Download {size}?", default=True, abort=True, err=True)
    if absent:
        with download_progress() as progress:
            for record in needs(wanted.name):
                pull(record, progress)
    catalog = catalog or f"{name}.db"
    with (
        gentle_interrupt() as stop,
        open_catalog(catalog, "", wanted.name) as shop,
        import_progress(products) as progress,
    ):
        report = shop.add(products, progress=progress, stop=stop)
        shop.settle()
    click.echo(f"{report.seen} products in {catalog}, {report.failed} failed.", err=as_json)
    if report.interrupted:
        say_how_to_resume()
        sys.exit(INTERRUPTED)
    if no_serve:
        return
    listening = listen(host, port)
    token = local_token()
    announce(catalog, listening, token, as_json)
    run_server(listening, 1, catalog, "", token, "from_environment")

"""`demo`: creates a sample shop, serves it and opens it in the browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

import click

from lookalike.cli.options import json_option
from lookalike.cli.progress import import_progress
from lookalike.cli.serve import announce, host_option, listen, local_token, port_option, run_server
from lookalike.errors import UsageError


@click.command()
@click.option("--catalog", help="File of the sample catalog; by default in your data folder.")
@host_option
@port_option
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option(
    "--visitors",
    type=click.FloatRange(0, 100),
    help="Made-up visitors per second, for Insight and experiments.",
)
@json_option
def demo(
    catalog: str | None, host: str, port: int, no_browser: bool, visitors: float | None, as_json: bool
) -> None:
    """Create a sample catalog, serve it, and open it in the browser.

    The server then measures, maps and examines it in the background; the page shows the progress.
    """
    catalog = catalog or str(_data_folder() / "demo.db")
    _make_sample(catalog)
    listening = listen(host, port)
    token = local_token()
    url = announce(catalog, listening, token, as_json)
    if not no_browser and _has_browser():
        # The socket is already listening: the page waits until the server accepts.
        webbrowser.open(url)
    if visitors is not None:
        os.environ["LOOKALIKE_DEMO_VISITORS"] = str(visitors)
    run_server(listening, 1, catalog, "", token, "demo_from_environment")


def _make_sample(catalog: str) -> None:
    import lookalike
    from lookalike.catalog.sample_photos import put_sample_photos, sample_photo_titles
    from lookalike.catalog.storefront import DEMO_CART, Storefront, put_storefront, storefront
    from lookalike_sample_shop import SAMPLES, SampleShop, sample_photo

    sample = SampleShop()
    with lookalike.open(catalog) as shop:
        if not sample_photo_titles(shop.catalog.database):
            put_sample_photos(shop.catalog.database, {title: sample_photo(title) for title in SAMPLES})
        if storefront(shop.catalog.database) == Storefront():
            put_storefront(shop.catalog.database, Storefront(cart=DEMO_CART))
        if len(shop) >= len(sample):
            return
        click.echo("Drawing the sample catalog. This is done once.", err=True)
        with import_progress(sample) as progress:
            shop.add(sample, progress=progress)


def _data_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    folder = Path(base) / "lookalike"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be created ({error.strerror}). Name a file with --catalog."
        ) from error
    return folder


def _has_browser() -> bool:
    # Without a display, a text browser could take over the terminal.
    if sys.platform.startswith("linux") and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True

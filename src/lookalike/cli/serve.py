"""`serve` and `demo`: the server, and a shop to try it with."""

from __future__ import annotations

import os
import socket
import sys
import webbrowser
from pathlib import Path

import click

from lookalike.cli.options import catalog_option, index_option, json_option
from lookalike.cli.output import print_json
from lookalike.cli.progress import import_progress
from lookalike.errors import Unavailable, UsageError
from lookalike.settings import settings

BACKLOG = 2048

host_option = click.option(
    "--host",
    default=lambda: settings().host,
    show_default="LOOKALIKE_HOST or 127.0.0.1",
    help="Address to listen on.",
)
port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=lambda: settings().port,
    show_default="LOOKALIKE_PORT or 8080",
    help="Port to listen on; 0 takes a free one.",
)


@click.command()
@host_option
@port_option
@click.option(
    "--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that answer."
)
@catalog_option
@index_option
@json_option
def serve(host: str, port: int, workers: int, catalog: str, index: str, as_json: bool) -> None:
    """Serve the catalogue over HTTP, with a search page at /."""
    listening = _listen(host, port)
    _announce(catalog, listening, as_json)
    _serve(listening, workers, catalog, index, "from_environment")


@click.command()
@click.option("--catalog", help="File of the sample catalogue; by default in your data folder.")
@host_option
@port_option
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@json_option
def demo(catalog: str | None, host: str, port: int, no_browser: bool, as_json: bool) -> None:
    """Make a sample catalogue, serve it, and open it in the browser.

    Once it is served it is measured, drawn as a map and examined in the background; the page shows how far.
    """
    catalog = catalog or str(_data_folder() / "demo.db")
    _make_sample(catalog)
    listening = _listen(host, port)
    url = _announce(catalog, listening, as_json)
    if not no_browser and _has_browser():
        # The socket listens already: the page waits until the server takes it up.
        webbrowser.open(url)
    _serve(listening, 1, catalog, "", "demo_from_environment")


def _make_sample(catalog: str) -> None:
    import lookalike
    from lookalike_sample_shop import SampleShop

    sample = SampleShop()
    with lookalike.open(catalog) as shop:
        if len(shop) >= len(sample):
            return
        click.echo("Drawing the sample catalogue; this is done once.", err=True)
        with import_progress(sample) as progress:
            shop.add(sample, progress=progress)


def _data_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    folder = Path(base) / "lookalike"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made ({error.strerror}): name a file with --catalog."
        ) from error
    return folder


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        raise Unavailable(
            f"{host}:{port} cannot be listened on ({error.strerror}): "
            "choose another with --port; 0 takes any that is free."
        ) from error
    return listening


def _announce(catalog: str, listening: socket.socket, as_json: bool) -> str:
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    url = f"http://{shown}:{port}"
    if as_json:
        print_json({"url": url, "catalog": catalog})
    else:
        click.echo(f"Lookalike serves {catalog} at {url} (API at {url}/docs); Ctrl-C stops it.")
    sys.stdout.flush()
    return url


def _serve(listening: socket.socket, workers: int, catalog: str, index: str, application: str) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    # Workers are processes of their own: they read what to serve from the environment.
    os.environ.update({"LOOKALIKE_CATALOG": catalog, "LOOKALIKE_INDEX": index})
    settings.cache_clear()
    config = uvicorn.Config(
        f"lookalike.server.app:{application}",
        factory=True,
        workers=workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listening])
    else:
        Multiprocess(config, sockets=[listening]).run()


def _has_browser() -> bool:
    # Without a screen, the browser that is found may be one that takes over the terminal.
    if sys.platform.startswith("linux") and not os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True

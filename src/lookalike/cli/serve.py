"""`serve`: the catalog over HTTP."""

from __future__ import annotations

import os
import secrets
import socket
import sys

import click

from lookalike.cli.options import catalog_option, index_option, json_option
from lookalike.cli.output import print_json
from lookalike.database.stores import open_store_beside
from lookalike.errors import Unavailable
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
    help="Port to listen on. 0: any free port.",
)


@click.command()
@host_option
@port_option
@click.option(
    "--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that answer."
)
@catalog_option
@click.option(
    "--catalogs",
    default=lambda: settings().catalogs,
    show_default="LOOKALIKE_CATALOGS or none",
    help="Folder or postgresql:// URL of further catalogs, served at /v1/catalogs/NAME.",
)
@index_option
@json_option
def serve(host: str, port: int, workers: int, catalog: str, catalogs: str, index: str, as_json: bool) -> None:
    """Serve the catalog and the web application over HTTP."""
    if catalogs:
        open_store_beside(catalogs, catalog).close()
    os.environ["LOOKALIKE_CATALOGS"] = catalogs
    listening = listen(host, port)
    token = local_token()
    announce(catalog, listening, token, as_json)
    run_server(listening, workers, catalog, index, token, "from_environment")


def listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {host}:{port} ({error.strerror}). "
            "Choose another port with --port, or any free one with --port 0."
        ) from error
    return listening


def local_token() -> str:
    """The token for writing from this machine. Empty if an admin key is set."""
    if settings().admin_key:
        return ""
    return settings().local_token or secrets.token_urlsafe(24)


def announce(catalog: str, listening: socket.socket, token: str, as_json: bool) -> str:
    """Print the address of the server. Returns the URL to open in a browser."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    url = f"http://{shown}:{port}"
    opened = f"{url}/?token={token}" if token else url
    if as_json:
        print_json({"url": url, "catalog": catalog, "token": token})
    else:
        click.echo(f"Lookalike serves {catalog} at {url} (API at {url}/docs). Press Ctrl-C to stop.")
        if token:
            click.echo(f"To manage the catalog from this machine, open {opened}")
    sys.stdout.flush()
    return opened


def run_server(
    listening: socket.socket, workers: int, catalog: str, index: str, token: str, application: str
) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    # Worker processes read their configuration from the environment.
    os.environ.update(
        {"LOOKALIKE_CATALOG": catalog, "LOOKALIKE_INDEX": index, "LOOKALIKE_LOCAL_TOKEN": token}
    )
    settings.cache_clear()
    config = uvicorn.Config(
        f"lookalike.server.app:{application}",
        factory=True,
        http="lookalike.server.connections:HeaderTimeoutProtocol",
        workers=workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        # Only the connecting address can be trusted, not the one a proxy header names.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        # Longer than proxies keep an idle connection (nginx: 60 s): closing it first loses a request.
        timeout_keep_alive=75,
    )
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listening])
    else:
        Multiprocess(config, sockets=[listening]).run()

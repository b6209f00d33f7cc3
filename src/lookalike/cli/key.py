"""`key`: who may use the catalog over HTTP, and for what."""

from __future__ import annotations

import re
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import datetime

import click

from lookalike.access.keys import SCOPES, KeyRing, Scope, key_json
from lookalike.cli.options import catalog_option, json_option, must_exist
from lookalike.cli.output import print_json, print_table
from lookalike.database import open_database

DAY = 86_400.0
DAYS = re.compile(r"(\d{1,6})\s*d(ays?)?")


@click.group()
def key() -> None:
    """Create, list and revoke the keys that REST clients send."""


@key.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="What the key allows; may be repeated. admin allows everything.",
)
@click.option("--expires", metavar="90d|DATE", help="Days from now, or an ISO date; by default never.")
@click.option("--per-minute", type=int, help="Most requests a minute; by default any number.")
@catalog_option
@json_option
def create(
    name: str,
    scopes: tuple[Scope, ...],
    expires: str | None,
    per_minute: int | None,
    catalog: str,
    as_json: bool,
) -> None:
    """Create a key for NAME and print its secret, which cannot be shown again."""
    until = None if expires is None else read_expiry(expires, time.time())
    with _keys(catalog) as keys:
        made, secret = keys.create(name, scopes, until, per_minute)
    if as_json:
        print_json({"key": key_json(made, time.time()), "secret": secret})
        return
    click.echo(secret)
    click.echo(
        f"Store it now: it is not shown again. Revoke it with `lookalike key revoke {made.id}`.", err=True
    )


@key.command("list")
@catalog_option
@json_option
def list_keys(catalog: str, as_json: bool) -> None:
    """List the keys, without their secrets."""
    now = time.time()
    with _keys(catalog) as keys:
        known = [key_json(each, now) for each in keys.all()]
    if as_json:
        print_json(known)
        return
    print_table(
        ("ID", "SCOPES", "STATE", "EXPIRES", "PER MINUTE", "NAME"),
        [
            (
                each["id"],
                " ".join(each["scopes"]),
                each["state"],
                each["expires"] or "never",
                "any" if each["per_minute"] is None else str(each["per_minute"]),
                each["name"],
            )
            for each in known
        ],
    )


@key.command()
@click.argument("id")
@catalog_option
@json_option
def revoke(id: str, catalog: str, as_json: bool) -> None:
    """Revoke the key with this ID for good; running servers follow within a second."""
    with _keys(catalog) as keys:
        revoked = keys.revoke(id)
    if as_json:
        print_json(key_json(revoked, time.time()))
    else:
        click.echo(f"Revoked {revoked.id} ({revoked.name}).")


def read_expiry(text: str, now: float) -> float:
    """The time that "90d" or an ISO date stands for, in seconds since 1970."""
    if days := DAYS.fullmatch(text.strip().lower()):
        return now + int(days[1]) * DAY
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise click.BadParameter(f"'{text}' is no time: write 90d or 2030-12-31.") from error


@contextmanager
def _keys(catalog: str) -> Generator[KeyRing]:
    must_exist(catalog)
    with closing(open_database(catalog)) as database:
        yield KeyRing(database.keys)

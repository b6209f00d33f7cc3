"""`segments` and `carts`: customer lists for campaigns."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import asdict
from typing import IO, Any

import click

from lookalike.cli.options import catalog_option, json_option, open_existing
from lookalike.cli.output import print_json, print_table
from lookalike.errors import Unavailable, UsageError

SHOWN = 20
WEBHOOK_TIMEOUT = 30.0

csv_option = click.option(
    "--csv", "file", type=click.File("w", lazy=False), metavar="FILE", help="Write the whole list as CSV."
)
webhook_option = click.option(
    "--webhook", metavar="URL", help="POST the list to this URL as JSON. Nothing is sent to shoppers."
)


@click.command()
@csv_option
@webhook_option
@catalog_option
@json_option
def segments(file: IO[str] | None, webhook: str | None, catalog: str, as_json: bool) -> None:
    """Group the customers by how recently, how often and how much they buy."""
    from lookalike.recommend.customer_lists import write_segments
    from lookalike.recommend.segments import customer_segments, segment_totals

    with open_existing(catalog, "") as shop:
        customers = customer_segments(shop.catalog, time.time)
    listed = [asdict(each) for each in customers]
    _deliver("segments", listed, webhook)
    if file is not None:
        write_segments(file, customers)
    if as_json:
        print_json(listed)
        return
    rows = [
        (each.name, str(each.customers), f"{each.value:.2f}", each.meaning)
        for each in segment_totals(customers)
    ]
    print_table(("SEGMENT", "CUSTOMERS", "VALUE", "MEANING"), rows)


@click.command()
@click.option(
    "--hours", default=1.0, show_default=True, help="Only carts that have not changed for this long."
)
@click.option("--days", default=30.0, show_default=True, help="Carts no older than this.")
@csv_option
@webhook_option
@catalog_option
@json_option
def carts(
    hours: float, days: float, file: IO[str] | None, webhook: str | None, catalog: str, as_json: bool
) -> None:
    """List the carts that shoppers left, the most valuable first."""
    from lookalike.recommend.abandoned_carts import abandoned_carts
    from lookalike.recommend.customer_lists import write_carts

    if hours < 0 or days * 24 < hours:
        raise UsageError("--hours must be between 0 and the hours of --days.")
    with open_existing(catalog, "") as shop:
        found = abandoned_carts(shop.catalog, time.time, after_hours=hours, within_days=days)
    listed = [asdict(each) for each in found]
    _deliver("abandoned carts", listed, webhook)
    if file is not None:
        write_carts(file, found)
    if as_json:
        print_json(listed)
        return
    shown = [
        (cart.shopper, f"{cart.hours:.0f}", f"{cart.value:.2f}", ", ".join(item.title for item in cart.items))
        for cart in found[:SHOWN]
    ]
    if shown:
        print_table(("SHOPPER", "HOURS AGO", "VALUE", "IN THE CART"), shown)
    click.echo(f"{len(found)} carts. Use --csv FILE or --webhook URL to get them all.", err=True)


def _deliver(what: str, rows: list[dict[str, Any]], url: str | None) -> None:
    """POST a list to the shop's own endpoint."""
    if url is None:
        return
    if not url.startswith(("http://", "https://")):
        raise UsageError("--webhook must be an http:// or https:// URL.")
    body = json.dumps({"kind": what, "rows": rows}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=WEBHOOK_TIMEOUT):
            pass
    except urllib.error.HTTPError as error:
        raise Unavailable(f"{url} returned {error.code}. Check the endpoint and run this again.") from error
    except OSError as error:
        raise Unavailable(f"{url} cannot be reached ({error}). Check it and run this again.") from error

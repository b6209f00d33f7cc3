"""Customer segments and abandoned carts are lists that a shop can act on."""

from __future__ import annotations

import csv
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from click.testing import CliRunner

import lookalike
from lookalike import Event, Product
from lookalike.cli import main
from lookalike.recommend.abandoned_carts import HOUR, abandoned_carts
from lookalike.recommend.segments import DAY, customer_segments

NOW = time.time()


def event(kind: str, shopper: str, product: str, days: float) -> Event:
    return Event(kind, shopper, product, time=NOW - days * DAY)


@pytest.fixture
def shop(tmp_path):
    with lookalike.open(tmp_path / "shop.db", recipe="pixels") as shop:
        shop.add(
            [Product("cheap", "A cheap thing", price=5.0), Product("dear", "=dear()", price=500.0, stock=0)]
        )
        yield shop


def segment_of(shop) -> dict[str, str]:
    return {each.shopper: each.segment for each in customer_segments(shop.catalog, lambda: NOW)}


def test_shoppers_are_grouped_by_how_recently_how_often_and_how_much_they_buy(shop):
    shop.record(
        [
            *(event("purchase", "champion", "dear", days) for days in (2, 10, 20)),
            *(event("purchase", "loyal", "cheap", days) for days in (40, 60)),
            event("purchase", "new", "cheap", 3),
            *(event("purchase", "at-risk", "cheap", days) for days in (200, 250)),
            event("purchase", "lapsed", "cheap", 300),
            event("view", "browser", "dear", 1),
            event("view", "gone", "dear", 90),
        ]
    )

    assert segment_of(shop) == {
        "champion": "champions",
        "loyal": "loyal",
        "new": "new customers",
        "at-risk": "at risk",
        "lapsed": "lapsed",
        "browser": "browsers",
        "gone": "gone",
    }


def test_what_is_bought_together_is_one_order(shop):
    shop.record([event("purchase", "s", "cheap", 1), event("purchase", "s", "dear", 1)])

    (found,) = customer_segments(shop.catalog, lambda: NOW)

    assert (found.orders, found.value, found.segment) == (1, 505.0, "new customers")


def test_a_cart_is_abandoned_until_it_is_bought_emptied_or_too_old(shop):
    shop.record(
        [
            event("cart", "left", "dear", 1),
            event("cart", "left", "cheap", 1.1),
            event("cart", "bought", "dear", 1),
            event("purchase", "bought", "dear", 0.9),
            event("cart", "emptied", "dear", 1),
            event("remove-from-cart", "emptied", "dear", 0.9),
            event("cart", "busy", "dear", 0.5 * HOUR / DAY),
            event("cart", "old", "dear", 60),
            event("cart", "half", "cheap", 2),
            event("cart", "half", "dear", 2),
            event("purchase", "half", "dear", 1.5),
        ]
    )

    found = {cart.shopper: cart for cart in abandoned_carts(shop.catalog, lambda: NOW)}

    assert found.keys() == {"left", "half"}
    assert found["left"].value == 505.0
    assert {item.product: item.in_stock for item in found["left"].items} == {"dear": False, "cheap": True}
    assert [item.product for item in found["half"].items] == ["cheap"]


def test_the_list_goes_to_a_file_and_to_the_shops_webhook(shop, tmp_path):
    shop.record([event("cart", "left", "dear", 1)])
    received: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url, file = f"http://127.0.0.1:{server.server_port}/carts", tmp_path / "carts.csv"
    try:
        done = CliRunner().invoke(
            main, ["carts", "--catalog", shop.url, "--webhook", url, "--csv", str(file)]
        )
    finally:
        server.shutdown()
        server.server_close()

    assert done.exit_code == 0, done.output
    assert received[0]["rows"][0]["shopper"] == "left"
    (row,) = csv.DictReader(file.open())
    assert (row["shopper"], row["product"], row["title"]) == ("left", "dear", "'=dear()")


def test_a_webhook_that_does_not_answer_is_one_sentence(shop):
    asked = ["segments", "--catalog", shop.url, "--webhook", "http://127.0.0.1:9/"]

    done = CliRunner().invoke(main, asked)

    assert done.exit_code == 9
    assert "cannot be reached" in done.stderr

"""WooCommerce's REST API v3 over a stub's articles."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from lookalike.sync.source import Delivery
from lookalike.sync.sources.signatures import signature_of
from support.shops.articles import Article, Piece
from support.shops.stub import Asked, ShopStub, Told

PREFIX = "/wp-json/wc/v3/"
WEBHOOK_SECRET = "woo-webhook-secret"


class WooCommerceStub(ShopStub):
    scheme = "woocommerce"
    environment: ClassVar = {
        "LOOKALIKE_WOOCOMMERCE_KEY": "ck_1",
        "LOOKALIKE_WOOCOMMERCE_SECRET": "cs_1",
        "LOOKALIKE_WOOCOMMERCE_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    per_page = 100

    def item_id(self, article: int) -> str:
        return str(article)

    def product_id(self, article: int, piece: int) -> str:
        return str(piece) if len(self.articles[article].pieces) > 1 else str(article)

    def delivery(self, event: str, article: int, *, secret: str = "") -> Delivery:
        payload = {"id": article}
        if event != "deleted":
            payload = self._product(self.articles[article])
        body = json.dumps(payload).encode()
        headers = {
            "content-type": "application/json",
            "x-wc-webhook-source": f"{self.base}/",
            "x-wc-webhook-topic": f"product.{event}",
            "x-wc-webhook-resource": "product",
            "x-wc-webhook-event": event,
            "x-wc-webhook-signature": signature_of((secret or WEBHOOK_SECRET).encode(), body),
            "x-wc-webhook-id": "7",
            # All deliveries of a webhook in one second have the same.
            "x-wc-webhook-delivery-id": hashlib.md5(f"7{int(self.now.timestamp())}".encode()).hexdigest(),
        }
        return Delivery(headers, body)

    def is_authorised(self, asked: Asked) -> bool:
        login = base64.b64encode(b"ck_1:cs_1").decode()
        return asked.headers.get("authorization") == f"Basic {login}"

    def refusal(self) -> Told:
        said = "Sorry, you cannot list resources."
        return Told({"code": "woocommerce_rest_cannot_view", "message": said, "data": {"status": 401}}, 401)

    def serve(self, asked: Asked) -> Told:
        place = asked.path.removeprefix(PREFIX)
        if place == "data/currencies/current":
            return Told({"code": "EUR", "name": "Euro", "symbol": "&euro;"})
        if place == "products/categories":
            return self._listed(asked, self._categories())
        if place == "products":
            return self._listed(asked, self._products(asked))
        id = int(place.split("/")[1])
        if id not in self.articles:
            return Told({"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID."}, 404)
        article = self.articles[id]
        return self._listed(asked, [self._variation(article, piece) for piece in article.pieces])

    def _listed(self, asked: Asked, found: list[dict[str, Any]]) -> Told:
        size = min(int(asked.one("per_page", "10")), self.per_page)
        start = (int(asked.one("page", "1")) - 1) * size
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(-(-len(found) // size))}
        return Told(found[start : start + size], headers=headers)

    def _products(self, asked: Asked) -> list[dict[str, Any]]:
        after = asked.one("modified_after")
        since = datetime.fromisoformat(after).replace(tzinfo=UTC) if after else None
        if asked.one("status") == "trash":
            gone = [id for id, at in self.deleted.items() if since is None or at > since]
            return [{"id": id, "status": "trash"} for id in sorted(gone)]
        found = [each for _, each in sorted(self.articles.items()) if since is None or each.changed > since]
        if wanted := asked.one("include"):
            found = [each for each in found if str(each.id) in wanted.split(",")]
        return [self._product(each) for each in found]

    def _categories(self) -> list[dict[str, Any]]:
        paths = sorted({each.category[: n + 1] for each in self.articles.values() for n in range(2)})
        ids = {path: number for number, path in enumerate(paths, 100)}
        return [
            {"id": ids[path], "name": path[-1], "parent": ids.get(path[:-1], 0), "slug": path[-1].lower()}
            for path in paths
        ]

    def _product(self, article: Article) -> dict[str, Any]:
        variable = len(article.pieces) > 1
        first = article.pieces[0]
        category = next(
            each["id"]
            for each in self._categories()
            if each["name"] == article.category[-1] and each["parent"]
        )
        options = {
            name: [piece.options[name] for piece in article.pieces if name in piece.options]
            for name in first.options
        }
        return {
            "id": article.id,
            "name": article.title,
            "type": "variable" if variable else "simple",
            "status": "publish" if article.published else "draft",
            "catalog_visibility": "visible",
            "description": article.description,
            "short_description": "",
            "date_modified_gmt": article.changed.replace(tzinfo=None).isoformat(),
            "parent_id": 0,
            "categories": [{"id": category, "name": article.category[-1], "slug": "x"}],
            "tags": [],
            "brands": [{"id": 1, "name": article.brand, "slug": "x"}],
            "images": [{"id": n, "src": self.photo(name)} for n, name in enumerate(article.photos)],
            "attributes": [
                {"id": 0, "name": name, "variation": True, "visible": True, "options": values}
                for name, values in options.items()
            ],
            "variations": [piece.id for piece in article.pieces] if variable else [],
            "meta_data": [
                {"id": 1, "key": "_edit_lock", "value": "1"},
                *({"id": 2, "key": key, "value": value} for key, value in article.fields.items()),
            ],
            **_sold(article, first),
        }

    def _variation(self, article: Article, piece: Piece) -> dict[str, Any]:
        photo = piece.options.get("Colour", "red").lower()
        return {
            "id": piece.id,
            "status": "publish",
            "image": {"id": 1, "src": self.photo(photo)},
            "attributes": [{"id": 0, "name": n, "option": value} for n, value in piece.options.items()],
            **_sold(article, piece),
        }


def _sold(article: Article, piece: Piece) -> dict[str, Any]:
    return {
        "sku": piece.sku,
        "global_unique_id": "",
        "permalink": f"https://shop.example/product/{article.id}/",
        "price": piece.price,
        "regular_price": piece.former or piece.price,
        "sale_price": piece.price if piece.former else "",
        "on_sale": bool(piece.former),
        "manage_stock": piece.tracked,
        "stock_quantity": piece.stock if piece.tracked else None,
        "stock_status": "instock" if piece.stock or not piece.tracked else "outofstock",
    }

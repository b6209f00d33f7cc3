"""Medusa's Admin API v2, and the part of its Store API that prices come from, over a stub's articles."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any, ClassVar

from lookalike.sync.source import Delivery
from lookalike.sync.sources.signatures import signature_of
from support.shops.articles import Article, Piece
from support.shops.stub import Asked, ShopStub, Told

KEY = b"medusa-webhook-secret"
REGION = "reg_1"


class MedusaStub(ShopStub):
    scheme = "medusa"
    environment: ClassVar = {
        "LOOKALIKE_MEDUSA_KEY": "sk_1",
        "LOOKALIKE_MEDUSA_PUBLISHABLE_KEY": "pk_1",
        "LOOKALIKE_MEDUSA_WEBHOOK_SECRET": f"whsec_{base64.b64encode(KEY).decode()}",
    }
    tells_deleted = True
    limit = 50

    def __init__(self) -> None:
        super().__init__()
        self.options = f"?region={REGION}&storefront=https://shop.example/products"
        self.sent = 0

    def item_id(self, article: int) -> str:
        return f"prod_{article}"

    def product_id(self, article: int, piece: int) -> str:
        return f"variant_{piece}"

    def delivery(self, event: str, article: int, *, secret: str = "") -> Delivery:
        self.sent += 1
        body = json.dumps({"products": [self.item_id(article)]}).encode()
        id, moment = f"msg_{self.sent}", str(int(self.now.timestamp()))
        message = f"{id}.{moment}.".encode() + body
        signature = signature_of(secret.encode() or KEY, message)
        headers = {
            "webhook-id": id,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1a,AAAA v1,{signature}",
        }
        return Delivery(headers, body)

    def is_authorised(self, asked: Asked) -> bool:
        if asked.path.startswith("/store/"):
            return asked.headers.get("x-publishable-api-key") == "pk_1"
        return asked.headers.get("authorization") == f"Basic {base64.b64encode(b'sk_1:').decode()}"

    def serve(self, asked: Asked) -> Told:
        place = asked.path.rpartition("/")[2]
        if asked.path.startswith("/store/"):
            assert asked.one("region_id") == REGION
            found = [self._priced(each) for each in self._among(asked) if each.published]
            return Told({"products": found, "count": len(found), "offset": 0, "limit": 50})
        match place:
            case "stores":
                currencies = [
                    {"currency_code": "usd", "is_default": False},
                    {"currency_code": "eur", "is_default": True},
                ]
                return Told({"stores": [{"id": "store_1", "supported_currencies": currencies}], "count": 1})
            case "product-categories":
                return self._listed(asked, "product_categories", self._categories())
            case _:
                return self._products(asked)

    def _listed(self, asked: Asked, field: str, found: list[dict[str, Any]]) -> Told:
        offset, limit = int(asked.one("offset", "0")), min(int(asked.one("limit", "50")), self.limit)
        page = found[offset : offset + limit]
        return Told({field: page, "count": len(found), "offset": offset, "limit": limit})

    def _among(self, asked: Asked) -> list[Article]:
        wanted, after = asked.all("id[]"), asked.one("updated_at[$gte]")
        assert len(wanted) <= 20
        since = datetime.fromisoformat(after) if after else None
        return [
            each
            for id, each in sorted(self.articles.items())
            if (not wanted or self.item_id(id) in wanted) and (since is None or each.changed >= since)
        ]

    def _products(self, asked: Asked) -> Told:
        if after := asked.one("deleted_at[$gte]"):
            if not self.tells_deleted:
                said = "Invalid request: Unrecognized fields: 'with_deleted'"
                return Told({"type": "invalid_data", "message": said}, 400)
            assert asked.one("with_deleted") == "true"
            since = datetime.fromisoformat(after)
            gone = [{"id": self.item_id(id)} for id, at in self.deleted.items() if at >= since]
            return self._listed(asked, "products", gone)
        return self._listed(asked, "products", [self._product(each) for each in self._among(asked)])

    def _categories(self) -> list[dict[str, Any]]:
        paths = sorted({each.category[: n + 1] for each in self.articles.values() for n in range(2)})
        return [
            {
                "id": f"pcat_{'_'.join(path)}",
                "name": path[-1],
                "parent_category_id": f"pcat_{'_'.join(path[:-1])}" if len(path) > 1 else None,
            }
            for path in paths
        ]

    def _product(self, article: Article) -> dict[str, Any]:
        names = list(article.pieces[0].options)
        return {
            "id": self.item_id(article.id),
            "title": article.title,
            "subtitle": None,
            "description": article.description,
            "handle": f"article-{article.id}",
            "status": "published" if article.published else "draft",
            "metadata": {**article.fields, "brand": article.brand, "internal": {"a": 1}},
            "thumbnail": None,
            "updated_at": article.changed.isoformat(),
            "images": [{"id": name, "url": self.photo(name)} for name in article.photos],
            "tags": [],
            "type": None,
            "collection": None,
            "categories": [
                {"id": f"pcat_{'_'.join(article.category)}", "name": article.category[-1]},
            ],
            "options": [{"id": f"opt_{name}", "title": name} for name in names],
            "variants": [self._variant(piece) for piece in article.pieces],
        }

    def _variant(self, piece: Piece) -> dict[str, Any]:
        levels = [
            {"stocked_quantity": piece.stock + 2, "reserved_quantity": 2},
            {"stocked_quantity": 0, "reserved_quantity": 0},
        ]
        amount = _number(piece.former or piece.price)
        return {
            "id": f"variant_{piece.id}",
            "sku": piece.sku,
            "barcode": None,
            "ean": None,
            "upc": None,
            "manage_inventory": piece.tracked,
            "allow_backorder": False,
            "options": [
                {"id": f"optval_{value}", "option_id": f"opt_{name}", "value": value}
                for name, value in piece.options.items()
            ],
            "prices": [
                {"amount": amount, "currency_code": "eur", "min_quantity": None, "rules": {}},
                {"amount": 1, "currency_code": "eur", "min_quantity": 100, "rules": {}},
                {"amount": 2, "currency_code": "eur", "min_quantity": None, "rules": {"region_id": "reg_2"}},
                {"amount": 3, "currency_code": "usd", "min_quantity": None, "rules": {}},
            ],
            "inventory_items": [{"required_quantity": 1, "inventory": {"location_levels": levels}}],
        }

    def _priced(self, article: Article) -> dict[str, Any]:
        return {
            "id": self.item_id(article.id),
            "variants": [
                {
                    "id": f"variant_{piece.id}",
                    "calculated_price": {
                        "calculated_amount": _number(piece.price),
                        "original_amount": _number(piece.former or piece.price),
                        "currency_code": "eur",
                    },
                }
                for piece in article.pieces
            ],
        }


def _number(written: str) -> float | str:
    try:
        return float(written)
    except ValueError:
        return written

"""Shopify's Admin GraphQL API with bulk operations and query costs over a stub's articles."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from lookalike.sync.source import Delivery
from lookalike.sync.sources.signatures import signature_of
from support.shops.articles import Article, Piece
from support.shops.shopify_schema import SDL
from support.shops.stub import Asked, ShopStub, Told, lines

VERSION = "2026-07"
SECRET = "shopify-client-secret"
MOST_COST = 1000
NAMES = {"collections": "Collection", "metafields": "Metafield", "variants": "ProductVariant"}

SCHEMA = build_schema(SDL)


@dataclass
class Bulk:
    """A bulk operation: the states it goes through, one each time it is looked at."""

    id: str
    query: str
    states: list[str]
    error: str | None = None
    objects: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


class ShopifyStub(ShopStub):
    scheme = "shopify"
    environment: ClassVar = {
        "LOOKALIKE_SHOPIFY_CLIENT_ID": "client-1",
        "LOOKALIKE_SHOPIFY_CLIENT_SECRET": SECRET,
    }

    def __init__(self) -> None:
        super().__init__()
        self.bulks: dict[str, Bulk] = {}
        self.bulk_states = ["CREATED", "RUNNING", "COMPLETED"]
        self.bulk_error: str | None = None
        self.busy = 0
        self.lost_lines = 0
        self.tokens = {"shpat_0"}
        self.points = 2000.0
        self.maximum, self.rate = 2000.0, 100.0
        self.throttled = 0

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.points = min(self.points + seconds * self.rate, self.maximum)

    def expire_tokens(self) -> None:
        """End the day for which a token is granted."""
        self.tokens.clear()

    def item_id(self, article: int) -> str:
        return str(article)

    def product_id(self, article: int, piece: int) -> str:
        return str(piece)

    def delivery(self, event: str, article: int, *, secret: str = "") -> Delivery:
        topic = {"created": "create", "updated": "update", "deleted": "delete"}[event]
        body = json.dumps({"id": article, "title": "not believed"} if topic != "delete" else {"id": article})
        headers = {
            "x-shopify-topic": f"products/{topic}",
            "x-shopify-hmac-sha256": signature_of((secret or SECRET).encode(), body.encode()),
            "x-shopify-shop-domain": "my-shop.myshopify.com",
            "x-shopify-webhook-id": f"b54557e4-{event}-{article}-{self.now.timestamp():.0f}",
            "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
            "x-shopify-triggered-at": self.now.strftime("%Y-%m-%dT%H:%M:%S.123456789Z"),
            "x-shopify-api-version": VERSION,
        }
        return Delivery(headers, body.encode())

    def is_authorised(self, asked: Asked) -> bool:
        open_to_all = asked.path.startswith(("/bulk/", "/admin/oauth/"))
        return open_to_all or asked.headers.get("x-shopify-access-token") in self.tokens

    def refusal(self) -> Told:
        return Told({"errors": "[API] Invalid API key or access token (unrecognized login)"}, 401)

    def serve(self, asked: Asked) -> Told:
        if asked.path.startswith("/bulk/"):
            bulk = self.bulks[f"gid://shopify/BulkOperation/{asked.path.rpartition('/')[2]}"]
            whole = lines(bulk.objects)
            return Told(raw=b"".join(whole.splitlines(True)[: len(bulk.objects) - self.lost_lines]))
        if asked.path == "/admin/oauth/access_token":
            return self._grant(asked)
        assert asked.path == f"/admin/api/{VERSION}/graphql.json"
        body = json.loads(asked.body)
        document = parse(body["query"])
        assert validate(SCHEMA, document) == []
        cost = cost_of(document)
        if cost > MOST_COST:
            return Told({"errors": [{"message": "Too costly", "extensions": {"code": "MAX_COST_EXCEEDED"}}]})
        if cost > self.points:
            self.throttled += 1
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return Told({"errors": [error], "extensions": self._cost(cost)})
        self.points -= cost
        answer = execute_sync(
            SCHEMA, document, self._root(), variable_values=body["variables"], field_resolver=resolve
        )
        told: dict[str, Any] = {"data": answer.data, "extensions": self._cost(cost)}
        if answer.errors:
            told["errors"] = [each.formatted for each in answer.errors]
        return Told(told)

    def _grant(self, asked: Asked) -> Told:
        if asked.body.decode().find(f"client_secret={SECRET}") < 0:
            return Told({"error": "application_cannot_be_found"}, 400)
        token = f"shpat_{len(self.asked)}"
        self.tokens.add(token)
        return Told({"access_token": token, "scope": "read_products", "expires_in": 86399})

    def _cost(self, cost: int) -> dict[str, Any]:
        status = {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": int(self.points),
            "restoreRate": self.rate,
        }
        return {"cost": {"requestedQueryCost": cost, "actualQueryCost": cost, "throttleStatus": status}}

    # The resolvers of the schema

    def _root(self) -> dict[str, Any]:
        return {
            "shop": {"name": "My shop", "currencyCode": "EUR"},
            "product": lambda _, id: self._node(id),
            "nodes": lambda _, ids: [self._node(id) for id in ids],
            "products": self._products,
            "deletionEvents": self._deletions,
            "bulkOperation": lambda _, id: self._look(self.bulks[id]),
            "bulkOperationRunQuery": self._run,
        }

    def _node(self, gid: str) -> dict[str, Any] | None:
        article = self.articles.get(int(gid.rpartition("/")[2]))
        return None if article is None else self._product(article)

    def _products(self, _: GraphQLResolveInfo, query: str = "", **page: Any) -> dict[str, Any]:
        since = _moment(query, "updated_at:>=")
        changed = sorted(
            (each for each in self.articles.values() if since is None or each.changed >= since),
            key=lambda each: (each.changed, each.id),
        )
        return connection([self._product(each) for each in changed], **page)

    def _deletions(self, _: GraphQLResolveInfo, query: str, **page: Any) -> dict[str, Any]:
        since = _moment(query, "occurred_at:>=")
        assert since is not None
        assert page.pop("subjectTypes") == ["PRODUCT"]
        events = [
            {"subjectId": f"gid://shopify/Product/{id}", "subjectType": "PRODUCT", "occurredAt": at}
            for id, at in self.deleted.items()
            if at >= since
        ]
        return connection(events, **page)

    def _run(self, _: GraphQLResolveInfo, query: str, groupObjects: bool) -> dict[str, Any]:
        assert groupObjects
        if self.busy:
            self.busy -= 1
            error = {"code": "OPERATION_IN_PROGRESS", "field": None, "message": "A bulk query is running"}
            return {"bulkOperation": None, "userErrors": [error]}
        document = parse(query)
        errors = validate(SCHEMA, document)
        if errors or connections_in(document) > 5:
            said = errors[0].message if errors else "Bulk queries cannot contain more than 5 connections"
            return {"bulkOperation": None, "userErrors": [{"code": "INVALID", "message": said}]}
        id = f"gid://shopify/BulkOperation/{len(self.bulks) + 1}"
        bulk = Bulk(id, query, list(self.bulk_states), self.bulk_error)
        answer = execute_sync(SCHEMA, document, self._root(), field_resolver=resolve)
        assert answer.errors is None
        assert answer.data is not None
        bulk.objects = list(_flat(answer.data["products"], None))
        self.bulks[id] = bulk
        return {"bulkOperation": self._look(bulk), "userErrors": []}

    def _look(self, bulk: Bulk) -> dict[str, Any]:
        state = bulk.states.pop(0) if len(bulk.states) > 1 else bulk.states[0]
        done = state == "COMPLETED"
        return {
            "id": bulk.id,
            "status": state,
            "errorCode": bulk.error,
            "objectCount": str(len(bulk.objects)),
            "url": f"{self.base}/bulk/{bulk.id.rpartition('/')[2]}" if done and bulk.objects else None,
        }

    def _product(self, article: Article) -> dict[str, Any]:
        pages = {
            "collections": [{"id": "gid://shopify/Collection/1", "title": article.category[-1]}],
            "metafields": [
                {
                    "id": f"gid://shopify/Metafield/{article.id}{n}",
                    "namespace": "custom",
                    "key": key,
                    "type": "single_line_text_field",
                    "value": value,
                }
                for n, (key, value) in enumerate(article.fields.items())
            ],
            "media": [
                {"__typename": "Video", "id": "gid://shopify/Video/1"},
                *(
                    {
                        "__typename": "MediaImage",
                        "id": f"gid://shopify/MediaImage/{name}",
                        "image": self._image(name),
                    }
                    for name in article.photos
                ),
            ],
            "variants": [self._variant(article, piece) for piece in article.pieces],
        }
        return {
            "__typename": "Product",
            "id": f"gid://shopify/Product/{article.id}",
            "title": article.title,
            "handle": article.title.lower().replace(" ", "-"),
            "status": "ACTIVE" if article.published else "DRAFT",
            "descriptionHtml": article.description,
            "vendor": article.brand,
            "productType": "",
            "tags": [],
            "onlineStoreUrl": f"https://shop.example/products/{article.id}",
            "category": {"id": "gid://shopify/TaxonomyCategory/hg", "fullName": " > ".join(article.category)},
            "updatedAt": article.changed,
            **{name: _lazily(nodes) for name, nodes in pages.items()},
        }

    def _variant(self, article: Article, piece: Piece) -> dict[str, Any]:
        options = piece.options or {"Title": "Default Title"}
        colour = piece.options.get("Colour")
        return {
            "id": f"gid://shopify/ProductVariant/{piece.id}",
            "title": " / ".join(options.values()),
            "sku": piece.sku,
            "price": piece.price,
            "compareAtPrice": piece.former or None,
            "inventoryQuantity": piece.stock if piece.tracked else 0,
            "availableForSale": piece.stock > 0 or not piece.tracked,
            "selectedOptions": [{"name": name, "value": value} for name, value in options.items()],
            "image": self._image(colour.lower()) if colour else None,
        }

    def _image(self, name: str) -> dict[str, str]:
        return {"url": self.photo(name)}


def _lazily(nodes: list[dict[str, Any]]) -> Any:
    return lambda _, **page: connection(nodes, **page)


def connection(nodes: list[dict[str, Any]], **page: Any) -> dict[str, Any]:
    """A page of nodes with cursors that tell the place."""
    start = int(base64.b64decode(page["after"])) if page.get("after") else 0
    first = page.get("first") or len(nodes)
    shown = nodes[start : start + first]
    end = start + len(shown)
    return {
        "nodes": shown,
        "edges": [{"node": node} for node in shown],
        "pageInfo": {
            "hasNextPage": end < len(nodes),
            "endCursor": base64.b64encode(str(end).encode()).decode(),
        },
    }


def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """What a field is: a value, or a function of the arguments."""
    found = source.get(info.field_name)
    return found(info, **arguments) if callable(found) else found


def cost_of(document: DocumentNode) -> int:
    """The points of a query as Shopify counts them at worst: one for an object, times the page's size."""
    return (
        sum(
            _cost(each.selection_set)
            for each in document.definitions
            if isinstance(each, OperationDefinitionNode) and each.operation.value == "query"
        )
        or 10
    )


def _cost(selections: SelectionSetNode | None) -> int:
    total = 0
    for each in selections.selections if selections else ():
        if isinstance(each, FieldNode) and each.selection_set:
            first = next(
                (int(a.value.value) for a in each.arguments or () if isinstance(a.value, IntValueNode)), None
            )
            inner = _cost(each.selection_set)
            plain = each.name.value in ("pageInfo", "nodes", "edges", "node")
            total += inner if plain else first * (1 + inner) if first else 1 + inner
        elif isinstance(each, InlineFragmentNode):
            total += _cost(each.selection_set)
    return total


def connections_in(document: DocumentNode) -> int:
    """How many connections a bulk query has."""

    def count(selections: SelectionSetNode | None) -> int:
        fields = [each for each in selections.selections if isinstance(each, FieldNode)] if selections else []
        return sum((each.name.value == "edges") + count(each.selection_set) for each in fields)

    return sum(
        count(each.selection_set)
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode)
    )


def _flat(found: Mapping[str, Any], parent: str | None) -> Any:
    """The objects of connections, each below its parent, as a grouped file has them."""
    for edge in found["edges"]:
        node = edge["node"]
        nested = {name: value for name, value in node.items() if isinstance(value, dict) and "edges" in value}
        plain = {name: value for name, value in node.items() if name not in nested}
        yield plain if parent is None else {**plain, "__parentId": parent}
        for children in nested.values():
            yield from _flat(children, node["id"])


def _moment(query: str, prefix: str) -> datetime | None:
    if not query:
        return None
    if not query.startswith(f"{prefix}'") or not query.endswith("'"):
        raise GraphQLError(f"Invalid search: {query}")
    return datetime.fromisoformat(query.removeprefix(f"{prefix}'").removesuffix("'"))

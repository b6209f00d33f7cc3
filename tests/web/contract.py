"""The part of the server's OpenAPI that the web application is written against.

`python tests/web/contract.py && npm --prefix web run types` brings both files up to date.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import lookalike
from lookalike.server.app import create_app
from lookalike.settings import settings

WEB = Path(__file__).parents[2] / "web"
KEPT = WEB / "openapi.json"
USED: dict[str, tuple[str, ...]] = {
    "/v1/catalog": ("get",),
    "/v1/catalog/photos": ("get",),
    "/v1/samples": ("get",),
    "/v1/search": ("post",),
    "/v1/suggest": ("get",),
    "/v1/look": ("post",),
    "/v1/photos/{photo_id}/heat": ("post",),
    "/v1/products": ("get",),
    "/v1/products/{id}": ("get", "patch", "delete"),
    "/v1/events": ("post",),
    "/v1/shoppers/{id}": ("get", "delete"),
    "/v1/rules": ("get", "put"),
    "/v1/rules:preview": ("post",),
    "/v1/placements/{placement}": ("get",),
    "/v1/experiments": ("get", "post"),
    "/v1/experiments/{id}": ("get", "delete"),
    "/v1/experiments/{id}:stop": ("post",),
    "/v1/experiments/{id}:apply": ("post",),
    "/v1/experiments/{id}:undo": ("post",),
    "/v1/blend": ("get",),
    "/v1/blend:tune": ("post",),
    "/v1/insight/overview": ("get",),
    "/v1/insight/gaps": ("get",),
    "/v1/insight/popular": ("get",),
    "/v1/insight/searches": ("get",),
    "/v1/insight/positions": ("get",),
    "/v1/imports": ("post",),
    "/v1/imports/preview": ("post",),
    "/v1/imports/latest": ("get",),
    "/v1/imports/latest/undo": ("post",),
    "/v1/benchmarks": ("get", "post"),
    "/v1/map": ("get", "post"),
    "/v1/clusters": ("get",),
    "/v1/distributions": ("get",),
    "/v1/doctor": ("get", "post"),
    "/v1/doctor/findings/{id}:dismiss": ("post",),
    "/v1/doctor/findings/{id}:restore": ("post",),
    "/v1/doctor/findings/{id}:fix": ("post",),
    "/v1/jobs": ("get",),
    "/v1/jobs/{id}": ("get", "delete"),
    "/v1/recipes": ("get",),
    "/v1/recipes/{name}:download": ("post",),
    "/v1/storefront": ("put",),
    "/v1/catalog/recipe": ("post",),
    "/v1/keys": ("get", "post"),
    "/v1/keys/{id}": ("delete",),
    "/v1/catalogs": ("get",),
    "/v1/sources": ("get", "post"),
    "/v1/sources/{name}": ("delete",),
    "/v1/sources/{name}/runs": ("get", "post"),
}


def facet_text() -> dict[str, Any]:
    """What the server says today about the paths that are used, and the schemas they need."""
    with (
        tempfile.TemporaryDirectory() as folder,
        lookalike.open(f"{folder}/empty.db", recipe="pixels") as shop,
    ):
        whole = create_app(shop, settings()).openapi()
    paths = {
        path: {verb: _plain(whole["paths"][path][verb]) for verb in verbs} for path, verbs in USED.items()
    }
    schemas: dict[str, Any] = {}
    waiting = _named(paths) | {"Problem"}
    while waiting:
        name = waiting.pop()
        if name not in schemas:
            schemas[name] = whole["components"]["schemas"][name]
            waiting |= _named(schemas[name])
    return {
        "openapi": whole["openapi"],
        "info": {"title": "Lookalike", "version": "1"},
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _plain(route: dict[str, Any]) -> dict[str, Any]:
    """A route without its failures, which all are a Problem, its keys, and other ways to write its body."""
    kept = {name: each for name, each in route.items() if name != "security"}
    kept = {**kept, "responses": {code: each for code, each in route["responses"].items() if code < "300"}}
    if body := route.get("requestBody"):
        said = {kind: each for kind, each in body["content"].items() if kind == "application/json"}
        kept["requestBody"] = {**body, "content": said}
    return kept


def _named(part: object) -> set[str]:
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(part)))


if __name__ == "__main__":
    KEPT.write_text(json.dumps(facet_text(), indent=1) + "\n")

"""Options shared by several commands, and how their values are parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lookalike.errors import BadFilter, NotFound
from lookalike.settings import settings

if TYPE_CHECKING:
    from lookalike.shop import Shop

AS_JSON = "lookalike.json"
OPERATORS = {"=": "in", "!=": "nin", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
CONDITION = re.compile(
    r"(?P<name>[^=<>!?]+?)\s*(?:(?P<operator>!=|<=|>=|=|<|>)\s*(?P<value>.*)|(?P<absent>!?)\?)", re.S
)


def _remember_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    # Errors are reported outside the command, in this format.
    ctx.meta[AS_JSON] = value
    return value


catalog_option = click.option(
    "--catalog",
    default=lambda: settings().catalog,
    show_default="LOOKALIKE_CATALOG or shop.db",
    help="Catalog: a file, or a postgresql:// URL.",
)
index_option = click.option(
    "--index",
    default=lambda: settings().index,
    show_default="LOOKALIKE_INDEX or in process",
    help="Vector index: exact, approximate, milvus://HOST:PORT or FILE.milvus.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, callback=_remember_json, help="Print JSON, including errors."
)
where_option = click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="Keep products with gender=Women, colour=Red,Blue, brand!=Acme, price<50, price>=10, "
    "stock? (known) or stock!? (unknown). May be repeated; all must match.",
)


def read_where(conditions: Iterable[str]) -> dict[str, Any]:
    """Parse conditions such as "price<50" and "colour=Red,Blue" into a filter."""
    where: dict[str, dict[str, Any]] = {}
    for condition in conditions:
        match = CONDITION.fullmatch(condition.strip())
        if match is None:
            raise BadFilter(f"'{condition}' is not a condition. Write gender=Women, price<50 or stock?.")
        name, operator, value = match["name"], match["operator"], match["value"]
        demands = where.setdefault(name, {})
        if operator is None:
            key, demand = "exists", not match["absent"]
        elif operator in {"=", "!="}:
            key, demand = OPERATORS[operator], [word.strip() for word in value.split(",")]
        else:
            key, demand = OPERATORS[operator], value
        if key in demands:
            raise BadFilter(
                f"'{name}{operator or '?'}' is given twice. Write both values in one: {name}=A,B."
            )
        demands[key] = demand
    return where


def open_existing(catalog: str, index: str) -> Shop:
    """Open an existing catalog."""
    must_exist(catalog)
    return open_catalog(catalog, index)


def must_exist(catalog: str) -> None:
    """Raise if there is no catalog file: opening would create it."""
    if "://" not in catalog and not Path(catalog).is_file():
        raise NotFound(f"There is no catalog at {catalog}. Create one with `lookalike import FEED`.")


def open_catalog(catalog: str, index: str, recipe: str | None = None) -> Shop:
    """Open a catalog, or create one with a recipe."""
    import lookalike

    return lookalike.open(catalog, recipe=recipe, index=index)

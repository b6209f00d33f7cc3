"""The records in one JSON object: a product, or a product with its variants inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

from lookalike.feeds.base import Cell, Record
from lookalike.feeds.currencies import WITHOUT_CENTS

Fields: TypeAlias = "dict[str, Cell]"

_OPTIONS = ("option1", "option2", "option3")
_NESTED = frozenset({"variants", "images", "image", "media", "options"})
# For the shop's internal use, not for filters.
_PLUMBING = frozenset(
    {
        *("created_at", "updated_at", "published_at", "published_scope", "template_suffix", "product_id"),
        *("admin_graphql_api_id", "position", "image_id", "featured_image", "grams", "weight", "weight_unit"),
        *("taxable", "requires_shipping", "inventory_item_id", "old_inventory_quantity"),
        *("fulfillment_service", "inventory_management", "inventory_policy", "status", "available"),
        *("variant_options", "body_html"),
    }
)


def object_records(line: int, value: object) -> Iterator[Record]:
    """The records in a JSON value; each variant of a product is one."""
    if not isinstance(value, dict):
        yield Record(line, problem="This is no JSON object: write each product in braces.")
        return
    product = cast("Fields", value)
    variants = product.get("variants")
    inner = cast("list[object]", variants) if isinstance(variants, list) else []
    if not inner or not all(isinstance(each, dict) for each in inner):
        yield Record(line, tuple(product), tuple(product.values()))
        return
    # Drafts and archived products are not for sale.
    if product.get("status") in ("draft", "archived"):
        return
    for variant in cast("list[Fields]", inner):
        fields = _variant(product, variant)
        yield Record(line, tuple(fields), tuple(fields.values()))


def _variant(product: Fields, variant: Fields) -> Fields:
    """A variant as a record of its own, with the fields that all variants share."""
    known = {**_kept(product), **_kept(variant)}
    known |= _options(product, variant)
    known["title"] = product.get("title") or variant.get("title")
    known["group"] = product.get("id") or product.get("handle")
    known["description"] = _text(
        variant.get("description") or product.get("description", product.get("body_html"))
    )
    known.pop("body_html", None)
    own, shared = _photos(variant), _photos(product)
    known["photos"] = list(dict.fromkeys([*own, *shared]))
    for name in ("price", "list_price", "compare_at_price", "sale_price"):
        if isinstance(known.get(name), dict):
            known[name] = _money(cast("Fields", known[name]))
    if "list_price" in known:
        known["former_price"] = known.pop("list_price")
    if _sold_out(variant):
        known["availability"] = "out_of_stock"
    if isinstance(tags := known.get("tags"), str):
        known["tags"] = [tag for part in tags.split(",") if (tag := part.strip())]
    return known


def _kept(fields: Fields) -> Fields:
    return {
        name: value
        for name, value in fields.items()
        if name not in _NESTED | _PLUMBING and name not in _OPTIONS and value not in (None, "", [], {})
    }


def _options(product: Fields, variant: Fields) -> Fields:
    """The options of a variant: Shopify numbers them, the ACP names them."""
    names = [_text(_field(each, "name")) for each in _listed(product.get("options"))]
    options: Fields = {
        name.casefold(): variant[option]
        for name, option in zip(names, _OPTIONS, strict=False)
        # Shopify writes Title: Default Title if a product has no options.
        if name and name != "Title" and variant.get(option)
    }
    for each in _listed(variant.get("variant_options", variant.get("options"))):
        if name := _text(_field(each, "name")):
            options[name.casefold()] = _field(each, "value")
    return options


def _photos(fields: Fields) -> list[str]:
    """The URLs of pictures. The media may also be videos and models."""
    found: list[str] = []
    for name in ("featured_image", "image", "images", "media"):
        for each in _listed(fields.get(name)):
            if _field(each, "type") in (None, "image"):
                found.append(_text(_field(each, "url") or _field(each, "src") or each))
    return [photo for photo in found if photo]


def _money(amount: Fields) -> Cell:
    """An amount as text; the ACP counts in the smallest unit of the currency."""
    currency = _text(
        amount.get("currency") or amount.get("currencyCode") or amount.get("currency_code")
    ).upper()
    number = amount.get("amount", amount.get("value"))
    if isinstance(number, int) and currency not in WITHOUT_CENTS:
        return f"{number // 100}.{number % 100:02d} {currency}"
    return f"{number} {currency}"


def _sold_out(variant: Fields) -> bool:
    availability = variant.get("availability")
    stated = cast("Fields", availability) if isinstance(availability, dict) else variant
    return stated.get("available") is False


def _listed(value: Cell) -> list[object]:
    if value is None:
        return []
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _field(value: object, name: str) -> Cell:
    return cast("Mapping[str, Cell]", value).get(name) if isinstance(value, dict) else None


def _text(value: Cell) -> str:
    """A text that may come in several forms: the ACP gives descriptions as plain text, HTML and Markdown."""
    if isinstance(value, dict):
        forms = cast("Fields", value)
        return next(
            (form for kind in ("plain", "html", "markdown") if isinstance(form := forms.get(kind), str)), ""
        )
    return value if isinstance(value, str) else ""

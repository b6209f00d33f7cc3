"""Text of products: facet values as words, digests, labels, search words and codes."""

from __future__ import annotations

import hashlib

from lookalike.types import FacetValue, Product


def nul_field(product: Product) -> str:
    """The first field of a product that contains a NUL character, or nothing."""
    texts = {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "currency": product.currency,
        "group": product.group,
        "link": product.link,
        "photos": "".join(photo.source for photo in product.photos),
    }
    found = next((name for name, text in texts.items() if "\0" in text), "")
    if found:
        return found
    for name, value in product.facets.items():
        if "\0" in name or "\0" in facet_text(value):
            return name.replace("\0", "?")
    return ""


def facet_text(value: object) -> str:
    """A facet's value as words."""
    if isinstance(value, tuple | list):
        return " ".join(str(each) for each in value)
    return "" if isinstance(value, bool) else str(value)


def text_digest(text: str) -> str:
    """Whether words have changed shows in this."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def label(value: FacetValue | None) -> str:
    """A facet's value as one word; the first of several."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, tuple):
        return value[0] if value else ""
    return f"{value:g}" if isinstance(value, float) else str(value)


CODE_FACETS = ("sku", "gtin", "ean", "upc", "mpn", "barcode", "isbn", "asin", "item_group_id")


def product_words(product: Product) -> str:
    """All the words by which a product may be called, besides its title."""
    return " ".join([product.description, *(facet_text(value) for value in product.facets.values())])


def product_codes(product: Product) -> tuple[str, ...]:
    """The codes that name a product outright: its id, its group, SKU, GTIN and the like, folded."""
    named = {name.casefold(): facet_text(value) for name, value in product.facets.items()}
    codes = [product.id, product.group, *(named.get(name, "") for name in CODE_FACETS)]
    return tuple(dict.fromkeys(code.strip().casefold() for code in codes if code.strip()))

"""Which column of a feed fills which field of a product."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lookalike.errors import BadFeed
from lookalike.feeds.text import flaw_of

# What shops call them, the most telling name first; compared without case, blanks and punctuation.
SYNONYMS = {
    "id": """id product_id item_id article_id product_code item_code article_number sku variant_sku
        uniq_id asin code handle""",
    "title": "title product_display_name product_name product_title item_name display_name prod_name name",
    "description": """description product_description long_description detail_desc desc body_html body
        details summary""",
    "price": "price product_price unit_price current_price selling_price retail_price list_price amount",
    "currency": "currency currency_code price_currency",
    "stock": "stock stock_quantity inventory_quantity quantity qty inventory on_hand stock_level",
    "availability": "availability stock_status",
    "group": "group group_id item_group_id parent_id parent_sku variant_group",
    "link": "link product_url product_link url href permalink",
    "photos": """photos photo images image image_url image_urls image_link image_links additional_image_link
        additional_image_links image_src image_path image_file img img_url picture pictures picture_url
        photo_url photo_path thumbnail main_image primary_image filename file file_path""",
}
_FIELD_OF = {
    word.replace("_", ""): (field, rank)
    for field, words in SYNONYMS.items()
    for rank, word in enumerate(words.split())
}
_ASKED = {"image": "photos", "images": "photos", "photo": "photos"} | {field: field for field in SYNONYMS}


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each field in a row; -1 where no column holds it."""

    id: int
    title: int
    description: int
    price: int
    currency: int
    stock: int
    availability: int
    group: int
    link: int
    photos: tuple[int, ...]
    facets: tuple[tuple[int, str], ...]


def assign(names: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """Give each column its field: as the mapping says, else by its name, else it is a facet.

    The mapping leads from column to field; another word than a field's name is the facet's name, and an
    empty one leaves the column out.
    """
    wanted = {column.strip().casefold(): field.strip() for column, field in mapping.items()}
    taken: dict[str, int] = {}
    photos: list[int] = []
    facets: dict[int, str] = {}
    guesses: list[tuple[int, int, str]] = []
    for at, name in enumerate(names):
        target = wanted.get(name.strip().casefold())
        if target is None:
            field, rank = _guess(name)
            guesses.append((rank, at, field))
        elif (field := _ASKED.get(target.casefold(), "")) == "photos":
            photos.append(at)
        elif field:
            if field in taken:
                raise BadFeed(f"Both {names[taken[field]]} and {name} are mapped to {field}: choose one.")
            taken[field] = at
        elif target:
            facets[at] = target
    mapped_photos = bool(photos)
    for _, at, field in sorted(guesses):
        if field == "photos" and not mapped_photos:
            photos.append(at)
        elif field and field != "photos" and field not in taken:
            taken[field] = at
        elif names[at].strip():
            facets[at] = names[at].strip()
    availability = taken.get("availability", -1)
    if availability >= 0:
        facets[availability] = names[availability].strip()
    # A list of photos without ids: each is known by the name of its photo.
    id = taken.get("id", photos[0] if photos else -1)
    return Columns(
        id=id,
        title=taken.get("title", -1),
        description=taken.get("description", -1),
        price=taken.get("price", -1),
        currency=taken.get("currency", -1),
        stock=taken.get("stock", -1),
        availability=availability,
        group=taken.get("group", -1),
        link=taken.get("link", -1),
        photos=tuple(photos),
        facets=tuple(sorted(facets.items())),
    )


def assign_header(names: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """The same for a feed whose columns are known before its rows, so that a mistake is told at once."""
    if flaw_of("".join(names)):
        raise BadFeed("The names of the columns are damaged: save the feed as UTF-8.")
    known = {name.strip().casefold() for name in names}
    missing = [column for column in mapping if column.strip().casefold() not in known]
    shown = ", ".join(name for name in names[:30] if name.strip())
    if missing:
        raise BadFeed(f"The feed has no column {missing[0]}: it has {shown}.")
    columns = assign(names, mapping)
    if columns.id < 0:
        raise BadFeed(f"No column looks like a product's id among {shown}: say which with --map COLUMN=id.")
    return columns


def _guess(name: str) -> tuple[str, int]:
    plain = re.sub(r"[\W_]", "", name.casefold().removeprefix("g:"))
    field, rank = _FIELD_OF.get(plain, ("", 0))
    if not field:
        # image_1, image 2: the number orders them.
        field, rank = _FIELD_OF.get(plain.rstrip("0123456789"), ("", 0))
        field = field if field == "photos" else ""
    return field, rank

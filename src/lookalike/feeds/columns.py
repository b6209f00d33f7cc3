"""Maps the columns of a feed to the fields of a product."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lookalike.errors import BadFeed
from lookalike.feeds.column_content import field_by_content
from lookalike.feeds.text import flaw_of

# Names that shops use in English, German, French and Spanish, the most specific first; compared without
# case, accents, blanks and punctuation.
SYNONYMS = {
    "id": """id product_id item_id article_id product_code item_code article_number artikelnummer artikelnr
        art_nr produktnummer bestellnummer numero_article reference_produit code_article referencia codigo
        id_producto sku variant_sku reference ref uniq_id asin code handle""",
    "title": """title product_display_name product_name product_title item_name display_name prod_name name
        titel bezeichnung artikelbezeichnung produktname artikelname titre nom nom_du_produit designation
        libelle titulo nombre nombre_del_producto""",
    "description": """description product_description long_description detail_desc desc body_html body
        beschreibung langbeschreibung produktbeschreibung artikelbeschreibung descriptif
        description_du_produit descripcion descripcion_larga details summary short_description
        kurzbeschreibung""",
    "price": """price product_price unit_price current_price selling_price retail_price variant_price
        regular_price preis verkaufspreis vk_preis bruttopreis prix prix_de_vente prix_ttc precio
        precio_de_venta pvp list_price amount our_price your_price web_price online_price shop_price
        store_price final_price gross_price unser_preis endpreis ladenpreis notre_prix prix_actuel
        nuestro_precio precio_actual precio_final""",
    "sale_price": """sale_price special_price discount_price discounted_price offer_price price_sale
        angebotspreis aktionspreis sonderpreis prix_promo prix_promotionnel prix_solde
        precio_oferta precio_rebajado""",
    "former_price": """former_price compare_at_price variant_compare_at_price was_price original_price
        old_price rrp msrp srp recommended_retail_price uvp streichpreis alter_preis listenpreis prix_barre
        ancien_prix prix_conseille precio_anterior precio_tachado precio_original""",
    "currency": "currency currency_code price_currency waehrung wahrung devise monnaie moneda divisa",
    "stock": """stock stock_quantity inventory_quantity quantity qty qty_on_hand quantity_on_hand inventory
        quantity_to_sell_on_facebook on_hand stock_level variant_inventory_qty bestand lagerbestand menge
        anzahl quantite quantite_en_stock existencias cantidad""",
    "availability": """availability stock_status in_stock verfuegbarkeit verfugbarkeit lieferbar disponibilite
        disponibilidad""",
    "group": "group group_id item_group_id parent_id parent_sku variant_group parent",
    "link": "link product_url product_link url href permalink produkt_url produktlink lien enlace",
    "photos": """main_image primary_image main_photo hauptbild image_principale imagen_principal image_link
        photos photo images image image_url image_urls image_links image_src bild bilder bild_url
        produktbild foto fotos imagen imagenes photo_url photo_path image_path image_file img img_url picture
        pictures picture_url additional_image_link additional_image_links additional_image_url
        additional_image_urls weitere_bilder thumbnail filename file file_path""",
}
FIELDS = {
    "id": "Product id",
    "title": "Title",
    "description": "Description",
    "price": "Price",
    "sale_price": "Sale price",
    "former_price": "Former price",
    "currency": "Currency",
    "stock": "Stock",
    "availability": "Availability",
    "group": "Group of variants",
    "link": "Link",
    "photos": "Photos",
    "category": "Category",
    "facet": "Facet",
    "ignore": "Ignore",
}
_ASKED = {"image": "photos", "images": "photos", "photo": "photos"} | {field: field for field in SYNONYMS}


def _plain(name: str) -> str:
    """A column's name without case, accents, blanks and punctuation."""
    folded = unicodedata.normalize("NFKD", name.casefold().removeprefix("g:"))
    return re.sub(r"[\W_]", "", "".join(c for c in folded if not unicodedata.combining(c)))


_FIELD_OF = {
    _plain(word): (field, rank)
    for field, words in SYNONYMS.items()
    for rank, word in enumerate(words.split())
}


@dataclass(frozen=True, slots=True)
class Column:
    """A mapped column: its place, its field, and how it was recognized.

    `name` is the facet's name where the field is "facet".
    """

    at: int
    column: str
    field: str
    name: str = ""
    reason: str = "facet"


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of each field in a row; -1 if no column has it."""

    id: int
    title: int
    description: int
    price: int
    sale_price: int
    former_price: int
    currency: int
    stock: int
    availability: int
    group: int
    link: int
    photos: tuple[int, ...]
    facets: tuple[tuple[int, str], ...]
    understood: tuple[Column, ...]


def read_mapping(pairs: Mapping[str, str]) -> dict[str, str]:
    """A mapping from columns to fields, checked.

    A field is one of `FIELDS`; `facet:NAME` gives the facet a name; an empty one ignores the column.
    Raises BadFeed for any other word, with the closest field.
    """
    mapping: dict[str, str] = {}
    for column, field in pairs.items():
        word = field.strip()
        known = _ASKED.get(word.casefold(), word.casefold())
        if not word or known in FIELDS:
            mapping[column.strip().casefold()] = known or "ignore"
        elif word.casefold().startswith("facet:") and word[6:].strip():
            mapping[column.strip().casefold()] = f"facet:{word[6:].strip()}"
        else:
            close = difflib.get_close_matches(word.casefold(), FIELDS, 1, 0.5)
            hint = f"Did you mean '{close[0]}'? " if close else ""
            raise BadFeed(
                f"'{word}' is not a field. {hint}Use {', '.join(list(FIELDS)[:-2])}, "
                f"facet:NAME for a facet, or ignore."
            )
    return mapping


def assign(
    names: Sequence[str], mapping: Mapping[str, str], sample: Sequence[Sequence[object]] = ()
) -> Columns:
    """Map each column to its field: by the mapping, else by its name, else by its cells, else as a facet.

    `sample` is the cells of some rows.
    """
    wanted = read_mapping(mapping)
    taken: dict[str, int] = {}
    photos: list[int] = []
    found: dict[int, Column] = {}
    guesses: list[tuple[int, int, str]] = []
    for at, name in enumerate(names):
        target = wanted.get(name.strip().casefold())
        if target is None:
            field, rank = _guess(name)
            guesses.append((rank, at, field))
            continue
        field, _, facet = target.partition(":")
        if field == "photos":
            photos.append(at)
        elif field in SYNONYMS:
            if field in taken:
                raise BadFeed(f"Both {names[taken[field]]} and {name} are mapped to {field}: choose one.")
            taken[field] = at
        shown = facet or ("category" if field == "category" else name.strip() if field == "facet" else "")
        found[at] = Column(at, name, "facet" if field == "category" else field, shown, "mapping")
    mapped_photos = bool(photos)
    open_columns: list[int] = []
    for _, at, field in sorted(guesses):
        if field == "photos" and not mapped_photos:
            photos.append(at)
            found[at] = Column(at, names[at], field, "", "name")
        elif field and field != "photos" and field not in taken:
            taken[field] = at
            found[at] = Column(at, names[at], field, "", "name")
        elif names[at].strip():
            open_columns.append(at)
            found[at] = Column(at, names[at], "facet", names[at].strip())
    if sample:
        _recognise(names, sorted(open_columns), sample, taken, photos, found)
    availability = taken.get("availability", -1)
    facets = {column.at: column.name for column in found.values() if column.field == "facet"}
    if availability >= 0:
        facets[availability] = names[availability].strip()
    # A list of photos without ids: the name of the photo is the id.
    id = taken.get("id", photos[0] if photos else -1)
    return Columns(
        id=id,
        title=taken.get("title", -1),
        description=taken.get("description", -1),
        price=taken.get("price", -1),
        sale_price=taken.get("sale_price", -1),
        former_price=taken.get("former_price", -1),
        currency=taken.get("currency", -1),
        stock=taken.get("stock", -1),
        availability=availability,
        group=taken.get("group", -1),
        link=taken.get("link", -1),
        photos=tuple(photos),
        facets=tuple(sorted(facets.items())),
        understood=tuple(found[at] for at in sorted(found)),
    )


def _recognise(
    names: Sequence[str],
    open_columns: Sequence[int],
    sample: Sequence[Sequence[object]],
    taken: dict[str, int],
    photos: list[int],
    found: dict[int, Column],
) -> None:
    """Map columns with other names by their cells to the fields that are still missing."""
    had_photos = bool(photos)
    for at in open_columns:
        field = field_by_content([row[at] for row in sample if at < len(row)])
        if field == "photos" and not had_photos:
            photos.append(at)
        elif field and field not in ("photos", "") and field not in taken:
            taken[field] = at
        else:
            continue
        found[at] = Column(at, names[at], field, "", "content")


def assign_header(names: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """The same for a feed whose columns are known before its rows. An invalid mapping raises."""
    if flaw_of("".join(names)):
        raise BadFeed("The names of the columns are damaged: save the feed as UTF-8.")
    known = {name.strip().casefold() for name in names}
    missing = [column for column in mapping if column.strip().casefold() not in known]
    if missing:
        shown = ", ".join(name for name in names[:30] if name.strip())
        raise BadFeed(f"The feed has no column {missing[0]}: it has {shown}.")
    return assign(names, mapping)


def require_id(names: Sequence[str], columns: Columns) -> None:
    """Refuse a feed without ids and photos.

    Raises BadFeed.
    """
    if columns.id < 0:
        shown = ", ".join(name for name in names[:30] if name.strip())
        raise BadFeed(f"No column of {shown} looks like a product id: map one with --map COLUMN=id.")


def _guess(name: str) -> tuple[str, int]:
    plain = _plain(name)
    field, rank = _FIELD_OF.get(plain, ("", 0))
    if not field:
        # image_1, image 2, image[2].url: the number orders them, after the main one.
        number = re.search(r"[0-9]+", plain)
        field, rank = _FIELD_OF.get(re.sub(r"[0-9]+", "", plain), ("", 0))
        field = field if field == "photos" else ""
        rank = rank + 100 + min(int(number[0]), 99) if number and field else rank
    return field, rank

"""Six feeds as real shops write them, with every field asserted."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.errors import BadFeed
from lookalike.feeds import read_feed
from lookalike.feeds.preview import Preview, preview
from lookalike.types import FacetValue, Product

GERMAN = """Artikelnummer;Bezeichnung;Beschreibung;Preis;UVP;Währung;Lagerbestand;Warengruppe;Bild;Bild 2;Link
A-17;Kleid aus Leinen;"<p>Leicht &amp; luftig.</p><ul><li>100&nbsp;% Leinen</li><li>30&nbsp;°C</li></ul>";\
€ 1.299,00;1.499,00;EUR;3;Damen > Kleider > Sommer;https://x.de/a1.jpg;https://x.de/a2.jpg;https://x.de/a17
A-18;Hose;Schlicht;1.299;;EUR;0;Damen > Hosen;https://x.de/b.jpg;;https://x.de/a18
"""
FRENCH = """\
Référence,Désignation,Descriptif,Prix TTC,Prix barré,Devise,Quantité en stock,Catégorie,Image principale
R1,Chaise en bois,Solide,"89,90","119,90",EUR,4,Maison > Salon,https://x.fr/r1.jpg
R2,Table ronde,Grande,"249,00",,EUR,,Maison,https://x.fr/r2.jpg
"""
SPANISH = """Referencia;Nombre;Descripción;Precio;Precio anterior;Existencias;Imagen
S1;Camiseta roja;De algodón;19,95 €;25,00 €;12;https://x.es/s1.jpg
"""
# Other column names, two photos, variants, sale prices, HTML and categories as paths, all in one feed.
REALISTIC = """\
Item Number,Product Name,Long Description,Our Price,Sale Price,Currency,Qty on hand,Department,Colour,Size,\
Parent SKU,Image 2,Main Image,Product URL
K-1-S,Rain jacket,"<p>Keeps you dry &amp; warm.</p><ul><li>Taped seams</li><li>Two pockets</li></ul>",\
"1,129.00",999.00,GBP,4,Women > Coats > Rain,Navy,S,K-1,https://x.uk/k1-back.jpg,https://x.uk/k1.jpg,https://x.uk/p/k1
K-1-M,Rain jacket,"<p>Keeps you dry &amp; warm.</p><ul><li>Taped seams</li><li>Two pockets</li></ul>",\
"1,129.00",,GBP,0,Women > Coats > Rain,Navy,M,K-1,,https://x.uk/k1.jpg,https://x.uk/p/k1
K-2,Wool scarf,Soft<br>and long,35.00,24.50,GBP,12,Women > Scarves,Red,,,,https://x.uk/k2.jpg,https://x.uk/p/k2
"""
ENGLISH = """Product Code,Name,RRP,Price,Qty on hand,Image 2,Main Image
P1,Red shirt,30.00,24.99,7,https://x.uk/2.jpg,https://x.uk/main.jpg
"""
WOOCOMMERCE = """ID,Type,SKU,Name,Published,Description,Regular price,Sale price,Categories,Images,Parent
7,simple,W-7,Blue mug,1,<p>Holds <b>0.3 l</b></p>,12.00,9.50,"Kitchen > Mugs","https://x.io/7a.jpg, https://x.io/7b.jpg",
8,simple,W-8,Private mug,0,,12.00,,Kitchen,,
9,simple,W-9,Draft mug,-1,,12.00,,Kitchen,,
"""
SHOPIFY = """Handle,Title,Body (HTML),Vendor,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Price,\
Variant Compare At Price,Variant Inventory Qty,Image Src,Status
shirt,Shirt,<p>Soft</p><p>Warm</p>,Acme,"a, b",Size,S,SH-S,20.00,25.00,3,https://x.ca/s.jpg,active
shirt,,,,,,M,SH-M,20.00,,0,,
draft,Draft,,Acme,,Title,Default Title,DR,1.00,,1,https://x.ca/d.jpg,draft
old,Old,,Acme,,Title,Default Title,OLD,1.00,,1,https://x.ca/o.jpg,archived
"""
GOOGLE = """<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>G1</g:id><title>Lamp &amp; shade</title>
<description>&lt;p&gt;Warm&lt;br&gt;light&lt;/p&gt;</description>
<g:price>40.00 USD</g:price><g:sale_price>32.00 USD</g:sale_price><g:availability>in_stock</g:availability>
<g:image_link>https://x.com/g.jpg</g:image_link><g:product_type>Home &gt; Light</g:product_type>
<link>https://x.com/g1</link><g:item_group_id>G</g:item_group_id></item></channel></rss>
"""


def understood(tmp_path: Path, text: str, mapping: dict[str, str] | None = None) -> Preview:
    file = tmp_path / ("feed.xml" if text.startswith("<") else "feed.csv")
    file.write_text(text, encoding="utf-8")
    return preview(read_feed(file, mapping=mapping))


def facts(product: Product) -> dict[str, object]:
    """Every field that is set."""
    facets: dict[str, FacetValue] = dict(product.facets)
    values = {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "price": (product.price, product.former_price, product.currency),
        "stock": product.stock,
        "group": product.group,
        "link": product.link,
        "photos": [photo.source for photo in product.photos],
        "facets": facets,
    }
    return {name: value for name, value in values.items() if value not in ("", None, [], {})}


def test_a_german_feed(tmp_path: Path) -> None:
    shown = understood(tmp_path, GERMAN)
    assert [facts(product) for product in shown.products] == [
        {
            "id": "A-17",
            "title": "Kleid aus Leinen",
            "description": "Leicht & luftig.\n\n- 100 % Leinen\n- 30 °C",
            "price": (1299.0, 1499.0, "EUR"),
            "stock": 3,
            "link": "https://x.de/a17",
            "photos": ["https://x.de/a1.jpg", "https://x.de/a2.jpg"],
            "facets": {"Warengruppe": ("Damen", "Damen > Kleider", "Damen > Kleider > Sommer")},
        },
        {
            "id": "A-18",
            "title": "Hose",
            "description": "Schlicht",
            "price": (1299.0, None, "EUR"),
            "stock": 0,
            "link": "https://x.de/a18",
            "photos": ["https://x.de/b.jpg"],
            "facets": {"Warengruppe": ("Damen", "Damen > Hosen")},
        },
    ]
    assert (shown.decimal, shown.currency, shown.failed, shown.warnings) == (",", "EUR", 0, [])


def test_a_french_feed(tmp_path: Path) -> None:
    first, second = understood(tmp_path, FRENCH).products
    assert facts(first) == {
        "id": "R1",
        "title": "Chaise en bois",
        "description": "Solide",
        "price": (89.9, 119.9, "EUR"),
        "stock": 4,
        "photos": ["https://x.fr/r1.jpg"],
        "facets": {"Catégorie": ("Maison", "Maison > Salon")},
    }
    assert facts(second) == {
        "id": "R2",
        "title": "Table ronde",
        "description": "Grande",
        "price": (249.0, None, "EUR"),
        "photos": ["https://x.fr/r2.jpg"],
        "facets": {"Catégorie": "Maison"},
    }


def test_a_spanish_feed(tmp_path: Path) -> None:
    (product,) = understood(tmp_path, SPANISH).products
    assert facts(product) == {
        "id": "S1",
        "title": "Camiseta roja",
        "description": "De algodón",
        "price": (19.95, 25.0, "EUR"),
        "stock": 12,
        "photos": ["https://x.es/s1.jpg"],
    }


def test_an_english_feed_whose_main_photo_comes_last(tmp_path: Path) -> None:
    (product,) = understood(tmp_path, ENGLISH).products
    assert facts(product) == {
        "id": "P1",
        "title": "Red shirt",
        "price": (24.99, 30.0, ""),
        "stock": 7,
        "photos": ["https://x.uk/main.jpg", "https://x.uk/2.jpg"],
    }


def test_an_english_feed_with_variants_sale_prices_markup_and_category_paths(tmp_path: Path) -> None:
    small, medium, scarf = understood(tmp_path, REALISTIC).products
    jacket = {
        "title": "Rain jacket",
        "description": "Keeps you dry & warm.\n\n- Taped seams\n- Two pockets",
        "group": "K-1",
        "link": "https://x.uk/p/k1",
    }
    facets = {
        "Department": ("Women", "Women > Coats", "Women > Coats > Rain"),
        "Colour": "Navy",
    }
    assert facts(small) == jacket | {
        "id": "K-1-S",
        "price": (999.0, 1129.0, "GBP"),
        "stock": 4,
        "photos": ["https://x.uk/k1.jpg", "https://x.uk/k1-back.jpg"],
        "facets": facets | {"Size": "S"},
    }
    assert facts(medium) == jacket | {
        "id": "K-1-M",
        "price": (1129.0, None, "GBP"),
        "stock": 0,
        "photos": ["https://x.uk/k1.jpg"],
        "facets": facets | {"Size": "M"},
    }
    assert facts(scarf) == {
        "id": "K-2",
        "title": "Wool scarf",
        "description": "Soft\nand long",
        "price": (24.5, 35.0, "GBP"),
        "stock": 12,
        "link": "https://x.uk/p/k2",
        "photos": ["https://x.uk/k2.jpg"],
        "facets": {"Department": ("Women", "Women > Scarves"), "Colour": "Red"},
    }


def test_an_export_of_woocommerce_without_drafts_and_private_products(tmp_path: Path) -> None:
    (product,) = understood(tmp_path, WOOCOMMERCE).products
    assert facts(product) == {
        "id": "7",
        "title": "Blue mug",
        "description": "Holds 0.3 l",
        "price": (9.5, 12.0, ""),
        "photos": ["https://x.io/7a.jpg", "https://x.io/7b.jpg"],
        "facets": {
            "Type": "simple",
            "SKU": "W-7",
            "Published": 1,
            "Categories": ("Kitchen", "Kitchen > Mugs"),
        },
    }


def test_an_export_of_shopify_without_drafts_and_archived_products(tmp_path: Path) -> None:
    small, medium = understood(tmp_path, SHOPIFY).products
    shared = {
        "title": "Shirt",
        "description": "Soft\n\nWarm",
        "group": "shirt",
        "photos": ["https://x.ca/s.jpg"],
    }
    facets = {"vendor": "Acme", "tags": ("a", "b")}
    assert facts(small) == shared | {
        "id": "SH-S",
        "price": (20.0, 25.0, ""),
        "stock": 3,
        "facets": facets | {"size": "S"},
    }
    assert facts(medium) == shared | {
        "id": "SH-M",
        "price": (20.0, None, ""),
        "stock": 0,
        "facets": facets | {"size": "M"},
    }


def test_a_google_merchant_feed(tmp_path: Path) -> None:
    (product,) = understood(tmp_path, GOOGLE).products
    assert facts(product) == {
        "id": "G1",
        "title": "Lamp & shade",
        "description": "Warm\nlight",
        "price": (32.0, 40.0, "USD"),
        "group": "G",
        "link": "https://x.com/g1",
        "photos": ["https://x.com/g.jpg"],
        "facets": {"availability": "in_stock", "product_type": ("Home", "Home > Light")},
    }


def test_columns_without_a_telling_name_are_recognized_by_their_cells(tmp_path: Path) -> None:
    lines = "".join(f"X{n}00;Red cotton shirt number {n};€ {n}9,90;pic{n}.jpg\n" for n in range(1, 6))
    shown = understood(tmp_path, "c1;c2;c3;c4\n" + lines)
    assert [(column.field, column.reason) for column in shown.columns] == [
        ("id", "content"),
        ("title", "content"),
        ("price", "content"),
        ("photos", "content"),
    ]
    assert (shown.products[0].id, shown.products[0].price) == ("X100", 19.9)


@pytest.mark.parametrize(
    ("field", "hint"), [("titel", "'title'"), ("prise", "'price'"), ("fotos", "'photos'")]
)
def test_a_field_that_does_not_exist_is_refused_with_the_closest_one(
    tmp_path: Path, field: str, hint: str
) -> None:
    with pytest.raises(BadFeed, match=f"Did you mean {hint}"):
        understood(tmp_path, ENGLISH, {"Name": field})


def test_a_preview_says_what_looks_wrong(tmp_path: Path) -> None:
    shown = understood(tmp_path, "picture,note\na.jpg,\nb.jpg,\n")
    assert any("No column holds product ids" in warning for warning in shown.warnings)
    assert ("note", "Every cell is empty.") in shown.ignored


def test_prices_in_several_currencies_are_pointed_out(tmp_path: Path) -> None:
    shown = understood(tmp_path, "id,title,price\n1,A,€ 5.00\n2,B,$ 6.00\n")
    assert any("several currencies: EUR (1), USD (1)" in warning for warning in shown.warnings)

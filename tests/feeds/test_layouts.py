"""The layouts that are known as a whole: Fashion Product Images, Google Merchant, Shopify."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from lookalike.errors import BadFeed
from lookalike.feeds import read_feed
from lookalike.types import Photo, Product

FASHION = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName\n"


def fashion(root: Path, *rows: str) -> Path:
    (root / "images").mkdir()
    (root / "images" / "1.jpg").touch()
    (root / "styles.csv").write_text(FASHION + "\n".join(rows) + "\n")
    return root / "styles.csv"


def test_a_row_of_the_fashion_layout_has_the_photo_of_its_id(tmp_path: Path) -> None:
    path = fashion(tmp_path, "1,Men,Apparel,Topwear,Shirts,Navy Blue,Fall,2011,Casual,Turtle Check Shirt")
    for feed in (read_feed(path), read_feed(tmp_path), read_feed(path, images=tmp_path / "images")):
        (row,) = feed
        assert row.problem == ""
        assert row.product is not None
        assert row.product.title == "Turtle Check Shirt"
        assert [photo.source for photo in row.product.photos] == [str(tmp_path / "images" / "1.jpg")]
        assert row.product.facets == {
            "gender": "Men",
            "masterCategory": "Apparel",
            "subCategory": "Topwear",
            "articleType": "Shirts",
            "baseColour": "Navy Blue",
            "season": "Fall",
            "year": 2011,
            "usage": "Casual",
        }


def test_a_photo_that_the_data_set_lacks_is_reported(tmp_path: Path) -> None:
    path = fashion(
        tmp_path, "2,Men,Apparel,Topwear,Shirts,,Fall,2011,Casual,A", "../../1,M,A,T,S,B,F,2011,C,B"
    )
    missing, outside = read_feed(path)
    assert missing.product is not None
    assert missing.product.photos == ()
    assert missing.problem == "There is no photo 2.jpg."
    assert "baseColour" not in missing.product.facets
    assert "outside" in outside.problem


def test_a_title_with_commas_and_no_quotes_is_put_together(tmp_path: Path) -> None:
    row = "1,Men,Apparel,Topwear,Shirts,Blue,Fall,2011,Casual,"
    good, nul, short = read_feed(fashion(tmp_path, row + "Blue, white, red", row + "a,\0b", "3,Men"))
    assert good.product is not None
    assert good.product.title == "Blue, white, red"
    assert "NUL" in nul.problem
    assert "2 cells" in short.problem


def test_a_fashion_folder_without_photos_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "styles.csv").write_text(FASHION + "1,M,A,T,S,B,F,2011,C,B\n")
    with pytest.raises(BadFeed, match="--images"):
        read_feed(tmp_path / "styles.csv")
    (tmp_path / "words.csv").write_text(FASHION + "1,M,A,T,S,B,F,2011,C,B\n")
    (row,) = read_feed(tmp_path / "words.csv")
    assert (row.problem, row.product and row.product.title) == ("", "B")


def test_the_real_data_set_is_read_whole(shared: Path) -> None:
    rows = list(read_feed(shared / "data" / "fashion" / "styles.csv"))
    assert len(rows) == 6595
    assert all(row.product and row.product.title and len(row.product.photos) == 1 for row in rows)
    assert not any(row.problem for row in rows)


RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title><link>https://shop.example</link>
<item>
  <g:id>A-1</g:id><title>Red &amp; blue shirt</title><description><![CDATA[Of <b>cotton</b>]]></description>
  <link>https://shop.example/a</link><g:image_link>https://x/1.jpg</g:image_link>
  <g:additional_image_link>https://x/2.jpg</g:additional_image_link>
  <g:additional_image_link>https://x/3.jpg</g:additional_image_link>
  <g:price>15.00 USD</g:price><g:availability>out_of_stock</g:availability>
  <g:item_group_id>A</g:item_group_id>
  <g:color>red</g:color><g:gtin>00012345600012</g:gtin>
  <g:shipping><g:country>US</g:country><g:price>5.00 USD</g:price></g:shipping>
</item>
<item><title>No id</title></item>
</channel></rss>"""


def xml(path: Path, text: str | bytes) -> Path:
    path = path / "feed.xml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_an_item_of_google_merchant_becomes_a_product(tmp_path: Path) -> None:
    good, wrong = read_feed(xml(tmp_path, RSS))
    assert good.line == 3
    assert good.product == Product(
        id="A-1",
        title="Red & blue shirt",
        description="Of cotton",
        facets={
            "availability": "out_of_stock",
            "color": "red",
            "gtin": "00012345600012",
            "shipping.country": "US",
            "shipping.price": "5.00 USD",
        },
        price=15.0,
        currency="USD",
        stock=0,
        group="A",
        link="https://shop.example/a",
        photos=good.product.photos if good.product else (),
    )
    assert good.product is not None
    assert [photo.source for photo in good.product.photos] == [f"https://x/{n}.jpg" for n in (1, 2, 3)]
    assert (wrong.line, wrong.problem) == (13, "The row has no id.")


def test_an_atom_feed_is_read_too(tmp_path: Path) -> None:
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><entry><g:id>1</g:id>'
        '<title>Shirt</title><link href="https://shop.example/1"/></entry></feed>'
    )
    for encoded in (
        text.encode(),
        b'<?xml version="1.0" encoding="utf-16"?>'.decode().encode("utf-16") + text.encode("utf-16-le"),
    ):
        (row,) = read_feed(xml(tmp_path, encoded))
        assert row.product is not None
        assert (row.product.id, row.product.title, row.product.link) == (
            "1",
            "Shirt",
            "https://shop.example/1",
        )


def test_the_tsv_of_google_merchant_is_read_by_its_column_names(tmp_path: Path) -> None:
    (tmp_path / "feed.txt").write_text(
        "id\ttitle\timage_link\tadditional_image_link\tprice\titem_group_id\n"
        "1\tShirt\thttps://x/1.jpg\thttps://x/2.jpg,https://x/3.jpg\t12,50 EUR\tS\n"
    )
    (row,) = read_feed(tmp_path / "feed.txt")
    assert row.product == Product(
        "1",
        "Shirt",
        price=12.5,
        currency="EUR",
        group="S",
        photos=tuple(Photo(source=f"https://x/{number}.jpg") for number in (1, 2, 3)),
    )


BOMB = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">{BOMB}]>',
        '<!DOCTYPE rss [<!ENTITY i SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1/rss.dtd">',
    ],
)
def test_entity_bombs_and_files_read_from_inside_are_refused(tmp_path: Path, doctype: str) -> None:
    with pytest.raises(BadFeed, match="declares a document type"):
        read_feed(xml(tmp_path, f"{doctype}<rss><item><id>1</id><title>&i;</title></item></rss>"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html><body>Not a feed</body></html>", "is an HTML page"),
        ("<rss><channel>", "breaks here"),
        ("<rss><item><id>1</id></title></item>", "breaks here"),
        ("<" + "a" * 2_000_000, "has a tag of more than"),
    ],
)
def test_xml_that_is_no_feed_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BadFeed, match=reason):
        list(read_feed(xml(tmp_path, text)))


def test_items_before_a_break_go_in_and_the_break_is_reported(tmp_path: Path) -> None:
    items = "\n".join(f"<item><id>{n}</id></item>" for n in range(5000))
    found = list(read_feed(xml(tmp_path, f"<rss>{items}<item><id>x</wrong></item></rss>")))
    assert len([row for row in found if row.product]) == 5000
    assert (found[-1].line, "breaks here" in found[-1].problem) == (5000, True)


def test_an_item_of_10_mb_is_reported_and_the_others_go_in(tmp_path: Path) -> None:
    large = f"<item><id>2</id><description>{'x' * 10_000_000}</description></item>"
    found = list(
        read_feed(xml(tmp_path, f"<rss><item><id>1</id></item>{large}<item><id>3</id></item></rss>"))
    )
    assert [row.raw_id for row in found if row.product] == ["1", "3"]
    assert "longer than" in found[1].problem


SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Image Position,Variant Image,"
    "Status,Google Shopping / Gender\n"
)


def shopify(path: Path, *rows: list[str]) -> list[Product]:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    (path / "products.csv").write_text(SHOPIFY + stream.getvalue())
    found = list(read_feed(path / "products.csv"))
    assert not any(row.problem for row in found)
    return [row.product for row in found if row.product]


def test_the_variants_of_shopify_share_a_group(tmp_path: Path) -> None:
    front = ["tee", "Tee", "<p>Soft &amp; warm</p>", "Acme", "Shirts", "new, summer", "true"]
    red, blue = shopify(
        tmp_path,
        [
            *front,
            "Color",
            "Red",
            "Size",
            "S",
            "T-R",
            "3",
            "19.90",
            "https://x/red.jpg",
            "1",
            "https://x/red.jpg",
            "active",
            "unisex",
        ],
        [
            "tee",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "Blue",
            "",
            "M",
            "",
            "0",
            "21.90",
            "https://x/blue.jpg",
            "2",
            "https://x/blue.jpg",
            "",
            "",
        ],
        ["tee", "", "", "", "", "", "", "", "", "", "", "", "", "", "https://x/back.jpg", "3", "", "", ""],
    )
    assert (red.id, red.title, red.description, red.price, red.stock) == (
        "T-R",
        "Tee",
        "Soft & warm",
        19.9,
        3,
    )
    assert (blue.id, blue.title, blue.price, blue.stock) == ("tee-Blue-M", "Tee", 21.9, 0)
    assert red.group == blue.group == "tee"
    assert [photo.source for photo in red.photos] == ["https://x/red.jpg", "https://x/back.jpg"]
    assert [photo.source for photo in blue.photos] == ["https://x/blue.jpg", "https://x/back.jpg"]
    assert red.facets == {
        "vendor": "Acme",
        "type": "Shirts",
        "tags": ("new", "summer"),
        "gender": "unisex",
        "color": "Red",
        "size": "S",
    }


def test_a_product_of_shopify_without_variants_has_the_id_of_its_handle(tmp_path: Path) -> None:
    row = [
        "mug",
        "Mug",
        "",
        "",
        "",
        "",
        "",
        "Title",
        "Default Title",
        "",
        "",
        "",
        "",
        "5.00",
        "",
        "",
        "",
        "",
        "",
    ]
    (mug,) = shopify(tmp_path, row)
    assert (mug.id, mug.group, mug.price, mug.photos, dict(mug.facets)) == ("mug", "mug", 5.0, (), {})

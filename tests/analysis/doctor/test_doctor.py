"""The catalog doctor, on faults that were planted."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter

from lookalike import Photo, Product, Shop
from lookalike.analysis.doctor.doctor import corrected, examine
from lookalike.analysis.doctor.findings import Finding, counted
from lookalike.analysis.doctor.stored_findings import keep
from lookalike.analysis.explore.report import findings_html
from lookalike.analysis.snapshot import Snapshot
from lookalike.feeds import export_csv
from support.crowd import COLOURS, KINDS, crowd, drawing, item, saved

PLAIN = crowd(96)


def found_in(tmp_path: Path, products: list[Product]) -> tuple[Snapshot, list[Finding]]:
    with Shop.open(str(tmp_path / "ill.db"), "pixels") as shop:
        shop.add(products)
        return examine(shop)


def of_kind(findings: list[Finding], kind: str) -> dict[str, Finding]:
    return {finding.product: finding for finding in findings if finding.kind == kind}


def pictured(product: Product, image: Image.Image, quality: int = 92) -> Product:
    return replace(product, photos=(Photo(data=saved(image, quality)),))


def test_a_healthy_catalog_is_left_alone(tmp_path: Path):
    _, findings = found_in(tmp_path, PLAIN)
    assert set(counted(findings)) <= {"outlier"}


def test_a_copy_of_a_photo_is_found_though_it_was_saved_anew_or_trimmed(tmp_path: Path):
    trimmed = drawing("Box", "green", 1).crop((4, 4, 136, 136))
    copies = [
        item(200, "Plate", "red", saved(drawing("Plate", "red", 0), 45)),
        item(201, "Box", "green", saved(trimmed)),
        replace(item(202, "Ring", "blue", b""), photos=PLAIN[2].photos),
    ]
    _, findings = found_in(tmp_path, [*PLAIN, *copies])
    found = of_kind(findings, "duplicate")
    assert {id: finding.other for id, finding in found.items()} == {
        "p200": "p000",
        "p201": "p001",
        "p202": "p002",
    }


def test_one_file_under_many_products_names_each_of_them_once(tmp_path: Path):
    many = [replace(item(500 + n, "Ring", "blue", b""), photos=PLAIN[2].photos) for n in range(9)]
    _, findings = found_in(tmp_path, [*PLAIN, *many])
    assert set(of_kind(findings, "duplicate")) == {product.id for product in many}
    assert counted(findings)["duplicate"] == len(many)


def test_two_things_that_differ_only_in_detail_are_no_duplicates(tmp_path: Path):
    def wallet(lean: int) -> Image.Image:
        image = Image.new("RGB", (140, 140), "white")
        draw = ImageDraw.Draw(image)
        draw.polygon(((30, 45), (110, 45 + lean), (110 - lean, 95), (30, 95 - lean)), fill=(25, 22, 24))
        return image

    wallets = [item(600 + n, "Box", "black", saved(wallet(lean))) for n, lean in enumerate((0, 4, 8))]
    _, findings = found_in(tmp_path, [*PLAIN, *wallets])
    assert not of_kind(findings, "duplicate")


def test_a_copy_in_other_colours_is_no_duplicate(tmp_path: Path):
    recoloured = item(700, "Box", "red", saved(drawing("Box", "red", 1)))
    _, findings = found_in(tmp_path, [*PLAIN, recoloured])
    assert not of_kind(findings, "duplicate")


def test_a_category_that_photo_and_title_deny_is_doubted_and_corrected(tmp_path: Path):
    products = list(PLAIN)
    products[3] = replace(products[3], facets={**products[3].facets, "category": "Ring"})
    snapshot, findings = found_in(tmp_path, products)
    doubts = of_kind(findings, "doubtful category")
    assert set(doubts) <= {"p003"}
    better = {product.id: product for product in corrected(snapshot, findings)}
    for id, finding in doubts.items():
        assert better[id].facets["category"] == finding.likely == "Plate"
    written = io.StringIO()
    export_csv(list(better.values()), written)
    assert len(written.getvalue().splitlines()) == len(products) + 1


def test_a_colour_that_photo_and_title_deny_is_doubted(tmp_path: Path):
    products = list(PLAIN)
    products[8] = replace(products[8], facets={**products[8].facets, "colour": "blue"})
    _, findings = found_in(tmp_path, products)
    doubted = of_kind(findings, "doubtful colour")
    assert set(doubted) == {"p008"}
    assert (doubted["p008"].now, doubted["p008"].likely) == ("blue", "red")


def test_faults_of_photos_are_found(tmp_path: Path):
    products = list(PLAIN)
    products[10] = pictured(products[10], Image.new("RGB", (140, 140), "white"))
    products[11] = pictured(products[11], drawing("Ring", "black", 11).resize((40, 40)))
    soft = drawing("Plate", "red", 12).filter(ImageFilter.GaussianBlur(6))
    products[12] = pictured(products[12], soft)
    products[13] = replace(products[13], photos=())
    _, findings = found_in(tmp_path, products)
    assert set(of_kind(findings, "blank photo")) == {"p010"}
    assert set(of_kind(findings, "tiny photo")) == {"p011"}
    assert "p012" in of_kind(findings, "blurred photo")
    assert set(of_kind(findings, "missing photo")) == {"p013"}


def test_a_mark_over_several_photos_is_found(tmp_path: Path):
    products = list(PLAIN)
    marked = range(20, 32)
    for number in marked:
        kind, colour = KINDS[number % 3], COLOURS[number % 4]
        products[number] = pictured(products[number], drawing(kind, colour, number, mark=True), 95)
    _, findings = found_in(tmp_path, products)
    found = set(of_kind(findings, "watermark"))
    assert len(found & {f"p{number:03}" for number in marked}) >= 10
    assert len(found) <= 13


def test_fields_that_nearly_all_have_are_missed_and_links_are_read(tmp_path: Path):
    products = [replace(product, link=f"https://shop.example/{product.id}") for product in PLAIN]
    products[4] = replace(products[4], title="", price=None)
    products[5] = replace(products[5], link="shop.example/p005")
    _, findings = found_in(tmp_path, products)
    missing = {(f.product, f.field) for f in findings if f.kind == "missing field"}
    assert missing == {("p004", "title"), ("p004", "price")}
    assert set(of_kind(findings, "broken link")) == {"p005"}


def test_variants_without_a_group_are_proposed_one(tmp_path: Path):
    variants = [
        item(300 + n, "Box", colour, saved(drawing("Box", colour, 300 + n)), f"Umber Deep {colour} Crate")
        for n, colour in enumerate(COLOURS)
    ]
    snapshot, findings = found_in(tmp_path, [*PLAIN, *variants])
    found = of_kind(findings, "variant")
    assert set(found) == {f"p{300 + n}" for n in range(4)}
    better = {product.id: product for product in corrected(snapshot, findings)}
    assert len({better[id].group for id in found}) == 1


@pytest.mark.parametrize("count", [0, 1, 2])
def test_an_empty_shop_is_healthy(tmp_path: Path, count: int):
    _, findings = found_in(tmp_path, crowd(count))
    assert findings == []


def test_the_report_opens_without_a_network_and_shows_pictures(tmp_path: Path):
    products = [*PLAIN[:24], item(400, "Box", "red", PLAIN[0].photos[0].data or b"", "<b>Bold & brash</b>")]
    with Shop.open(str(tmp_path / "ill.db"), "pixels") as shop:
        shop.add(products)
        snapshot, findings = examine(shop)
        keep(shop.catalog.database, findings)
        page = findings_html(shop, snapshot, findings)
    assert "data:image/jpeg;base64," in page
    assert "&lt;b&gt;Bold &amp; brash" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page

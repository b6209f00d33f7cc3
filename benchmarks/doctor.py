"""Faults planted in real products: which of them the doctor finds, and how often it is right.

    python benchmarks/doctor.py STYLES.CSV [--recipe builtin] [--products 1500]

The catalog is examined as it comes and again with faults planted in a share of it. The data set has faults
of its own, so what is new in the second examination is judged: precision is the share of it that was planted.
The precision "at least" counts all that was said before planting as wrong; look at it with
`lookalike doctor -o report.html`.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

import lookalike
from lookalike import Photo, Product, Shop
from lookalike.analysis.doctor.doctor import examine
from lookalike.analysis.doctor.findings import Finding, Kind
from lookalike.analysis.evaluate.intervals import sample, seed_of
from lookalike.media.images import read_image

SHARE = 0.02
COPY = "copy-"


def planted(products: list[Product]) -> tuple[list[Product], dict[Kind, set[str]]]:
    """The products with faults in some of them, and who carries which."""
    by_id = {product.id: product for product in products}
    shared = Counter(_content(product) for product in products)
    # A photo that two products show already would make a true duplicate of whatever it is moved to.
    left = sorted(id for id, product in by_id.items() if shared[_content(product)] == 1)
    truth: dict[Kind, set[str]] = {}
    count = round(SHARE * len(products))

    def some(kind: Kind) -> list[str]:
        chosen = sample(left, count, kind)
        truth[kind] = set(chosen)
        left[:] = [id for id in left if id not in truth[kind]]
        return chosen

    copies = [_copy(by_id[id]) for id in some("duplicate")]
    truth["duplicate"] = {copy.id for copy in copies}
    # Along a circle, so that no photo is shown twice; neighbors on it are of different kinds.
    swapped = sorted(
        some("photo and title disagree"), key=lambda id: (str(by_id[id].facets.get("articleType")), id)
    )
    shown = {id: by_id[id].photos for id in swapped}
    for place, id in enumerate(swapped):
        other = swapped[(place + len(swapped) // 2) % len(swapped)]
        by_id[id] = replace(by_id[id], photos=shown[other])
    for kind, facet in (("doubtful category", "articleType"), ("doubtful colour", "baseColour")):
        values = [str(product.facets.get(facet, "")) for product in products]
        for id in some(kind):
            own = by_id[id].facets.get(facet)
            wrong = next(
                v
                for turn in range(99)
                if (v := values[seed_of(id, str(turn)) % len(values)]) not in ("", own)
            )
            by_id[id] = replace(by_id[id], facets={**by_id[id].facets, facet: wrong})
    for kind, change in (
        ("blank photo", _blank),
        ("tiny photo", _tiny),
        ("blurred photo", _blurred),
        ("watermark", _marked),
    ):
        for id in some(kind):
            by_id[id] = _changed(by_id[id], change)
    for id in some("missing field"):
        by_id[id] = replace(by_id[id], title="")
    for id in some("missing photo"):
        by_id[id] = replace(by_id[id], photos=())
    return [*by_id.values(), *copies], truth


def report(before: list[Finding], after: list[Finding], truth: dict[Kind, set[str]]) -> Iterator[str]:
    """Precision and recall of each kind of finding."""
    columns = ("planted", "found", "precision", "at least", "recall", "before")
    yield f"{'fault':26}" + "".join(f"{column:>10}" for column in columns)
    for kind, guilty in truth.items():
        old = {finding.product for finding in before if finding.kind == kind} - guilty
        said = {finding.product for finding in after if finding.kind == kind}
        right, wrong = said & guilty, {id for id in said - guilty if id.removeprefix(COPY) not in old}
        if kind == "duplicate":
            right, wrong = _joined(before, after, guilty)
        precision, at_least = (len(right) / max(len(right | each), 1) for each in (wrong, wrong | old))
        recall = len(right) / max(len(guilty), 1)
        yield (
            f"{kind:26}{len(guilty):10}{len(right):10}{precision:10.3f}{at_least:10.3f}"
            f"{recall:10.3f}{len(old):10}"
        )


def _joined(before: list[Finding], after: list[Finding], copies: set[str]) -> tuple[set[str], set[str]]:
    """The copies that were joined with their original, and products that were wrongly joined anew.

    Where a shop shows one picture under two products, a copy may be joined with either.
    """
    families = _families(before)
    right: set[str] = set()
    wrong: set[str] = set()
    for finding in after:
        if finding.kind == "duplicate":
            one, two = (each.removeprefix(COPY) for each in (finding.product, finding.other))
            if families.get(one, one) == families.get(two, two):
                right |= copies & {finding.product, finding.other}
            else:
                wrong.add(finding.product)
    return right, wrong


def _families(findings: list[Finding]) -> dict[str, str]:
    """For each product that shares its picture the first of those it shares it with."""
    families: dict[str, str] = {}
    for finding in findings:
        if finding.kind == "duplicate":
            one, two = (families.get(each, each) for each in (finding.other, finding.product))
            members = [id for id, first in families.items() if first == two]
            families |= dict.fromkeys([*members, two, one, finding.product], one)
    return families


def examined(products: list[Product], recipe: str, folder: Path) -> tuple[list[Finding], float]:
    """The findings on a catalog of these products, and the seconds they took."""
    path = folder / "doctor.db"
    path.unlink(missing_ok=True)
    with Shop.open(str(path), recipe) as shop:
        shop.add(products)
        began = time.perf_counter()
        _, findings = examine(shop)
        return findings, time.perf_counter() - began


def _content(product: Product) -> str:
    return (
        hashlib.sha256(Path(str(product.photos[0].source)).read_bytes()).hexdigest() if product.photos else ""
    )


def _picture(product: Product) -> Image.Image:
    return read_image(product.photos[0].source)


def _changed(product: Product, change: Callable[[Image.Image, np.random.Generator], Image.Image]) -> Product:
    dice = np.random.default_rng(seed_of("plant", product.id))
    return replace(product, photos=(Photo(data=_jpeg(change(_picture(product), dice), 90)),))


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _copy(product: Product) -> Product:
    dice = np.random.default_rng(seed_of("copy", product.id))
    picture = _picture(product)
    match int(dice.integers(4)):
        case 0:
            data = _jpeg(picture, int(dice.integers(35, 70)))
        case 1:
            scale = dice.uniform(0.6, 0.85)
            data = _jpeg(picture.resize((int(picture.width * scale), int(picture.height * scale))), 85)
        case 2:
            cut = int(picture.width * dice.uniform(0.02, 0.05))
            data = _jpeg(picture.crop((cut, cut, picture.width - cut, picture.height - cut)), 85)
        case _:
            data = _jpeg(ImageEnhance.Brightness(picture).enhance(dice.uniform(0.9, 1.08)), 85)
    return replace(product, id=f"{COPY}{product.id}", photos=(Photo(data=data),))


def _blank(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    return Image.new("RGB", picture.size, tuple(dice.integers(200, 256, 3).tolist()))


def _tiny(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    return picture.resize((int(dice.integers(30, 90)),) * 2)


def _blurred(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(dice.uniform(4, 6)))


def _marked(picture: Image.Image, dice: np.random.Generator) -> Image.Image:
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for row in range(0, picture.height, 56):
        draw.text((10 + row // 4, row), "SAMPLE  SHOP  SAMPLE  SHOP", fill=(90, 90, 90, 60), font_size=18)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def main() -> None:
    """Plant, examine, report."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("feed")
    asked.add_argument("--recipe", default="builtin")
    asked.add_argument("--products", type=int, default=0, help="examine so many of them, 0 for all")
    given = asked.parse_args()
    products = [row.product for row in lookalike.read_feed(given.feed) if row.product is not None]
    if given.products:
        products = products[:: max(1, len(products) // given.products)][: given.products]
    faulty, truth = planted(products)
    with TemporaryDirectory() as folder:
        before, _ = examined(products, given.recipe, Path(folder))
        after, seconds = examined(faulty, given.recipe, Path(folder))
    print(f"{len(faulty)} products, recipe {given.recipe}, examined in {seconds:.0f} s")
    print("\n".join(report(before, after, truth)))


if __name__ == "__main__":
    main()

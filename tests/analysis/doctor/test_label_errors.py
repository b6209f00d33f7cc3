"""Photos that do not belong to their titles, on vectors whose answer is known."""

from __future__ import annotations

import numpy as np

from lookalike import Product
from lookalike.analysis.doctor.label_errors import doubts
from lookalike.analysis.snapshot import Snapshot

KINDS = ("Plate", "Box", "Ring", "Kurta", "Shirt")
COLOURS = ("red", "green", "blue", "black")
COUNT = 200


def looks() -> np.ndarray:
    """One vector for each product, near those of its kind and color."""
    dice = np.random.default_rng(3)
    kinds = {kind: dice.normal(0, 1, 32) for kind in KINDS}
    colours = {colour: dice.normal(0, 0.5, 32) for colour in COLOURS}
    rows = [
        kinds[KINDS[n % 5]] + colours[COLOURS[n // 5 % 4]] + dice.normal(0, 0.1, 32) for n in range(COUNT)
    ]
    return np.stack([row / np.linalg.norm(row) for row in rows]).astype(np.float32)


def told(rows: np.ndarray) -> dict[str, tuple[str, str]]:
    products = [
        Product(
            id=f"p{n:03}",
            title=f"Acme {KINDS[n % 5]} no {n}",
            facets={"category": KINDS[n % 5], "colour": COLOURS[n // 5 % 4]},
        )
        for n in range(COUNT)
    ]
    photos = tuple(f"photo {n}" for n in range(COUNT))
    snapshot = Snapshot(tuple(products), rows, np.arange(COUNT), photos, None, (None,) * COUNT, 1)
    found = [each for each in doubts(snapshot) if each.kind == "photo and title disagree"]
    return {each.product: (each.now, each.likely) for each in found}


def test_photos_in_their_place_are_not_doubted():
    assert told(looks()) == {}


def test_swapped_photos_are_told_with_what_they_show():
    rows = looks()
    rows[[0, 7]] = rows[[7, 0]]
    assert told(rows) == {"p000": ("Plate", "Ring"), "p007": ("Ring", "Plate")}


def test_a_photo_that_fits_all_but_its_kind_is_not_doubted():
    rows = looks()
    # A kurta that looks like the shirt of its color; two photos that fit nothing stand for the worst.
    rows[[0, 7]] = rows[[7, 0]]
    rows[3] = rows[4]
    assert "p003" not in told(rows)

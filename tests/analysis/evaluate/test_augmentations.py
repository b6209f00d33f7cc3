"""Photos as a shopper might send them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lookalike.analysis.evaluate.augmentations import ALTERATIONS, altered
from support.crowd import drawing


@pytest.mark.parametrize("how", ALTERATIONS)
def test_an_alteration_changes_the_picture_always_in_the_same_manner(how: str):
    picture = drawing("Box", "red", 1)
    one, two = altered(picture, how, "p1"), altered(picture, how, "p1")
    assert np.array_equal(np.asarray(one), np.asarray(two))
    assert one.mode == "RGB"
    assert one.size != picture.size or not np.array_equal(np.asarray(one), np.asarray(picture))


@pytest.mark.parametrize("how", ALTERATIONS)
@pytest.mark.parametrize("size", [(1, 1), (2, 9), (40, 3)])
def test_even_the_smallest_picture_can_be_altered(how: str, size: tuple[int, int]):
    assert min(altered(Image.new("L", size, 200), how, "tiny").size) >= 1


def test_two_products_are_cropped_differently():
    picture = drawing("Ring", "blue", 2)
    assert altered(picture, "crop", "a").size != altered(picture, "crop", "b").size

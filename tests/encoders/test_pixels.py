"""The baseline without weights sees colors and outlines."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lookalike.encoders import encoder, image_encoder
from lookalike.encoders.base import ImageEncoder
from lookalike.errors import UsageError


def drawn(shape: str, colour: str, shift: int = 0) -> Image.Image:
    picture = Image.new("RGB", (120, 120), "white")
    getattr(ImageDraw.Draw(picture), shape)((25 + shift, 25, 95 + shift, 95), fill=colour)
    return picture


@pytest.fixture(scope="module")
def pixels() -> ImageEncoder:
    return image_encoder("pixels")


def alike(pixels: ImageEncoder, one: Image.Image, other: Image.Image) -> float:
    first, second = pixels.encode_images([one, other])
    return float(first @ second)


def test_rows_are_unit_and_depend_on_nothing_else(pixels):
    pictures = [drawn("ellipse", "red"), Image.new("RGB", (1, 50), "white"), drawn("rectangle", "navy")]

    rows = pixels.encode_images(pictures)

    assert rows.shape == (3, pixels.dim)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1])
    assert np.array_equal(rows[2], pixels.encode_images(pictures[2:])[0])


def test_the_same_colour_is_nearer_than_another(pixels):
    red = drawn("ellipse", "red")

    assert alike(pixels, red, drawn("ellipse", "darkred")) > alike(pixels, red, drawn("ellipse", "navy"))


def test_the_same_outline_is_nearer_than_another(pixels):
    red = drawn("ellipse", "red")

    assert alike(pixels, red, drawn("ellipse", "red", 4)) > alike(pixels, red, drawn("rectangle", "red"))


def test_the_public_encoder_takes_paths_bytes_and_pictures(tmp_path):
    red = drawn("ellipse", "red")
    red.save(tmp_path / "red.png")
    path = tmp_path / "red.png"

    rows = encoder("pixels").images([red, str(path), path, path.read_bytes()])

    assert np.allclose(rows, rows[0])


def test_pixels_read_no_words():
    with pytest.raises(UsageError, match="embeds images, not text"):
        encoder("pixels").texts(["red"])

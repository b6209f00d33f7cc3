"""A record says how a picture becomes numbers, and that is what happens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lookalike.encoders.onnx.preprocess import sized, tensor
from lookalike.encoders.spec import Preprocessing
from lookalike.errors import BadModel

SIZES = st.integers(1, 90)


def noise(wide: int, high: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(wide).integers(0, 256, (high, wide, 3), np.uint8))


@given(SIZES, SIZES, st.sampled_from(["squash", "crop", "pad"]))
def test_every_shape_of_picture_becomes_the_square_that_was_asked_for(wide, high, resize):
    how = Preprocessing(side=28, shorter=32, resize=resize)

    assert sized(noise(wide, high), how).size == (28, 28)
    assert tensor(noise(wide, high), how).shape == (1, 3, 28, 28)


def test_scale_mean_and_std_are_applied_to_each_channel():
    how = Preprocessing(side=4, resize="squash", mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 2.0))

    found = tensor(Image.new("RGB", (4, 4), (255, 0, 51)), how)[0, :, 0, 0]

    assert found == pytest.approx([(1 - 0.1) / 0.5, (0 - 0.2) / 0.25, (0.2 - 0.3) / 2.0], abs=1e-6)


def test_blue_comes_first_where_the_record_says_so():
    how = Preprocessing(side=2, resize="squash", scale=1, mean=(10, 20, 30), std=(1, 1, 1), channels="BGR")

    found = tensor(Image.new("RGB", (2, 2), (1, 2, 3)), how)

    assert found[0, :, 0, 0].tolist() == [3 - 10, 2 - 20, 1 - 30]


def test_channels_may_come_last():
    how = Preprocessing(side=6, resize="squash")
    last = Preprocessing(side=6, resize="squash", layout="NHWC")
    picture = noise(9, 5)

    assert np.array_equal(tensor(picture, how)[0].transpose(1, 2, 0), tensor(picture, last)[0])


def test_the_crop_is_the_middle_of_the_resized_picture():
    how = Preprocessing(side=10, shorter=10, resize="crop")
    picture = Image.new("RGB", (30, 10), "white")
    picture.paste("black", (10, 0, 20, 10))

    assert np.asarray(sized(picture, how)).max() == 0


def test_padding_keeps_the_proportions():
    picture = np.asarray(sized(Image.new("RGB", (20, 10), "black"), Preprocessing(side=8, resize="pad")))

    assert picture[:2].min() == 255
    assert picture[2:6].max() == 0
    assert picture[6:].min() == 255


def test_pictures_of_other_modes_are_read_as_rgb():
    assert tensor(Image.new("L", (9, 9), 7), Preprocessing(side=4, shorter=4)).shape == (1, 3, 4, 4)


def test_a_crop_larger_than_the_picture_it_is_cut_from_is_refused():
    with pytest.raises(BadModel, match="224 pixels"):
        Preprocessing(side=224, shorter=200)


def test_nearest_forbids_decoding_at_reduced_size():
    assert Preprocessing(filter="nearest", resize="squash").needs > 100_000
    assert Preprocessing(shorter=256).needs == 256

"""Keras' weight files give the vectors that Keras itself gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lookalike.encoders.files import Source
from lookalike.encoders.onnx.runtime import open_images
from lookalike.encoders.registry import from_path
from lookalike.encoders.spec import EncoderSpec, ModelFile
from lookalike.encoders.zoo import by_kind
from lookalike.encoders.zoo.preprocessing import CAFFE
from lookalike.errors import BadModel
from papers.conftest import save
from papers.pictures import photos, unit

pytest.importorskip("onnx")


def as_keras_reads(keras: Any, pictures: list[Image.Image], side: int = 224) -> np.ndarray:
    """The papers' steps: load_img with a target size, array, preprocess_input."""
    sized = [picture.resize((side, side), Image.Resampling.NEAREST) for picture in pictures]
    arrays = np.stack([keras.utils.img_to_array(picture) for picture in sized])
    return keras.applications.resnet50.preprocess_input(arrays)


@pytest.mark.parametrize(("name", "pool"), [("resnet50-keras-max", "max"), ("resnet50-keras", "mean")])
def test_resnet50_without_its_top(keras, resnet50, name, pool):
    model, path = resnet50
    pictures = photos(3)
    maps = np.asarray(model.predict(as_keras_reads(keras, pictures), verbose=0))
    theirs = unit(getattr(maps, pool)(axis=(1, 2)))

    ours = open_images(Source(by_kind("image")[name], path.parent)).encode_images(pictures)

    assert np.abs(ours - theirs).max() < 1e-4


@pytest.fixture(scope="module")
def vgg16(keras, tmp_path_factory) -> tuple[Any, Path]:
    """VGG-16 with its top, for small pictures: at full size its first dense layer alone takes 400 MB."""
    model = keras.applications.VGG16(weights=None, input_shape=(32, 32, 3), classes=7)
    return model, save(model, tmp_path_factory.mktemp("vgg") / "vgg16.h5")


@pytest.mark.parametrize("layer", ["fc1", "fc2", "predictions"])
def test_the_dense_layers_of_vgg16(keras, vgg16, layer):
    model, path = vgg16
    wanted = keras.Model(model.input, model.get_layer(layer).output)
    pictures = photos(2)
    theirs = np.asarray(wanted.predict(as_keras_reads(keras, pictures, 32), verbose=0))
    record = EncoderSpec("vgg", "image", ModelFile("vgg16.h5"), output=layer, pixels=replace(CAFFE, side=32))

    ours = open_images(Source(record, path.parent)).encode_images(pictures)

    assert np.abs(ours - unit(theirs)).max() < 1e-4


def test_the_weights_of_another_network_are_refused(keras, tmp_path):
    save(keras.applications.MobileNetV2(weights=None, input_shape=(32, 32, 3), classes=3), tmp_path / "m.h5")
    record = EncoderSpec("m", "image", ModelFile("m.h5"))

    with pytest.raises(BadModel, match="neither ResNet-50 nor VGG-16"):
        open_images(Source(record, tmp_path))


def test_truncated_weights_are_refused(resnet50, tmp_path: Path):
    (tmp_path / "r.h5").write_bytes(resnet50[1].read_bytes()[:5_000_000])

    with pytest.raises(BadModel, match="or is incomplete") as refused:
        open_images(Source(EncoderSpec("r", "image", ModelFile("r.h5")), tmp_path))
    assert "delete" not in str(refused.value)


def test_the_weights_of_keras_3_give_the_same_rows(resnet50, tmp_path: Path):
    model, path = resnet50
    model.save_weights(tmp_path / "r.weights.h5")
    record = by_kind("image")["resnet50-keras-max"]
    pictures = photos(2)

    ours = open_images(Source(replace(record, file=ModelFile("r.weights.h5")), tmp_path))

    theirs = open_images(Source(record, path.parent)).encode_images(pictures)
    assert np.abs(ours.encode_images(pictures) - theirs).max() < 1e-6


def test_a_whole_keras_model_says_how_to_save_its_weights(tmp_path: Path):
    (tmp_path / "r.keras").write_bytes(b"PK")

    with pytest.raises(BadModel, match=r"save_weights\('r\.weights\.h5'\)"):
        open_images(Source(EncoderSpec("r", "image", ModelFile("r.keras")), tmp_path))
    with pytest.raises(BadModel, match=r"save_weights\('r\.weights\.h5'\)"):
        from_path(tmp_path / "r.keras")


@pytest.mark.parametrize(("pooling", "dim"), [("max", 512), ("avg", 512), ("none", 4096)])
def test_weights_with_a_top_never_give_their_classes_unasked(vgg16, pooling, dim):
    record = EncoderSpec("v", "image", ModelFile("vgg16.h5"), pooling=pooling, pixels=replace(CAFFE, side=32))

    assert open_images(Source(record, vgg16[1].parent)).dim == dim

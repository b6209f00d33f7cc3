"""The exported graphs say what the trained towers say."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from lookalike.encoders.text.hashing import batch_ids
from lookalike.training.export_onnx import image_graph, text_graph
from lookalike.training.quantize import shrink
from lookalike.training.towers import ImageTower, TextTower, join_image, join_text


@pytest.fixture(scope="module")
def tower() -> ImageTower:
    torch.manual_seed(0)
    made = ImageTower((8, 16, 16, 24, 24), (1, 1, 1, 1))
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return made.eval()


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("anchored", [False, True])
def test_image_graph_equals_the_tower(tower: ImageTower, count: int, anchored: bool) -> None:
    images = torch.rand(count, 3, 64, 64) * 255
    anchors = {"type": torch.randn(9, 96), "colour": torch.randn(5, 48)} if anchored else None
    session = onnxruntime.InferenceSession(image_graph(tower, anchors=anchors).SerializeToString())
    vector, cells, attention = session.run(None, {"images": images.numpy()})
    with torch.no_grad():
        expected = join_image(tower(images)[0], anchors=anchors).numpy()
    assert ((vector * expected).sum(1) > 0.9999).all()
    assert attention.shape == (count, 4, 4)
    np.testing.assert_allclose(cells.sum((1, 2)), vector, atol=1e-5)


def test_int8_stays_close(tower: ImageTower) -> None:
    images = (np.random.default_rng(0).random((6, 3, 64, 64)) * 255).astype(np.float32)
    model = image_graph(tower)
    small = shrink(model, images)
    run = [
        onnxruntime.InferenceSession(m.SerializeToString()).run(["vector"], {"images": images})[0]
        for m in (model, small)
    ]
    assert ((run[0] * run[1]).sum(1) > 0.98).all()


def test_making_a_graph_small_prints_nothing(
    tower: ImageTower, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    shrink(image_graph(tower), np.zeros((1, 3, 64, 64), np.float32))
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_text_graph_equals_the_tower_and_no_words_give_zeros() -> None:
    torch.manual_seed(0)
    tower = TextTower(16, 32).eval()
    ids = batch_ids(["red dress", "लाल पोशाक", "赤いドレス", "", "Nike Men's Air Max"])
    session = onnxruntime.InferenceSession(text_graph(tower).SerializeToString())
    vector = session.run(None, {"token_ids": ids})[0]
    with torch.no_grad():
        expected = join_text(tower(torch.from_numpy(ids))).numpy()
    cosines = (vector * expected).sum(1)
    assert (cosines[[0, 1, 2, 4]] > 0.999).all()
    assert not vector[3].any()


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    session = onnxruntime.InferenceSession(text_graph(TextTower(16, 32)).SerializeToString())
    alone = session.run(None, {"token_ids": batch_ids(["red dress"])})[0]
    beside = session.run(None, {"token_ids": batch_ids(["red dress", "a much longer title of a dress"])})[0]
    np.testing.assert_allclose(alone[0], beside[0], atol=1e-6)

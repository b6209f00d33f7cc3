"""The exported graphs say what the trained towers say."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from research.builtin_encoder.export import image_graph
from research.builtin_encoder.lite2 import Lite2
from research.builtin_encoder.quantize import quantize
from research.builtin_encoder.towers import FashionBranch, Trunk

from lookalike.encoders.text.hashing import batch_ids
from lookalike.training.onnx_files import text_graph
from lookalike.training.towers import Readout, TextTower, join_text

START = 4


@pytest.fixture(scope="module")
def tower() -> tuple[Lite2, FashionBranch, Readout]:
    torch.manual_seed(0)
    network = Lite2().eval()
    anchors = {"type": torch.randn(9, 96), "colour": torch.randn(5, 48), "trait": torch.randn(3, 48)}
    branch = FashionBranch(network, START).eval()
    return network, branch, Readout(1280, 512, anchors, 0.85).eval()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_image_graph_equals_the_tower(tower: tuple[Lite2, FashionBranch, Readout], count: int) -> None:
    network, branch, readout = tower
    images = torch.rand(count, 3, 64, 96) * 255
    graph = image_graph(network, START, branch, readout)
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    vector, cells, attention, features = session.run(None, {"images": images.numpy()})
    with torch.no_grad():
        worn, _ = branch.pooled(branch.map(Trunk(network, START)(images)))
        expected = readout(torch.cat([network(images).mean((2, 3)), worn], 1)).numpy()
    assert ((vector * expected).sum(1) > 0.9999).all()
    assert attention.shape == (count, 2, 3)
    assert features.shape == (count, 1792)
    np.testing.assert_allclose(cells.sum((1, 2)), vector, atol=1e-5)


def test_int8_stays_close(tower: tuple[Lite2, FashionBranch, Readout]) -> None:
    images = (np.random.default_rng(0).random((4, 3, 64, 64)) * 255).astype(np.float32)
    model = image_graph(tower[0], START, tower[1], tower[2])
    run = [
        onnxruntime.InferenceSession(m.SerializeToString()).run(["vector"], {"images": images})[0]
        for m in (model, quantize(model, images))
    ]
    assert ((run[0] * run[1]).sum(1) > 0.95).all()


def test_text_graph_equals_the_tower_and_no_words_give_zeros() -> None:
    torch.manual_seed(0)
    tower = TextTower(16_384, 16, 32).eval()
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
    session = onnxruntime.InferenceSession(text_graph(TextTower(16_384, 16, 32)).SerializeToString())
    alone = session.run(None, {"token_ids": batch_ids(["red dress"])})[0]
    beside = session.run(None, {"token_ids": batch_ids(["red dress", "a much longer title of a dress"])})[0]
    np.testing.assert_allclose(alone[0], beside[0], atol=1e-6)

"""The encoder in the package: whole, small, and of one mind about pictures and words."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.base import ImageEncoder, TextEncoder
from lookalike.encoders.onnx.attention import Sight
from lookalike.encoders.onnx.graph import read_graph
from lookalike.encoders.registry import BUILTIN_FOLDER
from lookalike.encoders.spec import read_record
from lookalike.media.images import read_image

MOST_BYTES = 20_000_000


@pytest.fixture(scope="module")
def images() -> ImageEncoder:
    return image_encoder("builtin", 1)


@pytest.fixture(scope="module")
def texts() -> TextEncoder:
    return text_encoder("builtin", 1)


def _shirt(colour: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (240, 240), "white")
    picture.paste(colour, (80, 50, 160, 210))
    picture.paste(colour, (40, 50, 200, 100))
    return picture


def test_both_towers_fit_in_the_package() -> None:
    assert sum(path.stat().st_size for path in BUILTIN_FOLDER.iterdir()) <= MOST_BYTES


@pytest.mark.parametrize("kind", ["image", "text"])
def test_files_are_what_their_records_say(kind: str) -> None:
    record = read_record(BUILTIN_FOLDER / f"{kind}.json")
    content = (BUILTIN_FOLDER / record.file.path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == record.file.sha256
    assert len(content) == record.file.size
    assert record.licence


def test_rows_are_units_and_do_not_depend_on_their_neighbours(images: ImageEncoder) -> None:
    shirts = [_shirt((200, 30, 30)), _shirt((30, 30, 200))]
    together = images.encode_images(shirts)
    alone = images.encode_images(shirts[:1])
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(together[0], alone[0], atol=1e-5)


def test_every_convolution_of_the_image_tower_runs_in_int8(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    optimized = tmp_path / "optimized.onnx"
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(optimized)
    options.log_severity_level = 4
    graph = read_graph(BUILTIN_FOLDER / "image.onnx").cut("vector", "images")
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    kinds = Counter(node.op_type for node in onnx.load(optimized).graph.node)
    # Only the attention's single channel is read in float32.
    assert kinds["Conv"] + kinds["FusedConv"] <= 1
    assert kinds["QLinearConv"] >= 92
    # A graph that leaves int8 and comes back is slower than one that never was in int8.
    assert kinds["QuantizeLinear"] == 1


def test_words_of_a_colour_find_it(images: ImageEncoder, texts: TextEncoder) -> None:
    shirts = images.encode_images([_shirt((200, 20, 30)), _shirt((20, 40, 180)), _shirt((20, 130, 50))])
    said = texts.encode_texts(["red shirt", "blue shirt", "green shirt"])
    assert isinstance(said, np.ndarray)
    assert (said @ shirts.T).argmax(1).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("office chair", "chair"),
        ("laptop computer", "laptop"),
        ("scissors", "scissors"),
        ("grand piano", "grand_piano"),
    ],
)
def test_general_words_find_their_goods(
    images: ImageEncoder, texts: TextEncoder, shared: Path, words: str, name: str
) -> None:
    kinds = ("chair", "lamp", "laptop", "scissors", "cup", "camera", "pizza", "grand_piano", "ketch")
    photos = [
        photo for kind in kinds for photo in sorted((shared / "data" / "objects" / kind).glob("*.jpg"))[:6]
    ]
    rows = images.encode_images([read_image(photo) for photo in photos])
    said = texts.encode_texts([words])
    assert isinstance(said, np.ndarray)
    best = np.argsort(-(said @ rows.T)[0])[:5]
    assert sum(photos[place].parent.name == name for place in best) >= 3


def test_no_words_say_nothing_and_any_script_says_something(texts: TextEncoder) -> None:
    rows = texts.encode_texts(["", "  ", "?!", "लाल पोशाक", "赤いドレス"])
    assert isinstance(rows, np.ndarray)
    assert np.linalg.norm(rows, axis=1).round(3).tolist() == [0, 0, 0, 1, 1]


def test_heat_sums_to_the_cosine_and_a_crop_holds_the_product(images: ImageEncoder) -> None:
    picture = Image.new("RGB", (300, 300), "white")
    picture.paste((180, 30, 40), (170, 60, 270, 260))
    seen = Sight(BUILTIN_FOLDER / "image.onnx", 1).see(picture)
    other = images.encode_images([picture])[0]
    assert seen.heat(other).sum() == pytest.approx(float(seen.vector @ other), abs=1e-3)
    boxes = seen.boxes()
    assert 1 <= len(boxes) <= 3
    left, top, right, bottom = boxes[0]
    assert left < 0.75 < right
    assert top < 0.5 < bottom

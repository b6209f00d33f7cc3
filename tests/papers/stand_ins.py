"""Files that fit the records of the zoo, with random weights: right in shape, wrong in taste."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from lookalike.encoders.zoo import by_kind
from support.small_networks import saved, tokenizer_file

PINNED = {"clip": 512, "fashion-siglip": 768}


def towers(folder: Path) -> None:
    """The networks whose own library is no part of the test, in the folder of one's own models."""
    for name, dim in {"clip": 512, "siglip": 768, "fashion-siglip": 768}.items():
        output = "embedding" if name == "clip" else "pooler_output"
        picture_tower(_made(folder / name / "image" / "onnx") / "vision_model.onnx", dim, output)
        word_tower(_made(folder / name / "text" / "onnx") / "text_model.onnx", dim, output)
        tokenizer_file(folder / name / "text" / "tokenizer.json")
    for name, dim in PINNED.items():
        # These records pin the hash of the real file, so random weights come with records of their own.
        output = "embedding" if name == "clip" else "pooler_output"
        facts: dict[str, Any] = {"name": name, "kind": "image", "dim": dim, "output": output}
        _write(folder / name / "image.json", facts | {"file": "image/onnx/vision_model.onnx"})
        tokens = {"file": {"path": "text/tokenizer.json"}, "longest": 16, "padded": True}
        words = facts | {"kind": "text", "file": "text/onnx/text_model.onnx", "tokens": tokens}
        _write(folder / name / "text.json", words)
    place = "validated/vision/classification/vgg/model"
    class_network(_made(folder / "vgg16" / place) / "vgg16-12.onnx", 4096)


def unpinned(name: str, folder: Path) -> None:
    """A record of the zoo without the hash of the real file, for random weights."""
    facts = asdict(by_kind("image")[name])
    facts["file"] = {"path": Path(facts["file"]["path"]).name}
    _write(folder / "image.json", facts)


def picture_tower(path: Path, dim: int, output: str) -> Path:
    """Colors through one random layer."""
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["pixel_values"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], [output]),
        ],
        "pictures",
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["batch", 3, 224, 224])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", dim])],
        [_random("weights", 3, dim)],
    )
    return saved(graph, path)


def word_tower(path: Path, dim: int, output: str) -> Path:
    """The mean of random vectors of the tokens."""
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["found"]),
            helper.make_node("ReduceMean", ["found"], [output], axes=[1], keepdims=0),
        ],
        "words",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", dim])],
        [_random("table", 100, dim)],
    )
    return saved(graph, path)


def hidden_states(path: Path, dim: int) -> Path:
    """Random vectors of the tokens, one for each, as sentence networks give them."""
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
        "words",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", dim])],
        [_random("table", 100, dim)],
    )
    return saved(graph, path)


def class_network(path: Path, dim: int, classes: int = 10) -> Path:
    """Colors through a dense layer, then classes."""
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["data"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["flat"]),
            helper.make_node("Gemm", ["flat", "dense"], ["fc"]),
            helper.make_node("Relu", ["fc"], ["features"]),
            helper.make_node("Gemm", ["features", "classes"], ["logits"]),
        ],
        "classes",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, ["batch", 3, 224, 224])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes])],
        [_random("dense", 3, dim), _random("classes", dim, classes)],
    )
    return saved(graph, path)


def _random(name: str, *shape: int) -> Any:
    return numpy_helper.from_array(np.random.default_rng(2).normal(size=shape).astype(np.float32), name)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(facts), "utf-8")

"""Loads shipped ONNX files for training, and writes trained weights back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lookalike.errors import BadModel
from lookalike.training.onnx_graph import GraphBuilder, array
from lookalike.training.towers import BLOCKS, DIM, FASHION_BLOCKS, Readout, TextTower

# The trainable part of an image tower; the rest of the graph stays unchanged.
_TRAINED = ("general.weight", "general.bias", "fashion.weight", "fashion.bias")
_READ = {*_TRAINED, "gate.weight", "gate.bias", "gate.most"}
_TINY = 1e-12


def has_readout(file: Path) -> bool:
    """Whether an image tower has a trainable readout."""
    try:
        return _weights(onnx.load(file)).keys() >= _READ
    except (
        Exception
    ):  # protobuf raises arbitrary exceptions for other files; opening them reports a better error
        return True


def read_readout(file: Path) -> Readout:
    """Read the readout of an image tower."""
    weights = _weights(onnx.load(file))
    if not weights.keys() >= _READ:
        raise BadModel(
            f"{file} has no trainable readout. Adapt a catalog that uses 'builtin', "
            "or an encoder that `lookalike adapt` made from it."
        )
    anchors = {
        block.name: torch.from_numpy(weights[f"{block.name}.pulls"].copy())
        for block in FASHION_BLOCKS
        if f"{block.name}.pulls" in weights
    }
    general, fashion = weights["general.weight"].shape[1], weights["fashion.weight"].shape[1]
    readout = Readout(general, fashion, anchors, float(weights["gate.most"]))
    filled = {name: weights[name] for name in (*_TRAINED, "gate.bias")}
    filled["gate.weight"] = weights["gate.weight"].T
    readout.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in filled.items()})
    return readout.eval()


def write_readout(source: Path, readout: Readout, target: Path) -> None:
    """Write an image tower with a new readout."""
    model = onnx.load(source)
    trained = {name: array(value) for name, value in readout.state_dict().items() if name in _TRAINED}
    for place, tensor in enumerate(model.graph.initializer):
        if tensor.name in trained:
            model.graph.initializer[place].CopyFrom(
                numpy_helper.from_array(trained[tensor.name], tensor.name)
            )
    write(model, target)


def read_text_tower(file: Path) -> TextTower:
    """Read a text tower."""
    weights = _weights(onnx.load(file))
    if not {"table", "scale", "inner.weight", "outer.weight"} <= weights.keys():
        raise BadModel(f"{file} is not a text tower of Lookalike and cannot be trained.")
    table = weights["table"].astype(np.float32) * weights["scale"].astype(np.float32)
    outputs = weights["outer.weight"].shape[0]
    tower = TextTower(table.shape[0], table.shape[1], weights["inner.weight"].shape[0], outputs)
    with torch.no_grad():
        tower.table.weight.copy_(torch.from_numpy(table))
        for name, layer in (("inner", tower.inner), ("outer", tower.outer)):
            layer.weight.copy_(torch.from_numpy(weights[f"{name}.weight"].astype(np.float32)))
            layer.bias.copy_(torch.from_numpy(weights[f"{name}.bias"].copy()))
    return tower


def text_graph(tower: TextTower) -> onnx.ModelProto:
    """Return the text tower as a graph from padded token ids to a vector; no words give zeros."""
    g = GraphBuilder()
    table = array(tower.table.weight)
    scale = (np.maximum(np.abs(table).max(1, keepdims=True), 1e-4) / 127).astype(np.float16)
    scale = scale.astype(np.float32)
    small = np.clip(np.round(table / scale), -127, 127).astype(np.int8)
    rows = g.add("Gather", [g.constant("table", small), "token_ids"], "rows", axis=0)
    rows = g.add("Cast", [rows], "rows.float", to=TensorProto.FLOAT)
    scales = g.add("Gather", [g.constant("scale", scale.astype(np.float16)), "token_ids"], "scales", axis=0)
    scales = g.add("Cast", [scales], "scales.float", to=TensorProto.FLOAT)
    rows = g.add("Mul", [rows, scales], "rows.scaled")
    along = g.constant("along", np.array([1], dtype=np.int64))
    bag = g.add("ReduceSum", [rows, along], "bag", keepdims=0)
    real = g.add("Greater", ["token_ids", g.constant("padding", np.int64(0))], "real")
    count = g.add(
        "ReduceSum", [g.add("Cast", [real], "real.float", to=TensorProto.FLOAT), along], "count", keepdims=1
    )
    one = g.constant("one", np.float32(1))
    safe = g.add("Max", [count, one], "count.safe")
    x = g.add("Div", [bag, g.add("Sqrt", [safe], "root")], "mean")
    x = _linear(g, x, "inner", tower.inner)
    x = _gelu(g, x)
    raw = _linear(g, x, "outer", tower.outer)
    members, loud = _members()
    power = g.add("MatMul", [g.add("Mul", [raw, raw], "squared"), g.constant("members", members)], "power")
    hushed = g.add("Sqrt", [g.add("Add", [power, one], "power.hushed")], "hush")
    factor = g.add("Div", [g.constant("loud", loud), hushed], "factor")
    factors = g.add("MatMul", [factor, g.constant("spread_out", np.ascontiguousarray(members.T))], "factors")
    joined = g.add("Mul", [raw, factors], "joined")
    length = g.add("ReduceL2", [joined], "length", axes=[1], keepdims=1)
    floor = g.add("Max", [length, g.constant("tiny", np.float32(_TINY))], "length.safe")
    unit = g.add("Div", [joined, floor], "unit")
    g.add("Mul", [unit, g.add("Min", [count, one], "spoken")], "vector")
    return g.model(
        "lookalike text tower",
        [helper.make_tensor_value_info("token_ids", TensorProto.INT64, ["batch", "tokens"])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", DIM])],
    )


def write(model: onnx.ModelProto, path: Path) -> None:
    """Write a model atomically."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(model.SerializeToString())
    partial.replace(path)


def _members() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    members = np.zeros((DIM, len(BLOCKS)), dtype=np.float32)
    for index, block in enumerate(BLOCKS):
        members[block.place, index] = 1
    return members, np.array([[block.weight for block in BLOCKS]], dtype=np.float32)


def _linear(g: GraphBuilder, x: str, name: str, layer: torch.nn.Linear) -> str:
    # Half precision halves the file, and changes vectors only in the fourth digit.
    stored = g.constant(f"{name}.weight", array(layer.weight).astype(np.float16))
    weight = g.add("Cast", [stored], f"{name}.weight.float", to=TensorProto.FLOAT)
    bias = g.constant(f"{name}.bias", array(layer.bias))
    return g.add("Gemm", [x, weight, bias], name, transB=1)


def _gelu(g: GraphBuilder, x: str) -> str:
    half, one = g.constant("gelu.half", np.float32(0.5)), g.constant("one", np.float32(1))
    cubic = g.constant("gelu.cubic", np.float32(0.044715))
    root = g.constant("gelu.root", np.float32(np.sqrt(2 / np.pi)))
    cube = g.add("Mul", [g.add("Mul", [x, x], "gelu.square"), x], "gelu.cube")
    bent = g.add("Add", [x, g.add("Mul", [cube, cubic], "gelu.scaled")], "gelu.sum")
    wave = g.add("Tanh", [g.add("Mul", [bent, root], "gelu.argument")], "gelu.tanh")
    gate = g.add("Mul", [g.add("Add", [wave, one], "gelu.shifted"), half], "gelu.gate")
    return g.add("Mul", [x, gate], "gelu")


def _weights(model: onnx.ModelProto) -> dict[str, NDArray[np.float32]]:
    return {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}

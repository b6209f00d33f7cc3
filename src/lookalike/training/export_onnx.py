"""Trained towers as ONNX graphs: written node by node, so that serving needs nothing of training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from lookalike.training.towers import (
    BLOCKS,
    DIM,
    LIKELY,
    MIDDLE,
    SPREAD,
    Anchors,
    Block,
    ImageTower,
    TextTower,
    Unit,
)

_OPSET = 17
_TINY = 1e-12


class Graph:
    """A graph under construction: every call adds one node and names its result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic] | np.generic) -> str:
        """Add a weight."""
        self.weights.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:
        """Add a node with one result."""
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def model(
        self, title: str, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        """Close the graph and check it."""
        graph = helper.make_graph(self.nodes, title, list(inputs), list(outputs), self.weights)
        made = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], producer_name="lookalike"
        )
        made.ir_version = 8
        onnx.checker.check_model(made, full_check=True)
        return made


def image_graph(
    tower: ImageTower, blocks: Sequence[Block] = BLOCKS, anchors: Anchors | None = None
) -> onnx.ModelProto:
    """Return the image tower as a graph from pixels (0 to 255) to a vector, its cells and attention."""
    tower = tower.eval()
    g = Graph()
    x = g.add("Sub", ["images", g.constant("middle", np.float32(MIDDLE))], "centred")
    x = g.add("Div", [x, g.constant("spread", np.float32(SPREAD))], "scaled")
    for index, unit in enumerate(tower.trunk):
        assert isinstance(unit, Unit)
        conv = unit.fused()
        stride = list(conv.stride)
        weight = g.constant(f"trunk.{index}.weight", _array(conv.weight))
        bias = g.constant(f"trunk.{index}.bias", _array(conv.bias))
        x = g.add(
            "Conv",
            [x, weight, bias],
            f"trunk.{index}.conv",
            strides=stride,
            pads=[1] * 4,
            kernel_shape=[3, 3],
        )
        x = g.add("Relu", [x], f"trunk.{index}")
    attention = g.constant("attention.weight", _array(tower.attention.weight))
    bias = g.constant("attention.bias", _array(tower.attention.bias))
    logits = g.add("Conv", [x, attention, bias], "attention.conv", kernel_shape=[1, 1])
    shown = g.add("Sigmoid", [logits], "attention.map")
    places = g.constant("places", np.array([2, 3], dtype=np.int64))
    eager = g.add("Add", [shown, g.constant("floor", np.float32(1e-3))], "attention.floored")
    total = g.add("ReduceSum", [eager, places], "attention.sum", keepdims=1)
    share = g.add("Div", [eager, total], "share")
    projection = g.constant("project.weight", _array(tower.project.weight)[:, :, None, None])
    bias = g.constant("project.bias", _array(tower.project.bias))
    said = g.add("Conv", [x, projection, bias], "project", kernel_shape=[1, 1])
    facet_text = g.add("Mul", [said, share], "spoken")
    raw = g.add("ReduceSum", [facet_text, places], "raw", keepdims=0)
    factors, shift = _joined(g, raw, blocks, anchors or {})
    g.add("Add", [g.add("Mul", [raw, factors], "raw.scaled"), shift], "vector")
    # The cells share the same factors, and the shift by their attention: their sum stays the vector.
    wide = g.add("Unsqueeze", [factors, places], "factors.wide")
    moved = g.add("Unsqueeze", [shift, places], "shift.wide")
    own = g.add("Mul", [facet_text, wide], "parts.own")
    parts = g.add("Add", [own, g.add("Mul", [moved, share], "parts.shift")], "parts")
    g.add("Transpose", [parts], "cells", perm=[0, 2, 3, 1])
    g.add("Squeeze", [shown, g.constant("channel", np.array([1], dtype=np.int64))], "attention")
    floats = TensorProto.FLOAT
    return g.model(
        "lookalike image tower",
        [helper.make_tensor_value_info("images", floats, ["batch", 3, "height", "width"])],
        [
            helper.make_tensor_value_info("vector", floats, ["batch", DIM]),
            helper.make_tensor_value_info("cells", floats, ["batch", "rows", "columns", DIM]),
            helper.make_tensor_value_info("attention", floats, ["batch", "rows", "columns"]),
        ],
    )


def text_graph(tower: TextTower, blocks: Sequence[Block] = BLOCKS) -> onnx.ModelProto:
    """Return the text tower as a graph from padded token numbers to a vector; no words give zeros."""
    g = Graph()
    table = _array(tower.table.weight)
    scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-6) / 127
    small = np.round(table / scale).astype(np.int8)
    rows = g.add("Gather", [g.constant("table", small), "token_ids"], "rows", axis=0)
    rows = g.add("Cast", [rows], "rows.float", to=TensorProto.FLOAT)
    scales = g.add("Gather", [g.constant("scale", scale.astype(np.float32)), "token_ids"], "scales", axis=0)
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
    members, loud = _members(blocks)
    power = g.add("MatMul", [g.add("Mul", [raw, raw], "squared"), g.constant("members", members)], "power")
    hushed = g.add("Sqrt", [g.add("Add", [power, one], "power.hushed")], "hush")
    factor = g.add("Div", [g.constant("loud", loud), hushed], "factor")
    factors = g.add("MatMul", [factor, g.constant("spread_out", members.T)], "factors")
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
    """Write a model in one piece, whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(model.SerializeToString())
    partial.replace(path)


def _joined(g: Graph, raw: str, blocks: Sequence[Block], anchors: Anchors) -> tuple[str, str]:
    """What the raw vector is multiplied with and moved by to become unit blocks, drawn to their anchors."""
    members, loud = _members(blocks)
    loud = loud / np.linalg.norm(loud)
    tiny = g.constant("tiny", np.float32(_TINY))
    along = g.constant("along", np.array([1], dtype=np.int64))
    factors: list[str] = []
    shifts: list[str] = []
    for index, block in enumerate(blocks):
        name = block.name
        start = g.constant(f"{name}.start", np.array([block.start], dtype=np.int64))
        stop = g.constant(f"{name}.stop", np.array([block.stop], dtype=np.int64))
        part = g.add("Slice", [raw, start, stop, along], f"{name}.part")
        power = g.add("ReduceSum", [g.add("Mul", [part, part], f"{name}.squared"), along], f"{name}.power")
        length = g.add("Sqrt", [g.add("Add", [power, tiny], f"{name}.safe")], f"{name}.length")
        weight = g.constant(f"{name}.weight", loud[:, index : index + 1])
        if name not in anchors:
            factors.append(g.add("Div", [weight, length], f"{name}.factor"))
            shifts.append(g.add("Sub", [part, part], f"{name}.unmoved"))
            continue
        prototypes = anchors[name] / anchors[name].norm(dim=1, keepdim=True)
        unit = g.add("Div", [part, length], f"{name}.unit")
        asked = g.constant(f"{name}.asked", _array(prototypes.T * LIKELY))
        likely = g.add(
            "Softmax", [g.add("MatMul", [unit, asked], f"{name}.logits")], f"{name}.likely", axis=1
        )
        pull = g.add(
            "MatMul", [likely, g.constant(f"{name}.pulls", _array(prototypes * block.pull))], f"{name}.pull"
        )
        moved = g.add("Add", [unit, pull], f"{name}.moved")
        reach = g.add("ReduceL2", [moved], f"{name}.reach", axes=[1], keepdims=1)
        share = g.add("Div", [weight, reach], f"{name}.share")
        factors.append(g.add("Div", [share, length], f"{name}.factor"))
        shifts.append(g.add("Mul", [pull, share], f"{name}.shift"))
    each = g.add("Concat", factors, "factor", axis=1)
    spread = g.add("MatMul", [each, g.constant("spread_out", members.T)], "factors")
    return spread, g.add("Concat", shifts, "shift", axis=1)


def _members(blocks: Sequence[Block]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    members = np.zeros((DIM, len(blocks)), dtype=np.float32)
    for index, block in enumerate(blocks):
        members[block.start : block.stop, index] = 1
    return members, np.array([[block.weight for block in blocks]], dtype=np.float32)


def _linear(g: Graph, x: str, name: str, layer: torch.nn.Linear) -> str:
    weight = g.constant(f"{name}.weight", _array(layer.weight))
    bias = g.constant(f"{name}.bias", _array(layer.bias))
    return g.add("Gemm", [x, weight, bias], name, transB=1)


def _gelu(g: Graph, x: str) -> str:
    half, one = g.constant("gelu.half", np.float32(0.5)), g.constant("gelu.one", np.float32(1))
    cubic = g.constant("gelu.cubic", np.float32(0.044715))
    root = g.constant("gelu.root", np.float32(np.sqrt(2 / np.pi)))
    cube = g.add("Mul", [g.add("Mul", [x, x], "gelu.square"), x], "gelu.cube")
    bent = g.add("Add", [x, g.add("Mul", [cube, cubic], "gelu.scaled")], "gelu.sum")
    wave = g.add("Tanh", [g.add("Mul", [bent, root], "gelu.argument")], "gelu.tanh")
    gate = g.add("Mul", [g.add("Add", [wave, one], "gelu.shifted"), half], "gelu.gate")
    return g.add("Mul", [x, gate], "gelu")


def _array(tensor: torch.Tensor | None) -> NDArray[np.float32]:
    assert tensor is not None
    return tensor.detach().float().contiguous().numpy()

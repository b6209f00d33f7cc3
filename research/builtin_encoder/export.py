"""The trained image tower as an ONNX graph, written node by node, so that serving needs nothing of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from research.builtin_encoder.lite2 import FEATURES, MEAN, STD, Block as Residual, ConvUnit, Lite2, blocks_before
from research.builtin_encoder.towers import (
    DIM,
    FASHION_HEAD,
    FASHION_BLOCKS,
    GENERAL_DIM,
    SHARPNESS,
    FashionBranch,
)

_OPSET = 17
_TINY = 1e-12
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Readout:
    """What turns both branches' pooled features into one vector."""

    general_weight: Array
    general_bias: Array
    gate_weight: Array
    gate_bias: float
    most: float
    anchors: Mapping[str, Array]


class Graph:
    """A graph under construction: every call adds one node and names its result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[np.generic] | np.generic) -> str:
        """Add a weight, once."""
        self.weights.setdefault(name, numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:
        """Add a node with one result."""
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def model(
        self, title: str, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        """Close the graph and check it."""
        graph = helper.make_graph(self.nodes, title, list(inputs), list(outputs), list(self.weights.values()))
        made = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], producer_name="lookalike"
        )
        made.ir_version = 8
        onnx.checker.check_model(made, full_check=True)
        return made


def image_graph(network: Lite2, start: int, branch: FashionBranch, readout: Readout) -> onnx.ModelProto:
    """Return the image tower as a graph from pixels (0 to 255) to a vector, its cells and attention."""
    g = Graph()
    x = g.add("Sub", ["images", g.constant("middle", np.float32(MEAN))], "centred")
    x = g.add("Mul", [x, g.constant("spread", np.float32(1 / STD))], "scaled")
    first = blocks_before(start)
    x = _unit(g, x, network.stem, "trunk.stem")
    shared = _blocks(g, x, network.blocks[:first], "trunk")
    x = _blocks(g, shared, network.blocks[first:], "general")
    general = _unit(g, x, network.head, "general.head")
    x = _blocks(g, shared, branch.blocks, "fashion")
    fashion = _unit(g, x, branch.head, "fashion.head")
    _readout(g, general, fashion, branch, readout)
    floats = TensorProto.FLOAT
    return g.model(
        "lookalike image tower",
        [helper.make_tensor_value_info("images", floats, ["batch", 3, "height", "width"])],
        [
            helper.make_tensor_value_info("vector", floats, ["batch", DIM]),
            helper.make_tensor_value_info("cells", floats, ["batch", "rows", "columns", DIM]),
            helper.make_tensor_value_info("attention", floats, ["batch", "rows", "columns"]),
            helper.make_tensor_value_info("features", floats, ["batch", FEATURES + FASHION_HEAD]),
        ],
    )


def _readout(g: Graph, general: str, fashion: str, branch: FashionBranch, readout: Readout) -> None:
    """Pool both maps, project them, weigh them by the gate; and the same again for every cell."""
    places = g.constant("places", np.array([2, 3], np.int64))
    along = g.constant("along", np.array([1], np.int64))
    one, tiny = g.constant("one", np.float32(1)), g.constant("tiny", np.float32(_TINY))
    attention = g.constant("attention.weight", _array(branch.attention.weight))
    bias = g.constant("attention.bias", _array(branch.attention.bias))
    logits = g.add("Conv", [fashion, attention, bias], "attention.conv", kernel_shape=[1, 1])
    shown = g.add("Sigmoid", [logits], "attention.map")
    eager = g.add("Add", [shown, g.constant("floor", np.float32(1e-3))], "attention.floored")
    total = g.add("ReduceSum", [eager, places], "attention.sum", keepdims=1)
    share = g.add("Div", [eager, total], "share")
    seen = g.add("ReduceSum", [g.add("Mul", [fashion, share], "fashion.shared"), places], "fashion.pooled", keepdims=0)
    mean = g.add("ReduceMean", [general], "general.pooled", axes=[2, 3], keepdims=0)
    features = g.add("Concat", [mean, seen], "features", axis=1)
    # The gate: how much of the vector speaks the language of clothes.
    logit = g.add(
        "Gemm",
        [features, g.constant("gate.weight", readout.gate_weight[:, None]), g.constant("gate.bias", np.float32([readout.gate_bias]))],
        "gate.logit",
    )
    gate = g.add("Mul", [g.add("Sigmoid", [logit], "gate.open"), g.constant("gate.most", np.float32(readout.most))], "gate")
    loud = g.add("Sqrt", [gate], "fashion.loud")
    quiet = g.add("Sqrt", [g.add("Sub", [one, gate], "gate.rest")], "general.loud")
    # The fashion half: blocks of unit length, drawn to their classes.
    weight, bias = _array(branch.project.weight), _array(branch.project.bias)
    raw = g.add(
        "Gemm", [seen, g.constant("fashion.weight", weight), g.constant("fashion.bias", bias)], "fashion.raw", transB=1
    )
    factors, shift = _joined(g, raw, readout.anchors, along, tiny)
    joined = g.add("Add", [g.add("Mul", [raw, factors], "fashion.scaled"), shift], "fashion.joined")
    # The general half: one projection of unit length.
    said = g.add(
        "Gemm",
        [mean, g.constant("general.weight", readout.general_weight), g.constant("general.bias", readout.general_bias)],
        "general.raw",
        transB=1,
    )
    length = g.add("Max", [g.add("ReduceL2", [said], "general.norm", axes=[1], keepdims=1), tiny], "general.length")
    general_share = g.add("Div", [quiet, length], "general.factor")
    halves = [g.add("Mul", [joined, loud], "fashion"), g.add("Mul", [said, general_share], "general")]
    g.add("Concat", halves, "vector", axis=1)
    # Every cell gets its part of each sum, so that the cells of a picture add up to its vector exactly.
    cell = g.add("Conv", [fashion, g.constant("fashion.kernel", weight[:, :, None, None]), g.constant("fashion.bias", bias)], "fashion.cells.raw", kernel_shape=[1, 1])
    wide = g.add("Unsqueeze", [g.add("Mul", [factors, loud], "fashion.factors"), places], "fashion.factors.wide")
    moved = g.add("Unsqueeze", [g.add("Mul", [shift, loud], "fashion.shift"), places], "fashion.shift.wide")
    own = g.add("Add", [g.add("Mul", [cell, wide], "fashion.cells.scaled"), moved], "fashion.cells.moved")
    own = g.add("Mul", [own, share], "fashion.cells")
    cell = g.add(
        "Conv",
        [general, g.constant("general.kernel", readout.general_weight[:, :, None, None]), g.constant("general.bias", readout.general_bias)],
        "general.cells.raw",
        kernel_shape=[1, 1],
    )
    ones = g.add("ReduceSum", [g.add("Div", [eager, eager], "cell.ones"), places], "cell.count", keepdims=1)
    even = g.add("Div", [g.add("Unsqueeze", [general_share, places], "general.factor.wide"), ones], "general.share")
    rest = g.add("Mul", [cell, even], "general.cells")
    both = g.add("Concat", [own, rest], "cells.first", axis=1)
    g.add("Transpose", [both], "cells", perm=[0, 2, 3, 1])
    g.add("Squeeze", [shown, g.constant("channel", np.array([1], np.int64))], "attention")


def _joined(g: Graph, raw: str, anchors: Mapping[str, Array], along: str, tiny: str) -> tuple[str, str]:
    """What the raw vector is multiplied with and moved by to become unit blocks, drawn to their classes."""
    loud = np.array([[block.weight for block in FASHION_BLOCKS]], np.float32)
    loud = loud / np.linalg.norm(loud)
    factors: list[str] = []
    shifts: list[str] = []
    for index, block in enumerate(FASHION_BLOCKS):
        name = block.name
        start = g.constant(f"{name}.start", np.array([block.start], np.int64))
        stop = g.constant(f"{name}.stop", np.array([block.stop], np.int64))
        part = g.add("Slice", [raw, start, stop, along], f"{name}.part")
        length = g.add("Max", [g.add("ReduceL2", [part], f"{name}.norm", axes=[1], keepdims=1), tiny], f"{name}.length")
        weight = g.constant(f"{name}.weight", loud[:, index : index + 1])
        prototypes = anchors[name] / np.linalg.norm(anchors[name], axis=1, keepdims=True)
        unit = g.add("Div", [part, length], f"{name}.unit")
        asked = g.constant(f"{name}.asked", np.ascontiguousarray(prototypes.T * np.float32(SHARPNESS)))
        likely = g.add("Softmax", [g.add("MatMul", [unit, asked], f"{name}.logits")], f"{name}.likely", axis=1)
        pulls = g.constant(f"{name}.pulls", prototypes * np.float32(block.pull))
        pull = g.add("MatMul", [likely, pulls], f"{name}.pull")
        moved = g.add("Add", [unit, pull], f"{name}.moved")
        reach = g.add("ReduceL2", [moved], f"{name}.reach", axes=[1], keepdims=1)
        share = g.add("Div", [weight, reach], f"{name}.share")
        # One factor for every number of the block.
        factor = g.add("Div", [share, length], f"{name}.factor")
        ones = g.constant(f"{name}.ones", np.ones((1, block.stop - block.start), np.float32))
        factors.append(g.add("Mul", [factor, ones], f"{name}.factors"))
        shifts.append(g.add("Mul", [pull, share], f"{name}.shift"))
    return g.add("Concat", factors, "factors", axis=1), g.add("Concat", shifts, "shift", axis=1)


def _blocks(g: Graph, x: str, blocks: nn.Module, name: str) -> str:
    for number, block in enumerate(blocks.children()):
        assert isinstance(block, Residual)
        y = x
        for index, unit in enumerate(block.units):
            assert isinstance(unit, ConvUnit)
            y = _unit(g, y, unit, f"{name}.{number}.{index}")
        x = g.add("Add", [x, y], f"{name}.{number}.sum") if block.shortcut else y
    return x


def _unit(g: Graph, x: str, unit: ConvUnit, name: str) -> str:
    """A convolution with its batch norm folded in."""
    kernel, bias = folded(unit)
    conv = unit.conv
    before, after = conv.pads
    x = g.add(
        "Conv",
        [x, g.constant(f"{name}.weight", kernel), g.constant(f"{name}.bias", bias)],
        f"{name}.conv",
        kernel_shape=list(conv.kernel_size),
        strides=list(conv.stride),
        pads=[before, before, after, after],
        group=conv.groups,
    )
    if unit.linear:
        return x
    return g.add("Clip", [x, g.constant("zero", np.float32(0)), g.constant("six", np.float32(6))], name)


def folded(unit: ConvUnit) -> tuple[Array, Array]:
    """Return the kernel and bias of a unit whose normalisation is part of them."""
    norm = unit.norm
    assert norm.running_mean is not None
    assert norm.running_var is not None
    with torch.no_grad():
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        return _array(unit.conv.weight * scale[:, None, None, None]), _array(norm.bias - norm.running_mean * scale)


def _array(tensor: torch.Tensor | None) -> Array:
    assert tensor is not None
    return tensor.detach().float().contiguous().numpy()

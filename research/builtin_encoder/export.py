"""The trained image tower as an ONNX graph."""

from __future__ import annotations

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper
from torch import nn

from lookalike.training.onnx_graph import GraphBuilder, array
from lookalike.training.towers import DIM, FASHION_BLOCKS, SHARPNESS, Anchors, Readout
from research.builtin_encoder.lite2 import FEATURES, MEAN, STD, ConvUnit, Lite2, blocks_before
from research.builtin_encoder.lite2 import Block as Residual
from research.builtin_encoder.towers import FASHION_HEAD, FashionBranch

_TINY = 1e-12


def image_graph(network: Lite2, start: int, branch: FashionBranch, readout: Readout) -> onnx.ModelProto:
    """Return the image tower as a graph from pixels (0 to 255) to a vector, its cells and attention."""
    g = GraphBuilder()
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


def _readout(g: GraphBuilder, general: str, fashion: str, branch: FashionBranch, readout: Readout) -> None:
    """Pool both maps, project them, weigh them by the gate; and the same again for every cell."""
    places = g.constant("places", np.array([2, 3], np.int64))
    along = g.constant("along", np.array([1], np.int64))
    one, tiny = g.constant("one", np.float32(1)), g.constant("tiny", np.float32(_TINY))
    attention = g.constant("attention.weight", array(branch.attention.weight))
    bias = g.constant("attention.bias", array(branch.attention.bias))
    logits = g.add("Conv", [fashion, attention, bias], "attention.conv", kernel_shape=[1, 1])
    shown = g.add("Sigmoid", [logits], "attention.map")
    eager = g.add("Add", [shown, g.constant("floor", np.float32(1e-3))], "attention.floored")
    total = g.add("ReduceSum", [eager, places], "attention.sum", keepdims=1)
    share = g.add("Div", [eager, total], "share")
    shared = g.add("Mul", [fashion, share], "fashion.shared")
    seen = g.add("ReduceSum", [shared, places], "fashion.pooled", keepdims=0)
    mean = g.add("ReduceMean", [general], "general.pooled", axes=[2, 3], keepdims=0)
    features = g.add("Concat", [mean, seen], "features", axis=1)
    # The gate: how much of the vector speaks the language of clothes.
    weight = g.constant("gate.weight", np.ascontiguousarray(array(readout.gate.weight).T))
    logit = g.add("Gemm", [features, weight, g.constant("gate.bias", array(readout.gate.bias))], "gate.logit")
    most = g.constant("gate.most", np.float32(readout.most))
    gate = g.add("Mul", [g.add("Sigmoid", [logit], "gate.open"), most], "gate")
    loud = g.add("Sqrt", [gate], "fashion.loud")
    quiet = g.add("Sqrt", [g.add("Sub", [one, gate], "gate.rest")], "general.loud")
    # The fashion half: blocks of unit length, drawn to their classes.
    fashion_weight = g.constant("fashion.weight", array(readout.fashion.weight))
    fashion_bias = g.constant("fashion.bias", array(readout.fashion.bias))
    raw = g.add("Gemm", [seen, fashion_weight, fashion_bias], "fashion.raw", transB=1)
    factors, shift = _joined(g, raw, readout.anchors, along, tiny)
    joined = g.add("Add", [g.add("Mul", [raw, factors], "fashion.scaled"), shift], "fashion.joined")
    # The general half: one projection of unit length.
    general_weight = g.constant("general.weight", array(readout.general.weight))
    general_bias = g.constant("general.bias", array(readout.general.bias))
    said = g.add("Gemm", [mean, general_weight, general_bias], "general.raw", transB=1)
    norm = g.add("ReduceL2", [said], "general.norm", axes=[1], keepdims=1)
    factor = g.add("Div", [quiet, g.add("Max", [norm, tiny], "general.length")], "general.factor")
    halves = [g.add("Mul", [joined, loud], "fashion.half"), g.add("Mul", [said, factor], "general.half")]
    g.add("Concat", halves, "vector", axis=1)
    # Every cell gets its part of each sum, so that the cells of a picture add up to its vector exactly.
    kernel = g.add("Unsqueeze", [fashion_weight, places], "fashion.kernel")
    cell = g.add("Conv", [fashion, kernel, fashion_bias], "fashion.cells.raw", kernel_shape=[1, 1])
    wide = g.add("Unsqueeze", [g.add("Mul", [factors, loud], "fashion.factors"), places], "fashion.wide")
    moved = g.add("Unsqueeze", [g.add("Mul", [shift, loud], "fashion.shift"), places], "fashion.moved")
    own = g.add("Add", [g.add("Mul", [cell, wide], "fashion.cells.own"), moved], "fashion.cells.moved")
    kernel = g.add("Unsqueeze", [general_weight, places], "general.kernel")
    cell = g.add("Conv", [general, kernel, general_bias], "general.cells.raw", kernel_shape=[1, 1])
    ones = g.add("Div", [eager, eager], "cell.ones")
    count = g.add("ReduceSum", [ones, places], "cell.count", keepdims=1)
    even = g.add("Div", [g.add("Unsqueeze", [factor, places], "general.wide"), count], "general.share")
    halves = [g.add("Mul", [own, share], "fashion.cells"), g.add("Mul", [cell, even], "general.cells")]
    g.add("Transpose", [g.add("Concat", halves, "cells.first", axis=1)], "cells", perm=[0, 2, 3, 1])
    g.add("Squeeze", [shown, g.constant("channel", np.array([1], np.int64))], "attention")


def _joined(g: GraphBuilder, raw: str, anchors: Anchors, along: str, tiny: str) -> tuple[str, str]:
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
        length = g.add(
            "Max", [g.add("ReduceL2", [part], f"{name}.norm", axes=[1], keepdims=1), tiny], f"{name}.length"
        )
        weight = g.constant(f"{name}.weight", loud[:, index : index + 1])
        prototypes = array(anchors[name])
        unit = g.add("Div", [part, length], f"{name}.unit")
        asked = g.constant(f"{name}.asked", np.ascontiguousarray(prototypes.T * np.float32(SHARPNESS)))
        likely = g.add(
            "Softmax", [g.add("MatMul", [unit, asked], f"{name}.logits")], f"{name}.likely", axis=1
        )
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


def _blocks(g: GraphBuilder, x: str, blocks: nn.Module, name: str) -> str:
    for number, block in enumerate(blocks.children()):
        assert isinstance(block, Residual)
        y = x
        for index, unit in enumerate(block.units):
            assert isinstance(unit, ConvUnit)
            y = _unit(g, y, unit, f"{name}.{number}.{index}")
        x = g.add("Add", [x, y], f"{name}.{number}.sum") if block.shortcut else y
    return x


def _unit(g: GraphBuilder, x: str, unit: ConvUnit, name: str) -> str:
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


def folded(unit: ConvUnit) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the kernel and bias of a unit with its normalization in them."""
    norm = unit.norm
    assert norm.running_mean is not None
    assert norm.running_var is not None
    with torch.no_grad():
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        return array(unit.conv.weight * scale[:, None, None, None]), array(
            norm.bias - norm.running_mean * scale
        )

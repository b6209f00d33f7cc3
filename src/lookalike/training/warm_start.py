"""The way back: trainable towers out of shipped ONNX files, so that no second set of weights is needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from lookalike.errors import BadModel
from lookalike.training.towers import ImageTower, TextTower, Unit


def image_tower(file: Path) -> ImageTower:
    """Read an image tower back; its normalisation is part of its kernels from then on."""
    weights, graph = _weights(file)
    kernels: list[NDArray[np.float32]] = []
    while (name := f"trunk.{len(kernels)}.weight") in weights:
        kernels.append(weights[name])
    if not kernels or "project.weight" not in weights:
        raise BadModel(f"{file} is no image tower of Lookalike: it cannot be trained further.")
    strides = _strides(graph)
    tower = ImageTower(*_shape(kernels, strides))
    with torch.no_grad():
        for index, (unit, kernel) in enumerate(zip(tower.trunk, kernels, strict=True)):
            assert isinstance(unit, Unit)
            _fill(unit, kernel, weights[f"trunk.{index}.bias"])
        tower.attention.weight.copy_(torch.from_numpy(weights["attention.weight"].copy()))
        assert tower.attention.bias is not None
        tower.attention.bias.copy_(torch.from_numpy(weights["attention.bias"].copy()))
        tower.project.weight.copy_(torch.from_numpy(weights["project.weight"][:, :, 0, 0].copy()))
        tower.project.bias.copy_(torch.from_numpy(weights["project.bias"].copy()))
    return tower


def text_tower(file: Path) -> TextTower:
    """Read a text tower back."""
    weights, _ = _weights(file)
    if not {"table", "scale", "inner.weight", "outer.weight"} <= weights.keys():
        raise BadModel(f"{file} is no text tower of Lookalike: it cannot be trained further.")
    table = weights["table"].astype(np.float32) * weights["scale"]
    tower = TextTower(table.shape[1], weights["inner.weight"].shape[0])
    with torch.no_grad():
        tower.table.weight.copy_(torch.from_numpy(table))
        for name, layer in (("inner", tower.inner), ("outer", tower.outer)):
            layer.weight.copy_(torch.from_numpy(weights[f"{name}.weight"].copy()))
            layer.bias.copy_(torch.from_numpy(weights[f"{name}.bias"].copy()))
    return tower


def anchors(file: Path) -> dict[str, torch.Tensor]:
    """Read back the classes that an image tower draws its pictures to, by block."""
    weights, _ = _weights(file)
    return {
        name.removesuffix(".pulls"): torch.from_numpy(np.array(value, dtype=np.float32))
        for name, value in weights.items()
        if name.endswith(".pulls")
    }


def _fill(unit: Unit, kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    weight = torch.from_numpy(kernel.copy())
    if unit.shortcut:
        weight[:, :, 1, 1] -= torch.eye(len(weight))
    unit.conv.weight.copy_(weight)
    unit.norm.reset_running_stats()
    # The variance that makes a normalisation with this epsilon change nothing.
    assert unit.norm.running_var is not None
    unit.norm.running_var.fill_(1 - unit.norm.eps)
    unit.norm.weight.fill_(1)
    unit.norm.bias.copy_(torch.from_numpy(bias.copy()))


def _shape(kernels: list[NDArray[np.float32]], strides: list[int]) -> tuple[list[int], list[int]]:
    widths, depths = [kernels[0].shape[0]], list[int]()
    for kernel, stride in zip(kernels[1:], strides[1:], strict=True):
        if stride > 1 or kernel.shape[0] != kernel.shape[1]:
            widths.append(kernel.shape[0])
            depths.append(0)
        else:
            depths[-1] += 1
    return widths, depths


def _strides(graph: onnx.GraphProto) -> list[int]:
    convolutions = {node.name: node for node in graph.node if node.op_type == "Conv"}
    strides: list[int] = []
    while (node := convolutions.get(f"trunk.{len(strides)}.conv")) is not None:
        named = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        strides.append(int(named.get("strides", [1])[0]))
    return strides


def _weights(file: Path) -> tuple[dict[str, NDArray[np.float32]], onnx.GraphProto]:
    """All weights by the names they had before they were shrunk."""
    graph = onnx.load(file).graph
    found = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    for name in list(found):
        if not name.endswith("_quantized"):
            continue
        plain = name.removesuffix("_quantized")
        # Scales lie beside the weight, under its own name or that of the quantised one.
        scale = found.get(f"{plain}_scale", found.get(f"{name}_scale"))
        if scale is None:
            raise BadModel(f"{file} has no scale for {plain}: the file is not whole.")
        shape = (-1,) + (1,) * (found[name].ndim - 1)
        found[plain] = found[name].astype(np.float32) * np.asarray(scale, np.float32).reshape(shape)
    return found, graph

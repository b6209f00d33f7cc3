"""Builds ONNX graphs node by node, so that serving needs no training code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_OPSET = 17


class GraphBuilder:
    """A graph under construction: each call adds one node and returns the name of its result."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[np.generic] | np.generic) -> str:
        """Add a weight, once per name."""
        self._weights.setdefault(name, numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def add(self, kind: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:
        """Add a node with one result."""
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def model(
        self, title: str, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        """Finish and check the graph."""
        weights = list(self._weights.values())
        graph = helper.make_graph(self._nodes, title, list(inputs), list(outputs), weights)
        made = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], producer_name="lookalike"
        )
        made.ir_version = 8
        onnx.checker.check_model(made, full_check=True)
        return made


def array(tensor: torch.Tensor | None) -> NDArray[np.float32]:
    """Convert a torch weight to NumPy."""
    assert tensor is not None
    return tensor.detach().float().contiguous().numpy()

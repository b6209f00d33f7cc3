"""Weights and activations in one byte each: static, per channel, calibrated on real photos."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

_QUANTIZED = ("trunk.", "general.", "fashion.")


class _Photos(CalibrationDataReader):
    """Hands out example photos one by one."""

    def __init__(self, images: NDArray[np.float32]) -> None:
        self._images: Iterator[NDArray[np.float32]] = iter(np.split(images, len(images)))

    def get_next(self) -> dict[str, NDArray[np.float32]]:
        """Return the next photo as the graph's input."""
        image = next(self._images, None)
        # The caller takes an empty answer for the end.
        return {} if image is None else {"images": image}


def quantize(model: onnx.ModelProto, images: NDArray[np.float32]) -> onnx.ModelProto:
    """Return the image graph with its convolutional layers in int8; the readout stays in float32."""
    nodes = [
        node.name
        for node in model.graph.node
        if node.name.startswith(_QUANTIZED)
        and (node.op_type in ("Conv", "Clip") or node.name.endswith(".sum"))
        and ".cells" not in node.name
    ]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        onnx.save(model, source)
        quantize_static(
            source,
            target,
            _Photos(images),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            nodes_to_quantize=nodes,
            calibrate_method=CalibrationMethod.MinMax,
        )
        small = onnx.load(target)
    onnx.checker.check_model(small)
    return small

"""Weights and activations in one byte each: static, per channel, with the values of real pictures."""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, redirect_stdout
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


class _Pictures(CalibrationDataReader):
    """Hands out example pictures one by one."""

    def __init__(self, images: NDArray[np.float32]) -> None:
        self._images: Iterator[NDArray[np.float32]] = iter(np.split(images, len(images)))

    def get_next(self) -> dict[str, NDArray[np.float32]]:
        """Return the next picture as the graph's input."""
        image = next(self._images, None)
        # The caller takes an empty answer for the end.
        return {} if image is None else {"images": image}


def shrink(model: onnx.ModelProto, images: NDArray[np.float32], *, spread: bool = True) -> onnx.ModelProto:
    """Return the image graph with its trunk in int8, calibrated on example pictures."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        onnx.save(model, source)
        trunk = [
            node.name
            for node in model.graph.node
            if node.name.startswith("trunk.") and node.op_type == "Conv"
        ]
        with _quietly():
            quantize_static(
                source,
                target,
                _Pictures(images),
                quant_format=QuantFormat.QDQ,
                activation_type=QuantType.QInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
                nodes_to_quantize=trunk,
                calibrate_method=CalibrationMethod.Percentile if spread else CalibrationMethod.MinMax,
                extra_options={"CalibPercentile": 99.999} if spread else {},
            )
        small = onnx.load(target)
    onnx.checker.check_model(small)
    return small


@contextmanager
def _quietly() -> Generator[None]:
    """Keep what the quantiser says of its steps from whoever adapts a shop: failures still come as errors."""
    root, hearer = logging.getLogger(), logging.NullHandler()
    # Without any handler, its first warning would set up one for the whole program.
    root.addHandler(hearer)
    root.addFilter(_not_advice)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        root.removeFilter(_not_advice)
        root.removeHandler(hearer)


def _not_advice(record: logging.LogRecord) -> bool:
    return record.levelno > logging.WARNING

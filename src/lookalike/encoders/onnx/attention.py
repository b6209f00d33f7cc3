"""Where the built-in encoder looks in an image: heat maps of a match and suggested crops.

An image's vector is exactly the sum of its cells' vectors. The cosine with another vector is therefore a sum
over cells, which is the heat map.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from PIL.Image import Image

from lookalike.encoders.onnx.preprocess import tensor
from lookalike.encoders.spec import Preprocessing
from lookalike.types import Vector

Map: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Box: TypeAlias = tuple[float, float, float, float]

# Larger than for vectors: a cell covers 32 pixels, and here location matters more than the exact vector.
SIDE = 384
_SMALLEST_SHARE = 0.04
_ROOM = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """An encoded image: its vector, the contribution of each cell, and the attention map."""

    vector: Vector
    cells: Map
    attention: Map

    def heat(self, other: Vector) -> Map:
        """Return each cell's contribution to the cosine with another vector of the space, [rows, columns]."""
        return cast("Map", self.cells @ np.asarray(other, np.float32))

    def boxes(self, most: int = 3) -> list[Box]:
        """Return one to three crops to search for, best first: left, top, right, bottom as fractions."""
        patches = _patches(self.attention)
        total = sum(weight for weight, _ in patches)
        kept = [box for weight, box in patches if weight >= _SMALLEST_SHARE * total][:most]
        return kept or [(0.0, 0.0, 1.0, 1.0)]


class Sight:
    """Runs the image tower of the built-in encoder, with access to its inner feature maps."""

    def __init__(self, file: Path, threads: int = 0) -> None:
        self._file = file
        self._threads = threads
        self._pixels = Preprocessing(
            side=SIDE, resize="squash", scale=1.0, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)
        )

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        # As in `runtime`: the same results on every processor.
        options.add_session_config_entry("session.x64quantprecision", "1")
        return onnxruntime.InferenceSession(str(self._file), options, providers=["CPUExecutionProvider"])

    def see(self, image: Image) -> Seen:
        """Encode one image."""
        outputs = self._session.run(["vector", "cells", "attention"], {"images": tensor(image, self._pixels)})
        vector, cells, attention = (np.asarray(output[0], np.float32) for output in outputs)
        return Seen(vector, cells, attention)


def _patches(attention: Map) -> list[tuple[float, Box]]:
    """Return the salient connected regions with their weight, heaviest first."""
    rows, columns = attention.shape
    low, high = float(attention.min()), float(attention.max())
    strong = attention >= (low + high) / 2
    seen = np.zeros_like(strong)
    patches: list[tuple[float, Box]] = []
    for start in zip(*np.nonzero(strong), strict=True):
        if seen[start]:
            continue
        seen[start] = True
        waiting, members = [start], [start]
        while waiting:
            row, column = waiting.pop()
            for place in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                inside = 0 <= place[0] < rows and 0 <= place[1] < columns
                if inside and strong[place] and not seen[place]:
                    seen[place] = True
                    waiting.append(place)
                    members.append(place)
        down, across = np.array(members).T
        # A cell sees beyond its edge, so that a crop is extended by half a cell on every side.
        box = (
            max(0.0, float(across.min() - _ROOM) / columns),
            max(0.0, float(down.min() - _ROOM) / rows),
            min(1.0, float(across.max() + 1 + _ROOM) / columns),
            min(1.0, float(down.max() + 1 + _ROOM) / rows),
        )
        patches.append((float(attention[down, across].sum()), box))
    return sorted(patches, reverse=True)

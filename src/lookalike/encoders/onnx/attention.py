"""Where in a picture the built-in encoder looks: heat maps of a match and suggested crops.

The vector of a picture is the sum of its cells, exactly: the cosine with any other vector is the sum of
what the cells say to it, and that is the heat map.
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

# Finer than for vectors: a cell sees 32 pixels, and places matter here more than the last bit of the vector.
SIDE = 384
_SMALLEST_SHARE = 0.04
_ROOM = 0.5


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture as the encoder sees it: its vector, what each cell adds to it, and where it attends."""

    vector: Vector
    cells: Map
    attention: Map

    def heat(self, other: Vector) -> Map:
        """What each cell adds to the cosine with another vector of the same space, [rows, columns]."""
        return cast("Map", self.cells @ np.asarray(other, np.float32))

    def boxes(self, most: int = 3) -> list[Box]:
        """One to three crops worth searching for, best first: left, top, right, bottom in fractions."""
        patches = _patches(self.attention)
        total = sum(weight for weight, _ in patches)
        kept = [box for weight, box in patches if weight >= _SMALLEST_SHARE * total][:most]
        return kept or [(0.0, 0.0, 1.0, 1.0)]


class Sight:
    """Runs the image tower of the built-in encoder for its inner maps."""

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
        # As in `runtime`: the same numbers on every processor.
        options.add_session_config_entry("session.x64quantprecision", "1")
        return onnxruntime.InferenceSession(str(self._file), options, providers=["CPUExecutionProvider"])

    def see(self, image: Image) -> Seen:
        """Look at one picture."""
        outputs = self._session.run(["vector", "cells", "attention"], {"images": tensor(image, self._pixels)})
        vector, cells, attention = (np.asarray(output[0], np.float32) for output in outputs)
        return Seen(vector, cells, attention)


def _patches(attention: Map) -> list[tuple[float, Box]]:
    """The connected regions that stand out, with their weight, heaviest first."""
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
        # A cell sees beyond its edge, so a crop gets half a cell of room on every side.
        box = (
            max(0.0, float(across.min() - _ROOM) / columns),
            max(0.0, float(down.min() - _ROOM) / rows),
            min(1.0, float(across.max() + 1 + _ROOM) / columns),
            min(1.0, float(down.max() + 1 + _ROOM) / rows),
        )
        patches.append((float(attention[down, across].sum()), box))
    return sorted(patches, reverse=True)

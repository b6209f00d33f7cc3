"""Features of the image tower for a shop's photos: computed once, stored, and used by all training."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL.Image import Image

from lookalike.encoders.files import Source
from lookalike.encoders.onnx.runtime import Network, OnnxImages

log = logging.getLogger(__name__)

FEATURES = "features"
_FILE = "features.npz"
_BATCH = 64


class FeatureReader:
    """Computes the pooled features of an image tower, before its readout."""

    def __init__(self, tower: Source) -> None:
        file, digest = tower.verified(tower.record.file)
        record = replace(tower.record, output=FEATURES, normalise=False, dim=0)
        self._images = OnnxImages(Network(record, file, digest))
        self._digest = digest
        self.side = self._images.input_side

    def read(
        self,
        photos: Sequence[str],
        open_photo: Callable[[str], Image],
        folder: Path,
        stop: threading.Event | None,
    ) -> torch.Tensor | None:
        """Return a row per photo; None if stopped, in which case the next call resumes."""
        rows = self._kept(photos, folder)
        begun = len(rows)
        for start in range(begun, len(photos), _BATCH):
            if stop is not None and stop.is_set():
                self._keep(photos, rows, folder)
                return None
            part = [open_photo(photo) for photo in photos[start : start + _BATCH]]
            rows = np.concatenate([rows, self._images.encode_images(part).astype(np.float16)])
            if start // _BATCH % 16 == 15:
                log.info("Computed features of %d of %d photos.", len(rows), len(photos))
        if len(rows) > begun:
            self._keep(photos, rows, folder)
        return torch.from_numpy(rows.astype(np.float32))

    def _kept(self, photos: Sequence[str], folder: Path) -> NDArray[np.float16]:
        nothing = np.zeros((0, self._images.dim), np.float16)
        file = folder / _FILE
        if not file.exists():
            return nothing
        with np.load(file, allow_pickle=False) as kept:
            same = kept["digest"] == self._digest and list(kept["photos"]) == list(
                photos[: len(kept["photos"])]
            )
            return kept["rows"] if same else nothing

    def _keep(self, photos: Sequence[str], rows: NDArray[np.float16], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / "features.partial.npz"
        np.savez(partial, digest=self._digest, photos=np.array(photos[: len(rows)], str), rows=rows)
        partial.replace(folder / _FILE)

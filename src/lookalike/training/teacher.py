"""What a large, already trained network says of each training picture, computed once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

from lookalike.media.images import read_image
from lookalike.training.public_datasets import Example

log = logging.getLogger(__name__)

VIEWS = 4
_SIZE = 224
_WHOLE = (0.0, 0.0, 1.0, 1.0)


def view_boxes(count: int, seed: int) -> NDArray[np.float32]:
    """Return [count, VIEWS, 4] crop boxes in fractions; the first view is the whole picture."""
    dice = np.random.default_rng(seed)
    area = dice.uniform(0.35, 0.95, (count, VIEWS))
    aspect = np.exp(dice.uniform(-0.3, 0.3, (count, VIEWS)))
    width = np.minimum(1, np.sqrt(area * aspect))
    height = np.minimum(1, np.sqrt(area / aspect))
    left = dice.uniform(0, 1, (count, VIEWS)) * (1 - width)
    top = dice.uniform(0, 1, (count, VIEWS)) * (1 - height)
    boxes = np.stack([left, top, left + width, top + height], axis=-1).astype(np.float32)
    boxes[:, 0] = _WHOLE
    return boxes


def views_of(kind: str) -> int:
    """Return how many of the boxes the teacher has seen of a kind of picture."""
    # A whole and a single crop of an unrelated object teach enough; garments deserve every view.
    return 2 if kind == "object" else VIEWS


def teach(
    examples: Sequence[Example], boxes: NDArray[np.float32], model: Path, cache: Path, threads: int = 2
) -> NDArray[np.float16]:
    """Return the teacher's features [examples, VIEWS, width], resuming from the cache."""
    cache.mkdir(parents=True, exist_ok=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    parts: list[NDArray[np.float16]] = []
    step = 512
    for start in range(0, len(examples), step):
        part = cache / f"teacher-{start}.npy"
        if not part.exists():
            chunk = examples[start : start + step]
            features = _features(session, chunk, boxes[start : start + step])
            np.save(part.with_suffix(".partial.npy"), features)
            part.with_suffix(".partial.npy").replace(part)
            log.info("teacher %d/%d", start + len(chunk), len(examples))
        parts.append(np.load(part))
    return np.concatenate(parts)


def _features(
    session: onnxruntime.InferenceSession, examples: Sequence[Example], boxes: NDArray[np.float32]
) -> NDArray[np.float16]:
    rows: list[NDArray[np.float16]] = []
    with ThreadPoolExecutor(2) as pool:
        views = pool.map(_views, examples, boxes)
        for batch in views:
            features = np.asarray(session.run(["features"], {"images": batch})[0])
            rows.append(np.resize(features, (VIEWS, features.shape[1])).astype(np.float16))
    return np.stack(rows)


def _views(example: Example, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    assert example.picture is not None
    wanted = views_of(example.kind)
    picture = read_image(example.picture)
    across, down = picture.size
    views: list[NDArray[np.float32]] = []
    for left, top, right, bottom in boxes[:wanted].tolist():
        box = (left * across, top * down, right * across, bottom * down)
        view = picture.resize((_SIZE, _SIZE), Image.Resampling.BILINEAR, box=box)
        views.append(np.asarray(view, dtype=np.float32).transpose(2, 0, 1) / 127.5 - 1)
    return np.stack(views)

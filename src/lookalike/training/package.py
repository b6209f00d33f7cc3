"""A trained pair of towers becomes a folder that any catalogue can name: graphs, records, figures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch.nn import functional

from lookalike.encoders.spec import EncoderSpec, ModelFile, Preprocessing
from lookalike.encoders.text.hashing import batch_ids
from lookalike.errors import BadModel
from lookalike.training.export_onnx import image_graph, text_graph, write
from lookalike.training.quantize import shrink
from lookalike.training.towers import (
    BLOCKS,
    DIM,
    Anchors,
    Block,
    ImageTower,
    TextTower,
    join_image,
    join_text,
)

_CLOSE = 0.999
_EXAMPLES = 192


@dataclass(frozen=True)
class Closeness:
    """The smallest and the mean cosine between trained and exported towers."""

    lowest: float
    mean: float


def ship(
    folder: Path,
    name: str,
    image: ImageTower,
    text: TextTower,
    pixels: torch.Tensor,
    titles: Sequence[str],
    side: int,
    *,
    licence: str = "",
    summary: str = "",
    blocks: Sequence[Block] = BLOCKS,
    anchors: Anchors | None = None,
) -> Mapping[str, Closeness]:
    """Write both towers with their records and return how close they are to the trained ones."""
    folder.mkdir(parents=True, exist_ok=True)
    examples = _sized(pixels, side)
    whole = image_graph(image, blocks, anchors)
    small = shrink(whole, examples[:_EXAMPLES].numpy())
    words = text_graph(text, blocks)
    write(small, folder / "image.onnx")
    write(words, folder / "text.onnx")
    checked = examples[-64:]
    with torch.no_grad():
        wanted = join_image(image.eval()(checked)[0], blocks, anchors).numpy()
        said = join_text(text.eval()(torch.from_numpy(batch_ids(titles))), blocks).numpy()
    found = {
        "image, float32": _closeness(_run(whole.SerializeToString(), "images", checked.numpy()), wanted),
        "image, int8": _closeness(_run(small.SerializeToString(), "images", checked.numpy()), wanted),
        "text, int8 table": _closeness(_run(words.SerializeToString(), "token_ids", batch_ids(titles)), said),
    }
    if found["image, float32"].lowest < _CLOSE or found["text, int8 table"].mean < _CLOSE:
        raise BadModel(f"The exported towers differ from the trained ones: {found}.")
    for record in _records(folder, name, side, licence, summary):
        facts = {key: value for key, value in asdict(record).items() if value not in ("", (), None)}
        facts.pop("pixels" if record.kind == "text" else "tokens")
        (folder / f"{record.kind}.json").write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
    return found


def _records(folder: Path, name: str, side: int, licence: str, summary: str) -> list[EncoderSpec]:
    pixels = Preprocessing(
        side=side, resize="squash", filter="bilinear", scale=1.0, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)
    )
    image = EncoderSpec(
        name=name,
        kind="image",
        file=_file(folder / "image.onnx"),
        summary=f"{summary}, pictures",
        licence=licence,
        input="images",
        output="vector",
        dim=DIM,
        pixels=pixels,
    )
    text = EncoderSpec(
        name=name,
        kind="text",
        file=_file(folder / "text.onnx"),
        summary=f"{summary}, words",
        licence=licence,
        input="token_ids",
        output="vector",
        dim=DIM,
    )
    return [image, text]


def _file(path: Path) -> ModelFile:
    content = path.read_bytes()
    return ModelFile(path.name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def _sized(pixels: torch.Tensor, side: int) -> torch.Tensor:
    images = pixels[:, :3].float()
    if images.shape[-1] == side:
        return images
    return functional.interpolate(
        images, size=(side, side), mode="bilinear", antialias=True, align_corners=False
    )


def _run(model: bytes, name: str, batch: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    # Batches of different sizes: a graph that bakes one in fails here and not in a shop.
    cuts = [1, 3, 8]
    parts = [
        np.asarray(session.run(["vector"], {name: part})[0]) for part in np.split(batch, cuts) if len(part)
    ]
    return np.concatenate(parts)


def _closeness(left: np.ndarray, right: np.ndarray) -> Closeness:
    cosines = (left * right).sum(1)
    return Closeness(float(cosines.min()), float(cosines.mean()))

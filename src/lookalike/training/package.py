"""Writes the records beside a pair of graphs, which make a folder usable as an encoder."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from lookalike.encoders.spec import EncoderSpec, ModelFile, Preprocessing, Tokens
from lookalike.training.towers import DIM


def write_records(
    folder: Path, name: str, pixels: Preprocessing, buckets: int, *, licence: str, summary: str
) -> None:
    """Write `image.json` and `text.json` beside the graphs of a folder."""
    image = EncoderSpec(
        name=name,
        kind="image",
        file=_file(folder / "image.onnx"),
        summary=f"{summary}, images",
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
        summary=f"{summary}, text",
        licence=licence,
        input="token_ids",
        output="vector",
        dim=DIM,
        tokens=Tokens(buckets=buckets),
    )
    for record in (image, text):
        facts = {key: value for key, value in asdict(record).items() if value not in ("", (), None)}
        facts.pop("pixels" if record.kind == "text" else "tokens")
        (folder / f"{record.kind}.json").write_text(json.dumps(facts, indent=2) + "\n", "utf-8")


def _file(path: Path) -> ModelFile:
    content = path.read_bytes()
    return ModelFile(path.name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))

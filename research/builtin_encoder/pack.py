"""Photos packed small enough to travel to a rented GPU: WebP at the size they are trained at."""

from __future__ import annotations

import gzip
import io
import json
import struct
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from research.builtin_encoder.dataset import Example

LONGEST = 224
QUALITY = 76
_HEADER = struct.Struct("<I")


def encoded(photo: Path) -> bytes:
    """Return a photo as WebP with its longer side at most LONGEST."""
    with Image.open(photo) as opened:
        image = opened.convert("RGB")
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.BICUBIC)
    target = io.BytesIO()
    image.save(target, "WEBP", quality=QUALITY, method=3)
    return target.getvalue()


def write_pack(examples: Sequence[Example], target: Path, workers: int = 2) -> int:
    """Write photos one after the other and return the size of the file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(workers) as pool, target.open("wb") as out:
        photos = [each.photo for each in examples if each.photo is not None]
        for content in pool.map(encoded, photos, chunksize=64):
            out.write(_HEADER.pack(len(content)))
            out.write(content)
    return target.stat().st_size


def read_pack(source: Path) -> Iterator[bytes]:
    """Give the photos of a pack back in their order."""
    with source.open("rb") as lines:
        while header := lines.read(_HEADER.size):
            (size,) = _HEADER.unpack(header)
            yield lines.read(size)


def write_table(examples: Sequence[Example], target: Path) -> None:
    """Write what is known of the examples, without their photos."""
    rows = [{**asdict(each), "photo": None if each.photo is None else each.photo.name} for each in examples]
    target.write_bytes(gzip.compress(json.dumps(rows, separators=(",", ":")).encode(), mtime=0))


def read_table(source: Path) -> list[Example]:
    """Read the examples of `write_table`; a photo is only a name there."""
    rows = json.loads(gzip.decompress(source.read_bytes()))
    return [Example(**{**row, "photo": Path(row["photo"]) if row["photo"] else None}) for row in rows]

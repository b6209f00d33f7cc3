"""What an index must answer, written out, and products to ask it for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from lookalike.index import Entry, Index, Probe
from lookalike.vectors.sparse import SparseRow

# Makes an index for image rows of one length, text rows of another, and a metric.
MakeIndex: TypeAlias = Callable[..., Index]

COLOURS = ("red", "green", "blue")
IMAGE, TEXT = 24, 24


def entries(seed: int, count: int, image: int = 6, text: int = 4) -> list[Entry]:
    """Products with nothing, one or several photos, some in groups, some without words."""
    random = np.random.default_rng(seed)
    made: list[Entry] = []
    for number in range(count):
        photos = int(random.integers(0, 4))
        rows = random.standard_normal((photos, image)).astype(np.float32) if photos else None
        if rows is not None:
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        words = random.standard_normal(text).astype(np.float32)
        made.append(
            Entry(
                id=f"p{number:03}",
                group=f"g{number % 5}" if random.random() < 0.5 else "",
                facets={"colour": COLOURS[number % 3], "size": ("S", "M")[: 1 + number % 2]},
                price=float(number) if number % 4 else None,
                photos=tuple(f"p{number}-{photo}" for photo in range(photos)),
                images=rows,
                text=words / np.linalg.norm(words) if random.random() < 0.8 else None,
            )
        )
    return made


def passes(entry: Entry, where: dict[str, Any]) -> bool:
    """A filter, spelled out for three fields."""
    if "colour" in where and entry.facets["colour"] not in where["colour"]:
        return False
    if "size" in where and where["size"] not in entry.facets["size"]:  # pyright: ignore[reportOperatorIssue]
        return False
    if "price" in where:
        return entry.price is not None and entry.price < where["price"]["lt"]
    return True


def expected(given: list[Entry], probe: Probe, where: dict[str, Any]) -> list[tuple[str, float]]:
    """Every product's best photo by the weighted sum, best first, one of each group."""
    scored: list[tuple[float, str, str]] = []
    for entry in given:
        if entry.id in probe.exclude or not passes(entry, where):
            continue
        look = 0.0
        if entry.images is not None and probe.image is not None:
            look = float((entry.images @ probe.image).max())
        read = 0.0
        if entry.text is not None and probe.text is not None and not isinstance(entry.text, SparseRow):
            read = float(entry.text @ probe.text)  # pyright: ignore[reportOperatorIssue]
        score = probe.image_weight * look + probe.text_weight * read + probe.bonus.get(entry.id, 0.0)
        if probe.min_score is None or score >= probe.min_score:
            scored.append((-score, entry.id, entry.group if probe.grouped else ""))
    found: list[tuple[str, float]] = []
    seen: set[str] = set()
    for negative, id, group in sorted(scored):
        if not group or group not in seen:
            seen.add(group)
            found.append((id, -negative))
    return found[probe.offset : probe.offset + probe.k]


def clustered(count: int, seed: int = 0) -> list[Entry]:
    """Products in families, some with two photos, some without words, some in groups."""
    random = np.random.default_rng(seed)
    families = np.random.default_rng(99).standard_normal((60, IMAGE + TEXT))
    made: list[Entry] = []
    for number in range(count):
        family = int(random.integers(60))
        photos = 1 + number % 10 // 9
        rows = families[family] + 0.6 * random.standard_normal((photos, IMAGE + TEXT))
        images, text = unit(rows[:, :IMAGE]), unit(rows[:1, IMAGE:])[0]
        made.append(
            Entry(
                id=f"{seed}-{number}",
                group=f"g{number // 3}" if number % 5 == 0 else "",
                facets={"family": f"f{family}", "tenth": f"t{number % 10}", "sizes": ("S", f"M{number % 3}")},
                price=float(number % 100),
                photos=tuple(f"{seed}-{number}-{photo}" for photo in range(photos)),
                images=images,
                text=text if number % 7 else None,
            )
        )
    return made


def unit(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rows of length one."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

"""A feed cut to a size that a benchmark can repeat."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import lookalike
from lookalike import FeedRow


class Part:
    """The first products of a feed, read from its file each time."""

    name = "part"

    def __init__(self, path: Path, products: int | None) -> None:
        self._path, self._products = path, products

    def __iter__(self) -> Iterator[FeedRow]:
        return itertools.islice(lookalike.read_feed(self._path), self._products)

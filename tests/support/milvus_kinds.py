"""Milvus as two more kinds of index for the suite that every kind must pass."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias

import pytest

from lookalike.index import Index, Space, open_index

Open: TypeAlias = Callable[[Space], Index]

# Most tests ask for this one.
USUAL = (6, 4, "cosine")
AHEAD = 6


def lite(request: pytest.FixtureRequest) -> Open:
    """Milvus in this process, in a folder."""
    pytest.importorskip("milvus_lite")
    folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    url = str(folders.mktemp("lite") / "rows.milvus")
    return lambda space: open_index(url, space)


def server(request: pytest.FixtureRequest) -> Open:
    """Milvus as a server."""
    ahead = Ahead(request.getfixturevalue("milvus_url"))
    request.addfinalizer(ahead.close)
    return ahead.open


class Ahead:
    """Opens indexes before they are asked for: one takes a server three seconds, and six not much more."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._opening = ThreadPoolExecutor(AHEAD)
        self._ready: deque[Future[Index]] = deque()

    def open(self, space: Space) -> Index:
        """An index of that space, though not of that catalog."""
        if (space.image_dim, space.text_dim, space.metric) != USUAL:
            return open_index(self._url, space)
        while len(self._ready) < AHEAD:
            another = Space(uuid.uuid4().hex, "made", *USUAL)
            self._ready.append(self._opening.submit(open_index, self._url, another))
        return self._ready.popleft().result()

    def close(self) -> None:
        """Close what nobody asked for."""
        for future in self._ready:
            future.result().close()
        self._opening.shutdown()

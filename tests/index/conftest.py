"""Every kind of index, for the one suite that all of them must pass."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from lookalike.index import Index, Space, open_index
from support.milvus_kinds import lite, server
from support.nearest import MakeIndex

Open: TypeAlias = Callable[[Space], Index]


def exact(_: pytest.FixtureRequest) -> Open:
    """Every row is looked at."""
    return lambda space: open_index("exact", space)


def by_size(_: pytest.FixtureRequest) -> Open:
    """What is chosen where nothing is said."""
    return lambda space: open_index("", space)


IN_PROCESS = {"exact": exact, "by size": by_size}
KINDS = {**IN_PROCESS, "milvus lite": lite, "milvus": server}


@pytest.fixture(scope="session", params=KINDS.values(), ids=KINDS)
def make_index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeIndex]:
    """Makes empty indexes of one kind, each for a catalog of its own."""
    with ExitStack() as closing:
        yield maker(request.param(request), tmp_path_factory, closing)


@pytest.fixture(scope="session", params=IN_PROCESS.values(), ids=IN_PROCESS)
def make_index_here(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeIndex]:
    """Makes empty indexes of one kind that needs no server: hundreds of them take no time."""
    with ExitStack() as closing:
        yield maker(request.param(request), tmp_path_factory, closing)


def maker(opens: Open, folders: pytest.TempPathFactory, closing: ExitStack) -> MakeIndex:
    """What makes and finally closes the indexes of one kind."""

    def make(image_dim: int, text_dim: int, metric: str = "cosine") -> Index:
        folder: Path = folders.mktemp("catalog") / "shop.db.index"
        index = opens(Space(uuid.uuid4().hex, "made", image_dim, text_dim, metric, folder))
        closing.callback(index.close)
        return index

    return make

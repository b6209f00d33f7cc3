"""Memory that was freed returns to the system."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from lookalike import Shop
from lookalike.encoders import text_encoder
from lookalike.freed_memory import return_freed_memory
from support.free_memory import FREED_MB, freed_amid_used, needs_linux, resident_mb
from support.samples import goods


@needs_linux
def test_memory_freed_between_pieces_in_use_returns_to_the_system() -> None:
    in_use = freed_amid_used()
    before = resident_mb()
    return_freed_memory()
    assert before - resident_mb() > FREED_MB / 2
    assert len(in_use) > 0


@needs_linux
@pytest.mark.parametrize("back", [False, True])
def test_a_switch_returns_freed_memory(tmp_path: Path, back: bool) -> None:
    with Shop.open(tmp_path / "shop.db") as shop:
        shop.add(goods())
        if back:
            shop.switch("pixels")
        in_use = freed_amid_used()
        before = resident_mb()
        if back:
            shop.switch_back()
        else:
            shop.switch("pixels")
        assert before - resident_mb() > FREED_MB / 4
        assert len(in_use) > 0


@needs_linux
def test_opening_an_encoder_returns_freed_memory() -> None:
    in_use = freed_amid_used()
    before = resident_mb()
    encoder = text_encoder("builtin", 3)
    assert before - resident_mb() > FREED_MB / 4
    assert len(in_use) > 0 < encoder.dim


def test_the_former_encoders_and_their_index_are_garbage_after_a_switch(tmp_path: Path) -> None:
    with Shop.open(tmp_path / "shop.db") as shop:
        shop.add(goods())
        shop.search(text="box", k=3)
        pipeline = shop.catalog.pipeline
        used = (pipeline.image_encoder(), pipeline.bulk_encoder(), pipeline.text_encoder(), shop.engine.index)
        former = [weakref.ref(each) for each in (pipeline, *used) if each is not None]
        assert len(former) == 5
        del pipeline, used
        shop.switch("pixels")
        gc.collect()
        assert [each() for each in former] == [None] * len(former)

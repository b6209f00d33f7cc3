"""Memory that was freed returns to the system."""

from __future__ import annotations

import gc
import os
import platform
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from lookalike import Shop
from lookalike.encoders import text_encoder
from lookalike.freed_memory import ARENAS, return_freed_memory
from support.free_memory import FREED_MB, freed_amid_used, needs_linux, resident_mb
from support.samples import goods

# Threads that run at the same time allocate; glibc then lists its arenas.
COUNTS_ARENAS = """
import ctypes, sys, threading
from lookalike.freed_memory import share_arenas
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
libc.fopen.argtypes, libc.fclose.argtypes = [ctypes.c_char_p] * 2, [ctypes.c_void_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
share_arenas()
together = threading.Barrier(8)
def allocate():
    together.wait()
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
file = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, file)
libc.fclose(file)
"""


@needs_linux
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
@pytest.mark.parametrize("chosen", [None, "4"])
def test_threads_of_a_server_share_two_arenas_unless_the_operator_chose_another_number(
    tmp_path: Path, chosen: str | None
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    if chosen:
        environment["MALLOC_ARENA_MAX"] = chosen
    report = tmp_path / "arenas.xml"
    subprocess.run([sys.executable, "-c", COUNTS_ARENAS, str(report)], env=environment, check=True)
    assert report.read_text().count("<heap nr=") == int(chosen or ARENAS)


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

"""Catalogs with the same recipe share one encoder, as long as one of them is open."""

from __future__ import annotations

import gc
from pathlib import Path

from lookalike import Shop
from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.files import Source
from lookalike.encoders.shared import SharedEncoders
from lookalike.encoders.spec import EncoderSpec, ModelFile


class Opened:
    """An encoder that is only counted."""

    count = 0

    def __init__(self, source: Source, threads: int) -> None:
        Opened.count += 1
        self.made_of = (source, threads)


def test_two_catalogs_share_both_towers(tmp_path: Path) -> None:
    with Shop.open(tmp_path / "a.db", "builtin") as a, Shop.open(tmp_path / "b.db", "builtin") as b:
        assert a.catalog.pipeline.text_encoder() is b.catalog.pipeline.text_encoder()
        assert a.catalog.pipeline.image_encoder() is b.catalog.pipeline.image_encoder()
        assert a.catalog.pipeline.bulk_encoder() is b.catalog.pipeline.bulk_encoder()
        assert a.catalog.pipeline.bulk_encoder() is not a.catalog.pipeline.image_encoder()


def test_what_is_shared_gives_the_same_rows_as_its_own() -> None:
    assert text_encoder("builtin").encode_texts(["red"]).tolist() == (
        text_encoder("builtin", 1).encode_texts(["red"]).tolist()
    )
    assert image_encoder("builtin").space == image_encoder("builtin", 1).space


def test_an_encoder_that_nobody_uses_is_freed_and_opened_anew(tmp_path: Path) -> None:
    source = record(tmp_path, b"weights")
    encoders = SharedEncoders(Opened)
    before = Opened.count
    first = encoders.get(source, 0)
    assert encoders.get(source, 0) is first
    del first
    gc.collect()
    encoders.get(source, 0)
    assert Opened.count == before + 2


def test_another_file_in_its_place_is_another_encoder(tmp_path: Path) -> None:
    source = record(tmp_path, b"weights")
    encoders = SharedEncoders(Opened)
    first = encoders.get(source, 0)
    (tmp_path / "new").write_bytes(b"retrain")
    (tmp_path / "new").replace(tmp_path / "m.onnx")
    assert encoders.get(source, 0) is not first


def test_another_number_of_threads_is_another_encoder(tmp_path: Path) -> None:
    source = record(tmp_path, b"weights")
    encoders = SharedEncoders(Opened)
    first, second = encoders.get(source, 0), encoders.get(source, 1)
    assert first.made_of != second.made_of


def record(folder: Path, weights: bytes) -> Source:
    """A record whose file lies in a folder."""
    (folder / "m.onnx").write_bytes(weights)
    return Source(EncoderSpec("m", "image", ModelFile("m.onnx")), folder)

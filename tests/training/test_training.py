"""Adapting: what a shop's own products teach, how it is judged, and what may go wrong."""

from __future__ import annotations

import io
import math
import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from PIL import Image

from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.recipes import recipe
from lookalike.encoders.registry import BUILTIN_FOLDER, source
from lookalike.errors import BadModel, DatabaseBroken, NotFound, UsageError
from lookalike.media.images import StoredPhoto, read_image
from lookalike.training.features import FeatureReader
from lookalike.training.finetune import Adapted, Judgement, Towers, adapt, best_mix
from lookalike.training.loop import Trainer
from lookalike.training.metrics import Figure
from lookalike.training.onnx_files import has_readout, read_readout, read_text_tower
from lookalike.training.shop_dataset import Example, Stock, place_of, read_stock
from lookalike.training.towers import Readout, TextTower
from lookalike.types import Photo, Product

COLOURS = {"Red": (220, 30, 30), "Blue": (30, 30, 220), "Green": (30, 200, 30)}


def _picture(colour: tuple[int, int, int], wide: bool, side: int = 48) -> Image.Image:
    picture = Image.new("RGB", (side, side), "white")
    box = (4, side // 3, side - 4, side * 2 // 3) if wide else (side // 3, 4, side * 2 // 3, side - 4)
    picture.paste(colour, box)
    return picture


class Shop:
    """A catalog in memory, as adaptation reads it."""

    def __init__(self, count: int, *, titled: bool = True, told: bool = True, photos: bool = True) -> None:
        self._photos: dict[str, StoredPhoto] = {}
        self._products: list[Product] = []
        for index in range(count):
            colour, wide = list(COLOURS)[index % 3], index % 2 == 0
            name = f"{index:05d}"
            written = io.BytesIO()
            _picture(COLOURS[colour], wide).save(written, "PNG")
            self._photos[name] = StoredPhoto(name, written.getvalue(), "image/png", 48, 48)
            facets = {"baseColour": colour, "articleType": "Belt" if wide else "Tie", "id": name}
            self._products.append(
                Product(
                    id=name,
                    title=f"{colour} {'पेटी' if wide else 'टाई'} {index}" if titled else "",
                    facets=facets if told else {"brand": "one"},
                    photos=(Photo(id=name),) if photos else (),
                )
            )

    def keep(self, wanted: Callable[[Product], bool]) -> None:
        """Sell nothing else from now on."""
        self._products = [product for product in self._products if wanted(product)]

    def untitle(self, nameless: Callable[[Product], bool]) -> None:
        """Take the titles off some products."""
        self._products = [replace(p, title="") if nameless(p) else p for p in self._products]

    def all_products(self) -> Iterator[Product]:
        """Every product, in order of their ids."""
        return iter(self._products)

    def photo(self, photo_id: str) -> StoredPhoto:
        """One stored photo."""
        if photo_id not in self._photos:
            raise NotFound("There is no such photo.")
        return self._photos[photo_id]


@pytest.mark.parametrize(
    ("shop", "reason"),
    [
        (Shop(20), "at least"),
        (Shop(300, photos=False), "at least"),
        (Shop(300, titled=False, told=False), "Nothing to learn from"),
    ],
)
def test_too_little_to_learn_from_is_said(shop: Shop, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read_stock(shop, 32)


def test_facets_find_their_place() -> None:
    stock = read_stock(Shop(300), 32)
    assert set(stock.facets) == {"type", "colour"}
    assert not {e.group for e in stock.held} & {e.group for e in stock.learning}
    assert len(stock.photos) == 300


def test_a_quarter_of_a_small_shop_is_kept_aside_whichever_groups_it_has() -> None:
    some = Shop(700)
    some.keep(lambda product: place_of(product.title.casefold()) > 0.5)
    stock = read_stock(some, 32)
    count = len(stock.photos)
    assert abs(len(stock.held) - 0.25 * count) < 1
    assert abs(len(stock.learning) - stock.trained - 0.08 * count) <= 1
    judged = max(place_of(e.group) for e in stock.held)
    assert judged < min(place_of(e.group) for e in stock.learning)


def test_where_titles_are_all_there_is_products_without_one_teach_nothing() -> None:
    some = Shop(420, told=False)
    some.untitle(lambda product: int(product.id) % 3 == 0)
    stock = read_stock(some, 32)
    assert len(stock.photos) == 280
    assert all(e.title for e in (*stock.learning, *stock.held))


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="switch builtin"):
        adapt(Shop(260, told=False), tmp_path, current=recipe("pixels"), minutes=30)


def test_a_shop_is_adapted_and_judged(tmp_path: Path) -> None:
    shop = Shop(260)
    made = adapt(shop, tmp_path, minutes=30, passes=1)
    assert isinstance(made, Adapted)
    assert made.judgement.before.keys() == made.judgement.after.keys()
    assert made.recipe.joint
    picture = read_image(shop.photo("00000").data)
    row = image_encoder(made.recipe.image, 1).encode_images([picture])
    said = text_encoder(made.recipe.text, 1).encode_texts(["red tie"])
    assert isinstance(said, np.ndarray)
    assert row.shape == said.shape == (1, 384)


def test_features_and_readout_say_what_the_encoder_serves(tmp_path: Path) -> None:
    shop = Shop(3)
    reader = FeatureReader(source("builtin", "image"))

    def open_photo(name: str) -> Image.Image:
        return read_image(shop.photo(name).data, reader.side)

    photos = ["00000", "00001", "00002"]
    features = reader.read(photos, open_photo, tmp_path, None)
    assert features is not None
    towers = Towers(
        read_readout(BUILTIN_FOLDER / "image.onnx"), read_text_tower(BUILTIN_FOLDER / "text.onnx")
    )
    served = image_encoder("builtin", 1).encode_images([open_photo(name) for name in photos])
    assert ((towers.images(features) * served).sum(1) > 0.999).all()
    words = text_encoder("builtin", 1).encode_texts(["red dress", "coffee mug"])
    assert isinstance(words, np.ndarray)
    assert ((towers.texts(["red dress", "coffee mug"]) * words).sum(1) > 0.999).all()


def test_a_stopped_adaptation_goes_on(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    assert adapt(Shop(260), tmp_path, minutes=30, passes=1, stop=stop) is None
    assert (tmp_path / "features.npz").exists()
    assert adapt(Shop(260), tmp_path, minutes=30, passes=1) is not None
    assert not (tmp_path / "checkpoint.pt").exists()


def test_a_resumed_run_ends_where_an_unbroken_one_does(tmp_path: Path) -> None:
    whole, broken, resumed = (_trainer(steps=4) for _ in range(3))
    whole.run(tmp_path / "whole", math.inf, None, print)
    broken.learn(0.0)
    broken.step = 1
    broken.save(tmp_path)
    assert resumed.resume(tmp_path)
    assert resumed.step == 1
    resumed.run(tmp_path, math.inf, None, print)
    for left, right in zip(whole.readout.parameters(), resumed.readout.parameters(), strict=True):
        torch.testing.assert_close(left, right, rtol=1e-4, atol=1e-6)


def test_a_torn_checkpoint_is_never_seen(tmp_path: Path) -> None:
    trainer = _trainer(steps=4)
    trainer.save(tmp_path)
    (tmp_path / "checkpoint.pt.partial").write_bytes(b"half of a checkpoint")
    assert _trainer(steps=4).resume(tmp_path)


def _trainer(steps: int) -> Trainer:
    torch.manual_seed(0)
    anchors = {"type": torch.randn(4, 96), "colour": torch.randn(4, 48), "trait": torch.randn(2, 48)}
    examples = [Example(str(n), f"thing {n}", {"colour": list(COLOURS)[n % 3]}) for n in range(24)]
    features = torch.randn(24, 48)
    return Trainer(
        Readout(32, 16, anchors, 0.85), TextTower(512, 8, 16), features, examples, ("colour",), steps, 0
    )


def test_of_equal_mixes_the_old_encoder_wins() -> None:
    trainer = _trainer(steps=1)
    stock = Stock(
        [Example(str(n), "", {"colour": "Red"}) for n in range(24)], 16, [], ["photo"] * 24, ("colour",), 0
    )
    old = Towers(trainer.readout, trainer.text)
    assert best_mix(old, Towers(trainer.readout, trainer.text), torch.randn(24, 48), stock).share == 0


def test_what_was_adapted_from_the_former_encoder_starts_from_the_present_one(tmp_path: Path) -> None:
    former = tmp_path / "former"
    shutil.copytree(BUILTIN_FOLDER, former)
    plain = helper.make_graph(
        [helper.make_node("Identity", ["images"], ["vector"])],
        "former",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1])],
    )
    onnx.save(helper.make_model(plain), former / "image.onnx")
    assert not has_readout(former / "image.onnx")
    assert has_readout(BUILTIN_FOLDER / "image.onnx")


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    # No file may grow beyond 64 KiB: to a writer that is a disk that fills up in the middle.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    try:
        with pytest.raises(DatabaseBroken, match="Make room"):
            adapt(Shop(260), tmp_path, minutes=30, passes=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_weights_that_are_not_what_the_record_says(tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    shutil.copytree(BUILTIN_FOLDER, forged)
    (forged / "image.onnx").write_bytes(b"something else")
    with pytest.raises(BadModel, match="does not match the record"):
        adapt(Shop(260), tmp_path / "work", start=forged, minutes=30)


def test_only_a_gain_beyond_chance_is_better() -> None:
    doubtful, sure = Figure(0.01, -0.01, 0.03, 9), Figure(0.02, 0.01, 0.03, 9)
    assert not Judgement({}, {}, doubtful).better
    assert Judgement({}, {}, sure).better

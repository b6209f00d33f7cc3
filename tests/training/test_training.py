"""A run can be cut off at any time, and a shop's own products teach the towers."""

from __future__ import annotations

import io
import resource
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from research.builtin_encoder.train import PLANS, planned

from lookalike.encoders.recipes import recipe
from lookalike.errors import BadModel, DatabaseBroken, NotFound, UsageError
from lookalike.media.images import StoredPhoto
from lookalike.training import warm_start
from lookalike.training.augment import HOME, MILD, STUDIO, shoot
from lookalike.training.dataset import Library
from lookalike.training.export_onnx import image_graph, text_graph, write
from lookalike.training.finetune import Adapted, Judgement, adapt
from lookalike.training.interpolate import best_mix
from lookalike.training.loop import Plan, Trainer
from lookalike.training.metrics import Figure
from lookalike.training.package import ship
from lookalike.training.pictures import foreground
from lookalike.training.public_datasets import Example, place_of
from lookalike.training.shop_dataset import read_stock
from lookalike.training.teacher import view_boxes
from lookalike.training.towers import ImageTower, TextTower, join_image
from lookalike.types import Photo, Product

COLOURS = {"Red": (220, 30, 30), "Blue": (30, 30, 220), "Green": (30, 200, 30)}
TINY = Plan(
    steps=4, widths=(8, 8, 16, 16, 16), depths=(0, 0, 1, 0), sizes=((1.0, 32),), studio=12, home=4, objects=4
)


def _picture(colour: tuple[int, int, int], wide: bool, side: int = 48) -> Image.Image:
    picture = Image.new("RGB", (side, side), "white")
    box = (4, side // 3, side - 4, side * 2 // 3) if wide else (side // 3, 4, side * 2 // 3, side - 4)
    picture.paste(colour, box)
    return picture


def _library() -> Library:
    examples, squares = [], []
    for index in range(48):
        colour = list(COLOURS)[index % 3]
        wide = index % 2 == 0
        kind = ("studio", "studio", "home", "object")[index % 4]
        labels = {
            "studio": {"type": "Belts" if wide else "Ties", "colour": colour, "gender": "Men"},
            "home": {"home": "Dress" if wide else "Shirt"},
            "object": {"object": "wide" if wide else "tall"},
        }[kind]
        title = f"{colour} thing {index % 5}" if kind == "studio" else ""
        examples.append(Example(kind, title or str(index % 3), "train", None, title, labels))
        squares.append(np.asarray(_picture(COLOURS[colour], wide)))
    examples.append(Example("text", "a title", "train", None, "Red belt", {"type": "Belts", "colour": "Red"}))
    pixels = torch.full((48, 4, 48, 48), 255, dtype=torch.uint8)
    pixels[:, :3] = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2)
    pixels[:, 3] = foreground(pixels[:, :3])
    return Library(examples, pixels, view_boxes(48, 0), torch.randn(48, 4, 8))


def test_resumed_run_ends_where_an_unbroken_one_does(tmp_path: Path) -> None:
    # Sums in another order differ in their last digits, and a busy machine orders its threads as it likes.
    library = _library()
    whole = Trainer(TINY, library, tmp_path / "whole")
    whole.run(every=100, look=lambda _: None)
    first = Trainer(TINY, library, tmp_path / "broken")
    first.learn()
    first.step = 1
    first.save()
    second = Trainer(TINY, library, tmp_path / "broken")
    assert second.resume()
    assert second.step == 1
    for saved, read in zip(first.towers.parameters(), second.towers.parameters(), strict=True):
        torch.testing.assert_close(saved, read, rtol=0, atol=0)
    second.run(every=100, look=lambda _: None)
    left, right = (
        torch.cat([each.detach().flatten() for each in trainer.towers.parameters()])
        for trainer in (whole, second)
    )
    assert float((left - right).norm() / left.norm()) < 0.01


def test_a_second_run_begins_with_the_averages_of_the_first(tmp_path: Path) -> None:
    first = Trainer(TINY, _library(), tmp_path / "first")
    first.run(every=100, look=lambda _: None)
    second = Trainer(replace(TINY, bent=MILD, seed=3), _library(), tmp_path / "second")
    second.begin_from(first.folder)
    for ended, begun in zip(first.steady.parameters(), second.towers.parameters(), strict=True):
        torch.testing.assert_close(ended, begun, rtol=0, atol=0)


def test_fewer_steps_are_shared_out_between_the_runs() -> None:
    assert [plan.steps for plan in planned()] == [plan.steps for plan in PLANS]
    assert sum(plan.steps for plan in planned(960)) == 960


def test_torn_checkpoint_is_never_seen(tmp_path: Path) -> None:
    trainer = Trainer(TINY, _library(), tmp_path)
    trainer.save()
    (tmp_path / "checkpoint.partial").write_bytes(b"half of a checkpoint")
    assert Trainer(TINY, _library(), tmp_path).resume()


def test_augmented_pictures_keep_their_range_and_size() -> None:
    library = _library()
    boxes = library.boxes[:8, 1]
    for how in (STUDIO, HOME):
        images, masks = shoot(library.pixels[:8], boxes, library.draw_scenery(8), 40, how)
        assert images.shape == (8, 3, 40, 40)
        assert masks.shape == (8, 40, 40)
        assert float(images.min()) >= 0
        assert float(images.max()) <= 255


def test_mask_is_the_product_and_white_garments_stay_whole() -> None:
    square = torch.full((1, 3, 48, 48), 255, dtype=torch.uint8)
    square[:, :, 12:36, 12:36] = 246
    mask = foreground(square)[0]
    assert mask[24, 24] == 255
    assert mask[2, 2] == 0


def test_shipped_weights_come_back_trainable(tmp_path: Path) -> None:
    torch.manual_seed(0)
    image, text = ImageTower((8, 8, 16, 16, 16), (1, 0, 1, 1)).eval(), TextTower(16, 32)
    write(image_graph(image), tmp_path / "image.onnx")
    write(text_graph(text), tmp_path / "text.onnx")
    pictures = torch.rand(2, 3, 32, 32) * 255
    with torch.no_grad():
        again = warm_start.image_tower(tmp_path / "image.onnx").eval()
        cosines = (join_image(again(pictures)[0]) * join_image(image(pictures)[0])).sum(1)
    assert (cosines > 0.999).all()
    assert warm_start.text_tower(tmp_path / "text.onnx").table.weight.shape == text.table.weight.shape


class Shop:
    """A catalogue in memory, as adaptation reads it."""

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

    def products(self, after: str = "", limit: int = 100) -> list[Product]:
        """The products after one id."""
        return [p for p in self._products if p.id > after][:limit]

    def photo(self, photo_id: str) -> StoredPhoto:
        """One stored photo."""
        if photo_id not in self._photos:
            raise NotFound("There is no such photo.")
        return self._photos[photo_id]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    torch.manual_seed(0)
    tower = ImageTower((8, 8, 16, 16, 16), (1, 0, 1, 1))
    ship(
        folder,
        "tiny",
        tower,
        TextTower(16, 32),
        torch.randint(0, 255, (80, 4, 128, 128), dtype=torch.uint8),
        ["red"],
        128,
    )
    return folder


@pytest.mark.parametrize(
    ("shop", "reason"),
    [
        (Shop(20), "at least"),
        (Shop(300, photos=False), "at least"),
        (Shop(300, titled=False, told=False), "nothing to learn from"),
    ],
)
def test_too_little_to_learn_from_is_said(shop: Shop, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read_stock(shop, 32)


def test_facets_find_their_place() -> None:
    stock = read_stock(Shop(300), 32)
    assert set(stock.facets) == {"type", "colour"}
    assert not {e.group for e in stock.held} & {e.group for e in stock.learning}
    assert len(stock.pixels) == len(stock.photos) == 300


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


def test_what_cannot_be_compared_is_said(start: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="switch builtin"):
        adapt(Shop(260, told=False), tmp_path, current=recipe("pixels"), start=start, minutes=30)


def test_a_shop_is_adapted_and_judged(start: Path, tmp_path: Path) -> None:
    made = adapt(Shop(260), tmp_path, start=start, minutes=30, passes=1)
    assert isinstance(made, Adapted)
    assert made.judgement.before.keys() == made.judgement.after.keys()
    assert (made.folder / "image.onnx").exists()
    assert made.recipe.joint


def test_a_stopped_adaptation_goes_on(start: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    assert adapt(Shop(260), tmp_path, start=start, minutes=30, passes=1, stop=stop) is None
    assert (tmp_path / "checkpoint.pt").exists()
    assert adapt(Shop(260), tmp_path, start=start, minutes=30, passes=1) is not None
    assert not (tmp_path / "checkpoint.pt").exists()


def test_a_full_disk_is_said(start: Path, tmp_path: Path) -> None:
    # No file may grow beyond 64 KiB: to a writer that is a disk that fills up in the middle.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    try:
        with pytest.raises(DatabaseBroken, match="make room"):
            adapt(Shop(260), tmp_path, start=start, minutes=30, passes=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_weights_that_are_not_what_the_record_says(start: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged"
    shutil.copytree(start, forged)
    (forged / "image.onnx").write_bytes(b"something else")
    with pytest.raises(BadModel, match="not the file"):
        adapt(Shop(260), tmp_path / "work", start=forged, minutes=30)


def test_only_a_gain_beyond_chance_is_better() -> None:
    doubtful, sure = Figure(0.01, -0.01, 0.03, 9), Figure(0.02, 0.01, 0.03, 9)
    assert not Judgement({}, {}, doubtful).better
    assert Judgement({}, {}, sure).better


def test_steps_are_planned_for_the_time_there_is(tmp_path: Path) -> None:
    trainer = Trainer(replace(TINY, steps=1_000_000), _library(), tmp_path)
    trainer.pace(time.monotonic() + 1)
    assert trainer.plan.steps < 1_000_000


def test_of_equal_mixes_the_old_encoder_wins(tmp_path: Path) -> None:
    towers = Trainer(TINY, _library(), tmp_path).towers
    raw = torch.randn(6, 256)
    kept = {"type": torch.randn(4, 96)}
    found = best_mix(towers, towers, kept, lambda _: raw, lambda *_: 0.5)
    assert (found.share, found.drawn_to) == (0.0, "old classes")
    assert found.anchors is kept

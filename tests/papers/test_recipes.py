"""Every recipe of the papers runs from import to search, and finds what the papers' own steps find."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from conftest import goods
from lookalike import Shop
from lookalike.encoders import image_encoder
from lookalike.encoders.export import export
from lookalike.encoders.recipes import RECIPES
from lookalike.settings import settings
from lookalike.types import Photo, Product
from papers import stand_ins, torch_networks
from papers.pictures import photos, unit

for library in ("torch", "keras", "onnxscript", "transformers", "sentence_transformers", "tokenizers"):
    pytest.importorskip(library)


@pytest.fixture(scope="module")
def networks(resnet50: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The networks in their own libraries, and their files as a folder of one's own models."""
    import torch

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("models")
    made = {"alexnet": torch_networks.alexnet(), "resnet50": torch_networks.resnet50(), "keras": resnet50[0]}
    torch_networks.written(made["alexnet"], folder / "alexnet/alexnet_Opset17.onnx", "x", "y", batch=False)
    for name in ("alexnet-squash", "alexnet-227", "alexnet-fc7"):
        (folder / name).symlink_to(folder / "alexnet")
    torch_networks.written(made["resnet50"], folder / "resnet50/model.onnx", "input", "output", batch=True)
    stand_ins.unpinned("resnet50", folder / "resnet50")
    for name in ("resnet50-keras", "resnet50-keras-max", "resnet50-keras-flatten"):
        (folder / name).symlink_to(resnet50[1].parent)
    made["sbert"] = torch_networks.bert(tmp_path_factory.mktemp("sbert") / "sbert")
    export(f"sentence-transformers:{made['sbert']}", folder / "sbert")
    stand_ins.towers(folder)
    before = os.environ.get("LOOKALIKE_MODELS")
    os.environ["LOOKALIKE_MODELS"] = str(folder)
    settings.cache_clear()
    yield made
    os.environ.pop("LOOKALIKE_MODELS")
    if before is not None:
        os.environ["LOOKALIKE_MODELS"] = before
    settings.cache_clear()


def products(pictures: list[Image.Image]) -> list[Product]:
    """One product for each picture, stored without loss."""
    made: list[Product] = []
    for number, picture in enumerate(pictures):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        made.append(Product(str(number), f"Thing {number}", photos=(Photo(data=buffer.getvalue()),)))
    return made


def neighbours(rows: np.ndarray, metric: str) -> list[list[str]]:
    """The papers' search: nearest five by brute force, the picture itself left out."""
    library = pytest.importorskip("sklearn.neighbors")
    search = library.NearestNeighbors(n_neighbors=6, algorithm="brute", metric=metric)
    places = search.fit(rows).kneighbors(rows, return_distance=False)
    return [[str(place) for place in row if place != number][:5] for number, row in enumerate(places)]


@pytest.mark.parametrize("recipe", [name for name in RECIPES if name not in ("builtin", "pixels")])
def test_it_imports_and_finds(networks, tmp_path, recipe):
    with Shop.open(str(tmp_path / "shop.db"), recipe) as shop:
        report = shop.add(goods())
        assert (report.added, report.failed, report.problems) == (12, 0, [])

        alike = shop.search(product="box-red", k=5, min_score=-10)
        assert len(alike) == 5
        photo = goods()[0].photos[0].data
        assert shop.search(image=photo, k=1)[0].id == "plate-red"
        if RECIPES[recipe].text:
            assert shop.search(text="red box", k=5)
            assert shop.search(text="red box", image=photo, image_weight=0.5, k=5)


def test_resnet50_max_finds_the_neighbours_of_the_paper(networks, tmp_path):
    pictures = photos(12)
    sized = [picture.resize((224, 224), Image.Resampling.NEAREST) for picture in pictures]
    arrays = np.stack([np.asarray(picture, np.float32) for picture in sized])
    keras = pytest.importorskip("keras")
    maps = networks["keras"].predict(keras.applications.resnet50.preprocess_input(arrays), verbose=0)
    expected = neighbours(unit(np.asarray(maps).max(axis=(1, 2))), "euclidean")

    with Shop.open(str(tmp_path / "shop.db"), "resnet50-max") as shop:
        shop.add(products(pictures))
        found = [[hit.id for hit in shop.similar(str(number))] for number in range(12)]

    assert found == expected


@pytest.mark.parametrize(
    ("name", "dim", "how"),
    [
        ("alexnet", 1000, {}),
        ("alexnet-squash", 1000, {"squash": True}),
        ("alexnet-227", 1000, {"squash": True, "side": 227}),
        ("alexnet-fc7", 4096, {}),
    ],
)
def test_alexnet_gives_its_classes_or_the_layer_before(networks, name, dim, how):
    import torch

    pictures = photos(2)
    layers = networks["alexnet"][:-1] if name == "alexnet-fc7" else networks["alexnet"]
    with torch.no_grad():
        theirs = layers(torch_networks.as_torchvision_reads(pictures, **how)).numpy()

    ours = image_encoder(name).encode_images(pictures)

    assert ours.shape == (2, dim)
    assert np.abs(ours - unit(theirs)).max() < 1e-4


def test_resnet50_gives_its_average_pool(networks):
    import torch

    pictures = photos(2)
    with torch.no_grad():
        read = torch_networks.as_torchvision_reads(pictures, Image.Resampling.BICUBIC)
        theirs = networks["resnet50"](read).numpy().reshape(2, 2048)

    assert np.abs(image_encoder("resnet50").encode_images(pictures) - unit(theirs)).max() < 1e-4


def test_a_fused_score_is_the_weighted_sum_of_scikit_learns_cosines(networks, tmp_path):
    text = pytest.importorskip("sklearn.feature_extraction.text")
    with Shop.open(str(tmp_path / "shop.db"), "resnet50-tfidf") as shop:
        shop.add(goods())
        words = {
            id: shop.catalog.pipeline.words(product) for id, product in ((p.id, p) for p in shop.products())
        }
        rows = dict(zip(words, text.TfidfVectorizer().fit_transform(words.values()).toarray(), strict=True))

        for hit in shop.search(product="box-red", text="red box", k=11):
            assert hit.parts.keys() == {"image", "text"}
            assert hit.score == pytest.approx(0.7 * hit.parts["image"] + 0.3 * hit.parts["text"], abs=1e-5)
        for hit in shop.search(product="box-red", k=11):
            assert hit.parts["text"] == pytest.approx(rows["box-red"] @ rows[hit.id], abs=1e-5)


def test_a_photo_of_the_paper_scores_at_most_one(networks, tmp_path):
    with Shop.open(str(tmp_path / "shop.db"), "resnet50-sbert") as shop:
        shop.add(goods())

        for asked in ({"text": "red box"}, {"text": "red box", "image": goods()[0].photos[0].data}):
            assert all(hit.score <= 1 for hit in shop.search(**asked, k=12))


def test_a_recipe_says_how_many_hits_a_search_gives(networks, tmp_path):
    with Shop.open(str(tmp_path / "shop.db"), "alexnet") as shop:
        shop.add(goods())

        assert len(shop.search(product="box-red", min_score=-1)) == 5
        assert len(shop.similar("box-red", min_score=-1)) == 5
        assert len(shop.similar("box-red", k=7, min_score=-1)) == 7


def test_hits_name_the_cluster_that_a_search_may_keep_to(networks, tmp_path):
    with Shop.open(str(tmp_path / "shop.db"), "alexnet") as shop:
        shop.add(goods())

        everywhere = {hit.id: hit.cluster for hit in shop.similar("box-red", k=11, min_score=-1)}
        nearest = shop.similar("box-red", k=11, min_score=-1, clusters=1)

        assert set(everywhere.values()) > {hit.cluster for hit in nearest}
        assert len({hit.cluster for hit in nearest}) <= 1
        assert all(everywhere[hit.id] == hit.cluster for hit in nearest)


def test_a_euclidean_recipe_tells_distance_and_likeness(networks, tmp_path):
    with Shop.open(str(tmp_path / "shop.db"), "resnet50-max") as shop:
        shop.add(goods())

        for hit in shop.similar("box-red"):
            assert hit.distance == pytest.approx(np.sqrt(-hit.score), abs=1e-4)
            assert hit.likeness == pytest.approx(1 - hit.distance**2 / 2)
            assert f"{hit.likeness:.0%} alike, distance {hit.distance:.2f}" in hit.why[0]

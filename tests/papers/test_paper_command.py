"""`lookalike paper NAME FEED` downloads what it showed, imports the feed, and serves it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

import lookalike
from lookalike.cli import main
from lookalike.encoders.papers import PAPERS
from lookalike.settings import settings
from papers import stand_ins
from papers.pictures import photos
from support.fake_hub import FakeHub, running
from support.small_networks import tokenizer_file

pytest.importorskip("huggingface_hub")
pytest.importorskip("onnx")
pytest.importorskip("tokenizers")

COUNT = 24
# What the commands of a box need beyond `models`.
EXTRAS = {"jabloun": "models,evaluate,explore"}
DOCUMENT = Path(__file__).parents[2] / "docs" / "papers.md"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """Products of two categories with photos, as a CSV file."""
    rows = ["id,title,description,category,image"]
    for number, picture in enumerate(photos(COUNT, (120, 130))):
        Image.Image.save(picture, tmp_path / f"{number}.png")
        category = ("Shirts", "Shoes")[number % 2]
        rows.append(f"{number},Thing {number},A thing of kind {number},{category},{number}.png")
    path = tmp_path / "feed.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture
def hub_files(tmp_path: Path) -> dict[str, bytes]:
    """Stand-ins for what the hub holds: right in shape, random in their weights."""
    tokenizer = tokenizer_file(tmp_path / "tokenizer.json").read_bytes()
    words = stand_ins.hidden_states(tmp_path / "words.onnx", 768).read_bytes()
    classes = stand_ins.class_network(tmp_path / "alexnet.onnx", 4096, classes=1000).read_bytes()
    sbert = "sentence-transformers/bert-base-nli-mean-tokens"
    return {
        "onnxmodelzoo/legacy_models/Computer_Vision/alexnet_Opset17_torch_hub/alexnet_Opset17.onnx": classes,
        f"{sbert}/onnx/model.onnx": words,
        f"{sbert}/tokenizer.json": tokenizer,
    }


@pytest.fixture
def world(tmp_path, monkeypatch, hub_files, resnet50):
    """Empty caches, a hub on loopback, and Keras' weights in a folder, as Keras' storage is no hub."""
    models = tmp_path / "models"
    models.mkdir()
    for name in ("resnet50-keras", "resnet50-keras-max"):
        (models / name).symlink_to(resnet50[1].parent)
    monkeypatch.setenv("LOOKALIKE_MODELS", str(models))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    with running(FakeHub(hub_files)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub
    settings.cache_clear()


@pytest.mark.parametrize("name", PAPERS)
def test_it_shows_downloads_and_imports(world, feed, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(main, ["paper", name, str(feed), "--no-serve"])

    assert done.exit_code == 0, done.output
    assert "SIZE" in done.output
    assert "LICENCE" in done.output
    with lookalike.open(f"{name}.db") as shop:
        assert shop.recipe == PAPERS[name].recipe
        assert len(shop) == COUNT
        assert shop.search(product="0", min_score=-10)


def test_the_files_are_told_as_json_before_the_download(world, feed, tmp_path):
    asked = ["paper", "mishra", str(feed), "--no-serve", "--json", "--catalog", str(tmp_path / "m.db")]

    done = CliRunner().invoke(main, asked)

    (file,) = json.loads(done.stdout)["files"]
    assert file["source"].startswith("huggingface.co/onnxmodelzoo/legacy_models")
    assert file["size"] == 244_000_000
    assert not file["here"]
    assert world.downloads()


def test_a_feed_that_cannot_be_read_fails_before_the_download(world, tmp_path):
    done = CliRunner().invoke(main, ["paper", "mishra", str(tmp_path / "none.csv"), "--no-serve"])

    assert done.exit_code != 0
    assert world.requests == []


@pytest.mark.parametrize("name", PAPERS)
def test_every_command_of_its_box_runs(world, feed, tmp_path, monkeypatch, name):
    for library in ("ir_measures", "openTSNE", "umap", "sklearn"):
        pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    install, first, *more = commands(name)
    assert install == f"pip install 'lookalike[{EXTRAS.get(name, 'models')}]'"
    assert first == f"lookalike paper {name} FEED"

    for command in (f"{first} --no-serve", *more):
        words = [{"FEED": str(feed), "ID": "0"}.get(word, word) for word in shlex.split(command)]
        done = CliRunner().invoke(main, words[1:])
        assert done.exit_code == 0, (command, done.output)
        assert done.output.strip(), command


def commands(name: str) -> list[str]:
    """The commands in the box of a paper."""
    boxes = re.findall(r"^> ```\n(.+?)^> ```", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (box,) = (each for each in boxes if f"lookalike paper {name} " in each)
    return [line.removeprefix("> ") for line in box.splitlines()]


@pytest.mark.parametrize("paper", PAPERS.values(), ids=list(PAPERS))
def test_the_page_has_a_box_for_each_paper_with_its_commands(paper):
    page = DOCUMENT.read_text("utf-8")

    assert f"lookalike paper {paper.name} FEED" in page
    for recipe in (paper.recipe, *paper.variants):
        assert f"`{recipe.name}`" in page

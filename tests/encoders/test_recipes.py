"""Recipes are found by name, by the name or file of an encoder, and in files of one's own."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from lookalike.cli import main
from lookalike.encoders.describe import all_recipe_facts
from lookalike.encoders.recipes import DEFAULT_RECIPE, RECIPES, recipe
from lookalike.encoders.registry import source
from lookalike.encoders.zoo import by_kind
from lookalike.errors import LookalikeError, UnknownRecipe
from support.fake_hub import FakeHub, running
from support.small_networks import picture_network


def test_every_recipe_of_the_papers_has_a_name():
    papers = {"resnet50-max", "alexnet", "resnet50-sbert", "vgg16", "resnet50-tfidf", "fashion-frs"}
    later = {"clip", "siglip", "fashion-siglip"}

    assert papers | later | {DEFAULT_RECIPE, "pixels"} <= RECIPES.keys()
    assert all(RECIPES[name].paper for name in papers | later)


def test_every_recipe_tells_its_steps_its_size_and_whether_it_is_here(caches):
    facts = {each["name"]: each for each in all_recipe_facts()}

    assert all(each["steps"] and each["summary"] for each in facts.values())
    assert facts["builtin"]["here"]
    assert facts["pixels"]["here"]
    assert not facts["clip"]["here"]
    assert facts["clip"]["size"] > 600_000_000


def test_an_encoder_of_pictures_alone_is_joined_by_tfidf():
    made = recipe("dinov2-small")

    assert (made.image, made.text, made.joint) == ("dinov2-small", "tfidf", False)


def test_an_encoder_of_both_needs_no_other():
    made = recipe("siglip2")

    assert (made.image, made.text, made.joint) == ("siglip2", "siglip2", True)


def test_a_file_makes_a_recipe(tmp_path):
    path = picture_network(tmp_path / "mine.onnx")

    assert recipe(str(path)).image == str(path)
    assert recipe(str(path)).name == "mine"


def test_a_recipe_of_ones_own_is_a_small_file(tmp_path):
    picture_network(tmp_path / "mine.onnx")
    (tmp_path / "ours.toml").write_text(
        'image = "mine.onnx"\ntext = "tfidf"\nimage_weight = 0.4\ncomponents = 16\nclusters = 4\n'
    )

    made = recipe(str(tmp_path / "ours.toml"))

    assert made.name == "ours"
    assert made.image == str(tmp_path / "mine.onnx")
    assert (made.image_weight, made.components, made.clusters) == (0.4, 16, 4)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('image = "pixels"\ncolour = 1', "unknown keys: colour"),
        ('image = "nothing"', "Unknown image encoder 'nothing'"),
        ('image = "tfidf"', "'tfidf', which is not an encoder for images"),
        ('image = "pixels"\nmetric = "taste"', "invalid at metric"),
        ('image = "pixels"\nimage_weight = 3', "outside 0 to 1"),
        ('summary = "nothing at all"', "names neither"),
        ("image = ", "not valid TOML"),
    ],
)
def test_a_wrong_recipe_is_refused_with_a_sentence(tmp_path, text, sentence):
    (tmp_path / "ours.toml").write_text(text)

    with pytest.raises(LookalikeError, match=sentence):
        recipe(str(tmp_path / "ours.toml"))


def test_an_unknown_recipe_is_told_with_the_known_ones():
    with pytest.raises(UnknownRecipe, match=r"'nothing'. Use builtin, pixels, resnet50-max"):
        recipe("nothing")


def test_the_command_line_lists_recipes_and_models(caches):
    run = CliRunner().invoke

    listed = json.loads(run(main, ["recipes", "--json"]).stdout)
    models = json.loads(run(main, ["models", "--json"]).stdout)

    assert [each["name"] for each in listed] == list(RECIPES)
    assert {"builtin", "minilm", "clip"} <= {each["name"] for each in models}
    assert "Jabloun" in run(main, ["recipes", "resnet50-tfidf"]).stdout
    assert "AlexNet" in run(main, ["models"]).stdout


def test_a_recipe_of_a_paper_reads_like_a_recipe(caches):
    shown = CliRunner().invoke(main, ["recipes", "resnet50-max"]).stdout

    for said in (
        "Babu and Jose",
        "3. RGB to BGR",
        "Euclidean distance; 5 hits",
        "94.8 MB",
        "resnet50_weights",
    ):
        assert said in shown
    assert "Install: lookalike models pull resnet50-max" in shown
    assert "Use: lookalike import FEED --recipe resnet50-max" in shown


def test_a_model_reads_like_one_and_says_what_nobody_confirmed(caches):
    shown = CliRunner().invoke(main, ["models", "show", "fashion-clip"]).stdout

    assert "huggingface.co/ff13/fashion-clip" in shown
    assert "MIT" in shown
    assert "Not confirmed: sha256, padding id" in shown


def test_recipes_of_papers_add_nothing_to_the_score():
    papers = ("resnet50-max", "alexnet", "resnet50-sbert", "resnet50-tfidf", "fashion-frs")

    facts = {each["name"]: each for each in all_recipe_facts()}

    assert not any(facts[name]["keyword_bonus"] for name in papers)
    assert {facts[name]["k"] for name in ("resnet50-max", "alexnet", "resnet50-sbert")} == {5}
    assert facts["builtin"]["keyword_bonus"]


def test_a_model_that_is_only_exported_says_how(caches):
    done = CliRunner().invoke(main, ["models", "pull", "marqo-ecommerce-b"])

    assert "lookalike export --from open_clip:hf-hub:Marqo/marqo-ecommerce-embeddings-B" in done.stderr


@pytest.mark.parametrize(
    ("place", "export"),
    [("sbert/text.json", ""), ("sbert/made.json", ""), ("sbert.json", ""), ("any/made.json", "sbert")],
)
def test_an_exported_encoder_is_found_without_renaming(caches, place, export):
    made = {"kind": "text", "file": {"path": "made.onnx"}, "dim": 7}
    if export:
        made["export"] = by_kind("text")[export].export
    path = caches / "models" / place
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(made))

    assert source("sbert", "text").record.dim == 7


def test_the_command_line_pulls_a_model(caches, monkeypatch, tmp_path):
    pytest.importorskip("huggingface_hub")
    network = picture_network(tmp_path / "made.onnx").read_bytes()
    with running(FakeHub({"Xenova/dino-vits16/onnx/model.onnx": network})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        done = CliRunner().invoke(main, ["models", "pull", "dino-small", "--json"])

    (file,) = json.loads(done.stdout)["files"]
    assert file.endswith("onnx/model.onnx")
    assert "dino-vits16" in file


def test_a_model_that_cannot_be_pulled_is_one_sentence_and_an_exit_code(caches, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    done = CliRunner().invoke(main, ["models", "pull", "minilm"])

    assert done.exit_code == 9
    assert done.stderr.count("\n") == 1


def test_the_record_that_was_deduced_can_be_shown(tmp_path):
    path = picture_network(tmp_path / "mine.onnx", classes=1001)

    shown = json.loads(CliRunner().invoke(main, ["models", "show", str(path), "--json"]).stdout)

    assert shown["output"] == "before:Gemm"
    assert shown["pixels"]["mean"] == [0.5, 0.5, 0.5]
    assert shown["unverified"] == ["preprocessing"]

"""What other libraries compute, an exported file computes too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lookalike.encoders import image_encoder, text_encoder
from lookalike.encoders.export import export
from lookalike.errors import BadModel, UnknownRecipe

SENTENCES = ["Navy Blue Shirt", "red dress, small!", "shoes"]


@pytest.fixture(scope="module")
def torch() -> Any:
    pytest.importorskip("onnxscript")
    torch = pytest.importorskip("torch")
    torch.manual_seed(3)
    return torch


@pytest.fixture
def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (300, 260, 3), np.uint8))


def stored(torch: Any, model: Any, path: Path) -> Path:
    torch.save(model.state_dict(), path)
    return path


def alike(one: Any, other: Any) -> float:
    one, other = np.ravel(one).astype(np.float64), np.ravel(other).astype(np.float64)
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_a_timm_network_with_its_own_preprocessing(torch, tmp_path, picture):
    timm = pytest.importorskip("timm")
    model = timm.create_model("mobilenetv3_small_050", pretrained=False, num_classes=0).eval()
    prepare = timm.data.create_transform(**timm.data.resolve_model_data_config(model), is_training=False)
    with torch.no_grad():
        theirs = model(prepare(picture)[None]).numpy()

    written = export("timm:mobilenetv3_small_050", tmp_path, stored(torch, model, tmp_path / "w.pt"))

    assert {path.name for path in written} == {"mobilenetv3_small_050.onnx", "mobilenetv3_small_050.json"}
    assert json.loads(written[1].read_text())["export"] == "timm:mobilenetv3_small_050"
    assert alike(image_encoder(str(written[0])).encode_images([picture]), theirs) > 0.999


def test_a_torchvision_network_without_its_classes(torch, tmp_path, picture):
    models = pytest.importorskip("torchvision").models
    model = models.mobilenet_v3_small(weights=None).eval()
    weights = stored(torch, model, tmp_path / "w.pt")
    prepare = models.get_model_weights("mobilenet_v3_small").DEFAULT.transforms()
    model.classifier[-1] = torch.nn.Identity()
    with torch.no_grad():
        theirs = model(prepare(picture)[None]).numpy()

    written = export("torchvision:mobilenet_v3_small", tmp_path, weights)

    assert alike(image_encoder(str(written[0])).encode_images([picture]), theirs) > 0.999


def test_both_towers_of_an_open_clip_model(torch, tmp_path, picture):
    open_clip = pytest.importorskip("open_clip")
    model, _, prepare = open_clip.create_model_and_transforms("ViT-S-32-alt", pretrained=None)
    model.eval()
    with torch.no_grad():
        pictures = model.encode_image(prepare(picture)[None]).numpy()
        words = model.encode_text(open_clip.get_tokenizer("ViT-S-32-alt")(SENTENCES)).numpy()

    written = export("open_clip:ViT-S-32-alt", tmp_path, stored(torch, model, tmp_path / "w.pt"))

    towers = {path.name: str(path) for path in written}
    assert alike(image_encoder(towers["ViT-S-32-alt.onnx"]).encode_images([picture]), pictures) > 0.999
    ours = text_encoder(towers["ViT-S-32-alt-text.onnx"]).encode_texts(SENTENCES)
    assert all(alike(one, other) > 0.999 for one, other in zip(ours, words, strict=True))


def test_sentences_of_sentence_transformers(torch, tmp_path):
    library = pytest.importorskip("sentence_transformers")
    folder = sentence_model(tmp_path / "tiny")
    theirs = library.SentenceTransformer(str(folder), device="cpu").encode(SENTENCES)

    written = export(f"sentence-transformers:{folder}", tmp_path / "out")

    ours = text_encoder(str(tmp_path / "out/tiny.onnx")).encode_texts(SENTENCES)
    assert {path.name for path in written} == {"tiny.onnx", "tiny.json", "tiny-tokenizer.json"}
    assert np.abs(ours - theirs / np.linalg.norm(theirs, axis=1, keepdims=True)).max() < 1e-4


def test_the_record_holds_the_hash_and_the_length(torch, tmp_path):
    pytest.importorskip("sentence_transformers")
    export(f"sentence-transformers:{sentence_model(tmp_path / 'tiny')}", tmp_path / "out")

    record = json.loads((tmp_path / "out/tiny.json").read_text())

    assert len(record["file"]["sha256"]) == 64
    assert record["dim"] == 32
    assert record["pooling"] == "mask-mean"


def test_weights_of_another_network_leave_nothing_behind(torch, tmp_path):
    timm = pytest.importorskip("timm")
    other = stored(torch, timm.create_model("resnet10t", pretrained=False), tmp_path / "w.pt")

    with pytest.raises(BadModel, match="not contain weights of this network"):
        export("timm:mobilenetv3_small_050", tmp_path / "out", other)
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize("source", ["resnet50", "keras:ResNet50", "timm:"])
def test_an_unknown_library_is_told_with_the_known_ones(source, tmp_path):
    with pytest.raises(UnknownRecipe, match="timm, torchvision, open_clip, sentence-transformers"):
        export(source, tmp_path)


def sentence_model(folder: Path) -> Path:
    """A small BERT with random weights, mean pooling, saved as sentence-transformers saves its models."""
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    letters = [chr(code) for code in range(97, 123)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    bert = folder / "bert"
    bert.mkdir(parents=True)
    (bert / "vocab.txt").write_text("\n".join([*pieces, ",", "!", "red", "blue", "shirt", "dress"]))
    BertTokenizerFast(str(bert / "vocab.txt"), do_lower_case=True).save_pretrained(bert)
    config = BertConfig(
        vocab_size=80, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(bert)
    words = models.Transformer(str(bert), max_seq_length=32)
    SentenceTransformer(modules=[words, models.Pooling(32)], device="cpu").save(str(folder))
    return folder

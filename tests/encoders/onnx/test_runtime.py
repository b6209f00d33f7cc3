"""One class runs any network that a record describes, and refuses what is not as described."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto
from PIL import Image

from lookalike.encoders import encoder, image_encoder, text_encoder
from lookalike.encoders.base import ImageEncoder, TextEncoder
from lookalike.encoders.files import Source
from lookalike.encoders.onnx.runtime import OnnxImages, open_images, open_texts
from lookalike.encoders.spec import EncoderSpec, ModelFile, Preprocessing, Tokens
from lookalike.errors import BadModel, LookalikeError, ModelMissing, UsageError
from support.small_networks import SIDE, picture_network, text_network, tokenizer_file

PIXELS = Preprocessing(side=SIDE, resize="squash", mean=(0, 0, 0), std=(1, 1, 1))
RECORD = EncoderSpec("small", "image", ModelFile("small.onnx"), output="features", pixels=PIXELS)
WORDS = EncoderSpec(
    "words",
    "text",
    ModelFile("words.onnx"),
    pooling="mask-mean",
    tokens=Tokens(ModelFile("tokenizer.json"), longest=8),
)


def opened(folder: Path, record: EncoderSpec = RECORD) -> OnnxImages:
    if not (folder / "small.onnx").exists():
        picture_network(folder / "small.onnx")
    return open_images(Source(record, folder))


def pictures(count: int) -> list[Image.Image]:
    random = np.random.default_rng(5)
    return [Image.fromarray(random.integers(0, 256, (20, 30, 3), np.uint8)) for _ in range(count)]


def test_a_row_is_what_the_network_gives_at_length_one(tmp_path):
    row = opened(tmp_path).encode_images([Image.new("RGB", (5, 5), (51, 102, 204))])[0]

    assert row == pytest.approx(np.array([1, 2, 4]) / np.sqrt(21), abs=1e-6)


def test_raw_rows_stay_as_they_are(tmp_path):
    raw = opened(tmp_path, replace(RECORD, normalise=False))

    assert raw.encode_images([Image.new("RGB", (5, 5), (51, 102, 204))])[0] == pytest.approx([0.2, 0.4, 0.8])


@pytest.mark.parametrize(("pooling", "dim"), [("none", 3 * SIDE * SIDE), ("avg", 3), ("max", 3)])
def test_an_inner_map_is_pooled_over_space(tmp_path, pooling, dim):
    encoder = opened(tmp_path, replace(RECORD, output="positive", pooling=pooling))

    assert encoder.dim == dim


def test_max_pooling_takes_the_brightest_place(tmp_path):
    picture = Image.new("RGB", (SIDE, SIDE), "black")
    picture.putpixel((3, 4), (255, 51, 0))
    record = replace(RECORD, output="positive", pooling="max", normalise=False)

    assert opened(tmp_path, record).encode_images([picture])[0] == pytest.approx([1, 0.2, 0])


def test_no_row_depends_on_its_neighbours_or_on_the_thread(tmp_path):
    encoder = opened(tmp_path)
    several = pictures(12)
    together = encoder.encode_images(several)

    with ThreadPoolExecutor(4) as pool:
        apart = list(pool.map(lambda picture: encoder.encode_images([picture])[0], several))

    assert np.array_equal(together, np.stack(apart))


def test_a_network_exported_for_one_picture_takes_several(tmp_path):
    picture_network(tmp_path / "small.onnx", batch=1)

    assert opened(tmp_path).encode_images(pictures(3)).shape == (3, 3)


@pytest.mark.parametrize(
    "changed",
    [
        {"output": "logits"},
        {"normalise": False},
        {"output": "pooled", "pooling": "max"},
        {"pixels": replace(PIXELS, channels="BGR")},
    ],
)
def test_whatever_changes_the_vectors_changes_the_space(tmp_path, changed):
    assert opened(tmp_path, replace(RECORD, **changed)).space != opened(tmp_path).space


def test_what_does_not_change_the_vectors_keeps_the_space(tmp_path):
    assert (
        opened(tmp_path, replace(RECORD, summary="other words", licence="MIT")).space
        == opened(tmp_path).space
    )


def test_other_weights_have_another_space(tmp_path):
    one = opened(tmp_path).space
    picture_network(tmp_path / "small.onnx", classes=6)

    assert opened(tmp_path).space != one


def test_both_encoders_keep_the_contract(tmp_path):
    text_network(tmp_path / "words.onnx")
    tokenizer_file(tmp_path / "tokenizer.json")

    assert isinstance(opened(tmp_path), ImageEncoder)
    assert isinstance(open_texts(Source(WORDS, tmp_path)), TextEncoder)


def test_a_text_is_the_mean_of_its_tokens(tmp_path):
    text_network(tmp_path / "words.onnx")
    tokenizer_file(tmp_path / "tokenizer.json")
    encoder = open_texts(Source(replace(WORDS, normalise=False), tmp_path))
    table = onnx.numpy_helper.to_array(onnx.load(tmp_path / "words.onnx").graph.initializer[0])

    red, empty, long = encoder.encode_texts(["red shirt", "  ", "red " * 50])

    assert red == pytest.approx(table[[2, 4, 5, 3]].mean(axis=0), abs=1e-6)
    assert not empty.any()
    assert long == pytest.approx(table[[2, *[4] * 6, 3]].mean(axis=0), abs=1e-6)


def test_padding_counts_for_nothing_under_the_mask(tmp_path):
    text_network(tmp_path / "words.onnx", ("input_ids", "attention_mask", "token_type_ids"))
    tokenizer_file(tmp_path / "tokenizer.json")
    padded = replace(WORDS, tokens=Tokens(ModelFile("tokenizer.json"), longest=8, padded=True))

    plain = open_texts(Source(WORDS, tmp_path)).encode_texts(["blue dress"])

    assert np.allclose(open_texts(Source(padded, tmp_path)).encode_texts(["blue dress"]), plain, atol=1e-6)


def test_words_are_cleaned_as_the_record_says(tmp_path):
    text_network(tmp_path / "words.onnx")
    tokenizer_file(tmp_path / "tokenizer.json")
    tokens = Tokens(ModelFile("tokenizer.json"), longest=8, lowercase=True, keep_punctuation=False)
    encoder = open_texts(Source(replace(WORDS, tokens=tokens), tmp_path))

    plain, odd = encoder.encode_texts(["red shirt", "RED, shirt!"])

    assert np.array_equal(plain, odd)


def test_a_missing_tokenizer_is_told(tmp_path):
    text_network(tmp_path / "words.onnx")

    with pytest.raises(ModelMissing, match=r"tokenizer.json"):
        open_texts(Source(WORDS, tmp_path))


def test_a_broken_tokenizer_is_refused(tmp_path):
    text_network(tmp_path / "words.onnx")
    (tmp_path / "tokenizer.json").write_text("{}")

    with pytest.raises(BadModel, match="not a valid tokenizer"):
        open_texts(Source(WORDS, tmp_path))


def test_a_record_that_promises_another_length_is_refused(tmp_path):
    with pytest.raises(BadModel, match="returns 3 values, but its record states 4"):
        opened(tmp_path, replace(RECORD, dim=4))


def test_an_input_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadModel, match="has the inputs images"):
        opened(tmp_path, replace(RECORD, input="pixel_values"))


def test_a_text_network_with_unknown_inputs_is_refused(tmp_path):
    text_network(tmp_path / "words.onnx", ("input_ids", "position_ids"))
    tokenizer_file(tmp_path / "tokenizer.json")

    with pytest.raises(BadModel, match="does not define position_ids"):
        open_texts(Source(WORDS, tmp_path))


def test_pictures_of_another_size_than_the_network_wants_are_refused(tmp_path):
    with pytest.raises(BadModel, match="could not run"):
        opened(tmp_path, replace(RECORD, pixels=replace(PIXELS, side=SIDE + 1)))


def test_a_record_may_free_a_network_from_the_size_it_was_exported_for(tmp_path):
    wider = replace(PIXELS, side=2 * SIDE)

    assert opened(tmp_path, replace(RECORD, pixels=wider, any_size=True)).dim == opened(tmp_path).dim


def test_a_maximum_needs_a_width_and_a_height(tmp_path):
    with pytest.raises(BadModel, match="no width and height left"):
        opened(tmp_path, replace(RECORD, pooling="max"))


def test_a_file_with_another_hash_is_not_opened(tmp_path):
    with pytest.raises(BadModel, match="does not match the record"):
        opened(tmp_path, replace(RECORD, file=ModelFile("small.onnx", sha256="0" * 64)))


@pytest.mark.parametrize("kept", [0, 1, 40, 200])
def test_a_truncated_file_is_refused(tmp_path, kept):
    path = picture_network(tmp_path / "small.onnx")
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(BadModel, match="not a complete ONNX file"):
        opened(tmp_path)


def test_weights_outside_the_folder_are_not_read(tmp_path):
    model = onnx.load(picture_network(tmp_path / "small.onnx"))
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../secret")
    (tmp_path / "small.onnx").write_bytes(model.SerializeToString())

    with pytest.raises(BadModel, match=r"'../secret', outside its folder"):
        opened(tmp_path)


def test_weights_beside_the_graph_are_read_cut_or_whole(tmp_path):
    plain = opened(tmp_path, replace(RECORD, output="logits")).encode_images(pictures(1))
    folder = tmp_path / "external"
    folder.mkdir()
    model = onnx.load(tmp_path / "small.onnx")
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info("features"))
    onnx.save(model, folder / "small.onnx", save_as_external_data=True, location="weights", size_threshold=0)

    assert np.array_equal(opened(folder, replace(RECORD, output="logits")).encode_images(pictures(1)), plain)


def test_a_file_that_is_no_network_is_refused(tmp_path):
    (tmp_path / "small.onnx").write_bytes(b"\x00" * 100)

    with pytest.raises(BadModel, match="not a complete ONNX file"):
        opened(tmp_path)


def test_a_bare_file_is_read_before_its_last_gemm(tmp_path):
    path = picture_network(tmp_path / "bare.onnx", classes=1000)
    found = image_encoder(str(path))

    assert isinstance(found, OnnxImages)
    assert found.dim == 3
    assert found.record.output == "before:Gemm"
    assert found.record.unverified == ("preprocessing",)


def test_a_record_beside_the_file_wins(tmp_path):
    path = picture_network(tmp_path / "mine.onnx")
    (tmp_path / "mine.toml").write_text(
        'kind = "image"\nfile = "mine.onnx"\noutput = "logits"\n[pixels]\nside = 8\nresize = "squash"\n'
    )

    found = image_encoder(str(path))

    assert isinstance(found, OnnxImages)
    assert found.record.output == "logits"
    assert found.name == "mine"
    assert encoder(str(tmp_path / "mine.toml")).images(pictures(1)).shape == (1, 5)


def test_the_record_of_another_file_is_refused(tmp_path):
    path = picture_network(tmp_path / "mine.onnx")
    (tmp_path / "mine.toml").write_text('kind = "image"\nfile = "other.onnx"\n')

    with pytest.raises(BadModel, match=r"describes another file, other\.onnx"):
        image_encoder(str(path))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("kind = ", "not valid TOML"),
        ('kind = "image"', "invalid at file"),
        ('kind = "sound"\nfile = "a.onnx"', "invalid at kind"),
        ('kind = "image"\nfile = "a.onnx"\ncolour = 1', "invalid at colour"),
        ('kind = "image"\nfile = "../a.onnx"', "must be in the folder"),
        ('kind = "image"\nfile = "/etc/passwd"', "must be in the folder"),
    ],
)
def test_a_wrong_record_is_refused_with_its_place(tmp_path, text, sentence):
    (tmp_path / "mine.toml").write_text(text)

    with pytest.raises(BadModel, match=sentence):
        image_encoder(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nothing", "Unknown image encoder 'nothing'. Use one of .*clip"),
        ("minilm", "Unknown image encoder"),
        ("/nowhere/a.onnx", "There is no model file"),
        ("tfidf", "Open a catalog whose recipe uses it"),
    ],
)
def test_an_unknown_name_is_told_with_the_known_ones(name, sentence):
    with pytest.raises(LookalikeError, match=sentence):
        image_encoder(name)


def test_tfidf_alone_has_nothing_to_count():
    with pytest.raises(UsageError, match="fitted to the texts of a catalog"):
        text_encoder("tfidf")


def test_the_network_with_slim_classes_gets_its_preprocessing(shared):
    path = shared / "models" / "mobilenet_v2_imagenet.onnx"
    photo = Image.open(next((shared / "data" / "fashion" / "images").glob("*.jpg"))).convert("RGB")
    squashed = photo.resize((224, 224), Image.Resampling.BILINEAR)
    pixels = (np.asarray(squashed, np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
    theirs = onnxruntime.InferenceSession(path).run(["features"], {"images": pixels})[0][0]

    ours = image_encoder(str(path)).encode_images([photo])[0]

    assert np.allclose(ours, theirs / np.linalg.norm(theirs), atol=1e-5)


def test_the_builtin_encoder_puts_words_and_pictures_into_one_space():
    builtin = encoder("builtin")

    seen, words = builtin.images(pictures(2)), builtin.texts(["red shirt", ""])

    assert seen.shape == words.shape == (2, builtin.dim)
    assert np.linalg.norm(seen, axis=1) == pytest.approx([1, 1])
    assert np.linalg.norm(words, axis=1) == pytest.approx([1, 0])

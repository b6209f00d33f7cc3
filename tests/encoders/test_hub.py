"""Models come from a hub whole and right, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lookalike.encoders.files import Source
from lookalike.encoders.hub import named, pull
from lookalike.encoders.onnx.runtime import open_images
from lookalike.encoders.recipes import needs
from lookalike.encoders.spec import EncoderSpec, ModelFile, Preprocessing
from lookalike.errors import AccessDenied, BadModel, ModelMissing, NotFound, Unavailable, UnknownRecipe
from support.fake_hub import COMMIT, FakeHub, running
from support.small_networks import SIDE, picture_network

pytest.importorskip("huggingface_hub")

RECORD = EncoderSpec(
    name="small",
    kind="image",
    summary="a small network",
    repository="shop/small",
    revision=COMMIT,
    file=ModelFile("onnx/model.onnx", size=500),
    output="features",
    pixels=Preprocessing(side=SIDE, resize="squash"),
)


@pytest.fixture
def network(tmp_path: Path) -> bytes:
    return picture_network(tmp_path / "made.onnx").read_bytes()


@pytest.fixture
def hub(network: bytes, caches: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with running(FakeHub({"shop/small/onnx/model.onnx": network})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub


def left_over(caches: Path) -> list[str]:
    """Files of models in the caches, finished or not."""
    return sorted(path.name for path in caches.rglob("*") if path.is_file() and "small" in str(path.parent))


def test_a_pulled_model_lies_in_the_usual_cache_and_runs(hub, caches, network):
    seen: list[tuple[str, int, int]] = []

    (path,) = pull(RECORD, lambda *state: seen.append(state))

    assert path == caches / f"hub/hub/models--shop--small/snapshots/{COMMIT}/onnx/model.onnx"
    assert path.read_bytes() == network
    assert seen[-1] == ("onnx/model.onnx", len(network), len(network))
    assert open_images(Source(RECORD)).dim == 3


def test_the_hubs_own_client_finds_what_was_pulled(hub):
    from huggingface_hub import try_to_load_from_cache

    (path,) = pull(replace(RECORD, revision="main"))

    found = try_to_load_from_cache("shop/small", "onnx/model.onnx", cache_dir=path.parents[4])
    assert found == str(path)


def test_what_is_here_is_not_downloaded_again(hub):
    pull(RECORD)
    pull(RECORD)

    assert hub.downloads() == [""]


def test_a_download_that_broke_off_goes_on_where_it_stopped(hub, network):
    hub.break_after = 100
    with pytest.raises(Unavailable, match="again to resume"):
        pull(RECORD)

    (path,) = pull(RECORD)

    assert hub.downloads() == ["", "bytes=100-"]
    assert path.read_bytes() == network


def test_a_server_without_ranges_sends_everything_again(hub, network):
    hub.break_after, hub.ranges = 100, False
    with pytest.raises(Unavailable):
        pull(RECORD)

    assert pull(RECORD)[0].read_bytes() == network


def test_a_broken_download_is_not_taken_for_a_model(hub):
    hub.break_after = 100
    with pytest.raises(Unavailable):
        pull(RECORD)

    assert not Source(RECORD).complete()


def test_other_bytes_than_the_hub_promised_are_deleted(hub, caches):
    hub.altered = True

    with pytest.raises(BadModel, match="was deleted"):
        pull(RECORD)
    assert not any("lookalike-part" in name and "lock" not in name for name in left_over(caches))
    assert not Source(RECORD).complete()


def test_other_bytes_than_the_record_promises_are_deleted(hub):
    strict = replace(RECORD, file=ModelFile("onnx/model.onnx", sha256="0" * 64))

    with pytest.raises(BadModel, match="instead of 000000000000"):
        pull(strict)
    assert not Source(strict).complete()


def test_a_file_that_changed_on_the_disk_is_refused(hub, network):
    strict = replace(RECORD, file=ModelFile("onnx/model.onnx", sha256=hashlib.sha256(network).hexdigest()))
    (path,) = pull(strict)
    path.resolve().write_bytes(network[:-1] + b"x")

    with pytest.raises(BadModel, match="does not match the record"):
        open_images(Source(strict))


def test_a_missing_file_is_reported(hub):
    with pytest.raises(NotFound, match=r"has no file other\.onnx at revision"):
        pull(replace(RECORD, file=ModelFile("other.onnx")))


def test_a_missing_repository_is_reported(hub):
    with pytest.raises(NotFound, match="shop/none does not exist"):
        pull(replace(RECORD, repository="shop/none"))


def test_a_gated_model_says_how_to_get_access(hub):
    hub.gated.add("shop/small")

    with pytest.raises(AccessDenied, match="hf auth login"):
        pull(RECORD)


def test_the_token_is_for_the_hub_and_not_for_its_storage(hub, monkeypatch, network):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.elsewhere = "localhost"

    (path,) = pull(RECORD)

    assert path.read_bytes() == network
    assert hub.tokens == {"127.0.0.1": "Bearer hf_secret", "localhost": ""}


@pytest.mark.parametrize("value", ["1", "true", "ON"])
def test_offline_sends_no_request(hub, monkeypatch, value):
    monkeypatch.setenv("HF_HUB_OFFLINE", value)

    with pytest.raises(Unavailable, match="HF_HUB_OFFLINE is set"):
        pull(RECORD)
    assert hub.requests == []


def test_a_hub_that_is_down_is_reported(caches, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")

    with pytest.raises(Unavailable, match="cannot be reached"):
        pull(RECORD)


def test_a_model_that_is_not_here_names_its_size_and_the_command(caches):
    with pytest.raises(ModelMissing) as told:
        open_images(Source(RECORD))

    sentence = str(told.value)
    assert "a small network" in sentence
    assert "lookalike models pull small" in sentence
    assert "'pixels' works without it" in sentence


@pytest.mark.parametrize("place", ["small/onnx/model.onnx", "small/model.onnx", "small/image/model.onnx"])
def test_a_folder_of_ones_own_models_comes_first(caches, network, place):
    path = caches / "models" / place
    path.parent.mkdir(parents=True)
    path.write_bytes(network)

    assert open_images(Source(RECORD)).dim == 3


def test_a_plain_web_address_is_resumed_and_checked_too(hub, caches, network):
    plain = replace(
        RECORD,
        repository=f"{hub.endpoint}/shop/small",
        file=ModelFile("onnx/model.onnx", md5=hashlib.md5(network).hexdigest(), size=len(network)),
    )
    hub.break_after = 100
    with pytest.raises(Unavailable):
        pull(plain)

    (path,) = pull(plain)

    assert path == caches / "cache/lookalike/models/onnx/model.onnx"
    assert hub.downloads() == ["", "bytes=100-"]


def test_a_plain_file_with_another_md5_is_deleted(hub):
    plain = replace(
        RECORD, repository=f"{hub.endpoint}/shop/small", file=ModelFile("onnx/model.onnx", md5="0" * 32)
    )

    with pytest.raises(BadModel, match="md5"):
        pull(plain)
    assert not Source(plain).complete()


def test_names_stand_for_all_the_towers_of_a_model():
    assert [record.kind for record in named("clip")] == ["image", "text"]
    assert {record.name for record in needs("resnet50-sbert")} == {"resnet50-keras", "sbert"}
    assert needs("pixels") == []
    with pytest.raises(UnknownRecipe, match="Unknown model 'nothing'"):
        needs("nothing")


def test_an_md5_is_checked_where_it_is_all_that_is_known(caches, network):
    record = replace(RECORD, file=ModelFile("onnx/model.onnx", md5=hashlib.md5(network).hexdigest()))
    path = caches / "models/small/model.onnx"
    path.parent.mkdir(parents=True)
    path.write_bytes(network)
    Source(record).check_md5(record.file)

    path.write_bytes(network[:-1] + b"x")

    with pytest.raises(BadModel, match="is not the published file"):
        Source(record).check_md5(record.file)

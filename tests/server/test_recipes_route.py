"""The models of recipes, downloaded by a request from a hub on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from lookalike.settings import settings
from support.fake_hub import FakeHub, running

pytest.importorskip("huggingface_hub")

ALEXNET = "onnxmodelzoo/legacy_models/Computer_Vision/alexnet_Opset17_torch_hub/alexnet_Opset17.onnx"
NETWORK = b"a network" * 1000


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN", "LOOKALIKE_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings.cache_clear()
    with running(FakeHub({ALEXNET: NETWORK})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub
    settings.cache_clear()


def facts(client: TestClient, name: str) -> dict[str, Any]:
    return next(each for each in client.get("/v1/recipes").json() if each["name"] == name)


def finished(client: TestClient, name: str) -> dict[str, Any]:
    """The job of a download after it has ended."""
    begun = client.post(f"/v1/recipes/{name}:download")
    assert begun.status_code == 202, begun.text
    client.app.state.parts.jobs.wait()  # pyright: ignore
    return client.get(f"/v1/jobs/{begun.json()['id']}").json()


def test_a_recipe_tells_the_source_size_and_licence_of_its_files(client: TestClient, hub: FakeHub) -> None:
    found = facts(client, "clip")
    assert (found["here"], found["downloadable"]) == (False, True)
    assert {(file["licence"], file["here"]) for file in found["files"]} == {("MIT", False)}
    assert found["files"][0]["source"].startswith("huggingface.co/Qdrant/clip-ViT-B-32-vision @")
    assert found["size"] == sum(file["size"] for file in found["files"])


def test_a_missing_recipe_is_downloaded_and_is_here_then(client: TestClient, hub: FakeHub) -> None:
    assert facts(client, "alexnet")["here"] is False
    state = finished(client, "alexnet")
    assert (state["state"], state["detail"]) == ("done", "")
    assert (state["step"], state["done"], state["total"]) == ("alexnet_Opset17.onnx", 9000, 9000)
    assert facts(client, "alexnet")["here"] is True


def test_a_download_that_broke_off_says_why_and_the_next_one_resumes(
    client: TestClient, hub: FakeHub
) -> None:
    hub.break_after = 4000
    assert finished(client, "alexnet")["state"] == "failed"
    assert finished(client, "alexnet")["state"] == "done"
    assert hub.downloads() == ["", "bytes=4000-"]


def test_a_model_that_the_hub_does_not_have_is_told(client: TestClient, hub: FakeHub) -> None:
    state = finished(client, "vgg16")
    assert (state["state"], "has no file" in state["detail"]) == ("failed", True)


def test_an_unknown_recipe_is_refused(client: TestClient) -> None:
    assert client.post("/v1/recipes/none:download").status_code == 404


def test_only_who_may_manage_starts_a_download(serve) -> None:
    client = serve(admin_key="shopkeeper")
    client.cookies.clear()
    assert client.post("/v1/recipes/alexnet:download").status_code in (401, 403)

"""Recipes in Manage: a model that is missing is downloaded, after the page has said what that fetches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.fake_hub import FakeHub, running
from web.serving import Server
from web.steps import expect, violations

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from web.conftest import VisitShop

pytest.importorskip("huggingface_hub")

ALEXNET = "onnxmodelzoo/legacy_models/Computer_Vision/alexnet_Opset17_torch_hub/alexnet_Opset17.onnx"


def recipe(page: Page, name: str) -> Locator:
    heading = page.get_by_role("heading", name=name, exact=True)
    return page.get_by_role("listitem").filter(has=heading)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_missing_recipe_is_downloaded_after_size_source_and_licence_were_shown(
    visit: VisitShop, own_catalog: Path, tmp_path: Path, scheme: str
) -> None:
    caches = {"HF_HOME": str(tmp_path / "hub"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with (
        running(FakeHub({ALEXNET: b"a network" * 1000})) as hub,
        Server(own_catalog, HF_ENDPOINT=hub.endpoint, LOOKALIKE_MODELS="", **caches) as server,
    ):
        page = visit("/manage/recipes", url=server.url, color_scheme=scheme, bypass_csp=True)
        alexnet = recipe(page, "alexnet")
        alexnet.get_by_role("button", name="Download (244 MB) alexnet").click()
        expect(alexnet).to_contain_text("alexnet_Opset17.onnx, 244 MB")
        expect(alexnet).to_contain_text("from huggingface.co/onnxmodelzoo/legacy_models")
        expect(alexnet).to_contain_text("license: ")
        assert hub.downloads() == []
        assert violations(page) == []
        alexnet.get_by_role("button", name="Start the download").click()
        expect(page.get_by_text("Downloaded. You can switch to the recipe now.")).to_be_visible()
        expect(alexnet.get_by_role("button", name="Switch alexnet")).to_be_visible()


def test_a_download_that_fails_says_why(visit: VisitShop, own_catalog: Path, tmp_path: Path) -> None:
    with Server(own_catalog, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path), LOOKALIKE_MODELS="") as server:
        page = visit("/manage/recipes", url=server.url)
        recipe(page, "vgg16").get_by_role("button", name="Download").click()
        recipe(page, "vgg16").get_by_role("button", name="Start the download").click()
        expect(page.get_by_text("HF_HUB_OFFLINE is set")).to_be_visible()

"""What a shopkeeper has the shop find out about itself, begun and watched on the pages."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lookalike.errors import install_command
from web.serving import Server
from web.steps import expect, violations

if TYPE_CHECKING:
    from web.conftest import VisitShop

# The libraries of the map take long to begin on a busy machine.
LONG_MS = 120_000
STUDIES = [
    ("Findings", "Check the catalog", ("All",)),
    ("Benchmarks", "Run benchmark", ("Agreement: Type, by look", "searches for things that you sell.")),
    ("Map", "Draw the map", ("of similar products.",)),
]


@pytest.mark.parametrize(("panel", "name", "outcomes"), STUDIES, ids=[panel for panel, _, _ in STUDIES])
def test_a_study_is_begun_with_one_press_and_its_outcome_appears_when_it_is_done(
    visit: VisitShop, own_catalog: Path, panel: str, name: str, outcomes: tuple[str, ...]
) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage", url=server.url, bypass_csp=True)
        sections = page.get_by_role("navigation", name="Sections")
        sections.get_by_role("link", name=panel, exact=True).click()
        page.get_by_role("button", name=name).click()
        expect(page.get_by_text("Done.")).to_be_visible(timeout=LONG_MS)
        for outcome in outcomes:
            expect(page.get_by_text(outcome).first).to_be_visible()
        expect(page.get_by_role("button", name=name)).to_be_enabled()
        assert violations(page) == []


def test_a_study_that_is_stopped_says_so_and_can_be_begun_again(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog) as server:
        page = visit("/manage/map", url=server.url)
        page.get_by_role("button", name="Draw the map").click()
        expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
        expect(page.get_by_role("button", name="Draw the map")).to_be_disabled()
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("Stopped.", exact=True)).to_be_visible()
        expect(page.get_by_text("No clusters yet.")).to_be_visible()
        expect(page.get_by_role("button", name="Draw the map")).to_be_enabled()


def test_the_map_shows_what_is_drawn_elsewhere_as_soon_as_it_is_done(
    visit: VisitShop, own_catalog: Path
) -> None:
    with Server(own_catalog) as server:
        page = visit("/map", url=server.url)
        expect(page.get_by_label("Method")).to_have_value("pca")
        server.call("POST", "/v1/map")
        expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
        expect(page.get_by_label("Method")).to_have_value("tsne", timeout=LONG_MS)
        expect(page.get_by_label("Color by")).to_have_value("")
        expect(page.get_by_role("button", name="Draw the map")).to_have_count(0)


def test_what_failed_while_nobody_looked_is_told(visit: VisitShop, own_catalog: Path, tmp_path: Path) -> None:
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "openTSNE.py").write_text("raise ImportError")
    with Server(own_catalog, PYTHONPATH=os.pathsep.join((str(folder), *sys.path))) as server:
        server.call("POST", "/v1/map")
        page = visit("/manage/map", url=server.url)
        expect(page.get_by_text(install_command("explore"))).to_be_visible()
        expect(page.get_by_role("button", name="Draw the map")).to_be_enabled()


def test_who_may_only_search_is_not_asked_to_draw_the_map(visit: VisitShop, own_catalog: Path) -> None:
    with Server(own_catalog, LOOKALIKE_ADMIN_KEY="shopkeeper") as server:
        page = visit("/map", url=server.url)
        expect(page.get_by_text("draw the map in Manage")).to_be_visible()
        expect(page.get_by_role("button", name="Draw the map")).to_have_count(0)

"""What people expect of a visual search: docs/web.md names the tests that prove each expectation."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from web.steps import expect, settled

if TYPE_CHECKING:
    from web.conftest import VisitShop

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def names_in(file: str) -> set[str]:
    """The tests in a file below tests/web."""
    tree = ast.parse((ROOT / "tests" / "web" / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_expectation_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "web.md").read_text("utf-8")
    section = page.partition("## Expectations and their tests")[2].partition("\n## ")[0]
    rows = ROW.findall(section)
    assert [int(number) for number, _, _ in rows] == list(range(1, 21))
    for _, expectation, proof in rows:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", proof)
        assert named, expectation
        assert [test for file, test in named if test not in names_in(file)] == []


def test_the_start_page_says_that_the_photo_is_not_kept(visit: VisitShop) -> None:
    page = visit()
    expect(page.get_by_text("The server searches with it in memory and never stores it.")).to_be_visible()


def test_nothing_is_animated_for_whoever_asks_for_less_motion(visit: VisitShop) -> None:
    page = visit("/?q=box", reduced_motion="reduce")
    settled(page)
    durations = page.evaluate(
        """() => [...document.querySelectorAll("main *")].flatMap((each) => {
            const { transitionDuration, animationDuration } = getComputedStyle(each);
            return `${transitionDuration}, ${animationDuration}`.split(", ").map(parseFloat);
        })"""
    )
    assert max(durations) <= 0.01


def test_the_details_tell_time_recipe_index_and_revision(visit: VisitShop) -> None:
    page = visit("/?q=box")
    settled(page)
    details = page.get_by_role("button", name="Search details")
    expect(details).to_be_in_viewport()
    details.click()
    dialog = page.get_by_role("dialog", name="Search details")
    expect(dialog.get_by_text(re.compile(r"[\d.]+ ms in the engine, \d+ ms in the browser"))).to_be_visible()
    expect(dialog.get_by_text(re.compile("^pixels"))).to_be_visible()
    expect(dialog.get_by_text(re.compile(r"\d+ rows$"))).to_be_visible()
    expect(dialog.get_by_text(re.compile(r"revision \d+"))).to_be_visible()

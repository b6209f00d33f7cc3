"""The shape of the tree, as docs/architecture.md draws it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import lookalike

SOURCE = Path(lookalike.__file__).parents[1]
PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
LEVEL_ROW = re.compile(r"^\| (\d+) \| (.+?) \|", re.MULTILINE)

Imports = Mapping[str, frozenset[str]]


@pytest.fixture(scope="module")
def imports() -> Imports:
    """Every module of the project, with the modules of the project that it imports."""
    paths = {
        ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
        for package in ("lookalike", "lookalike_sample_shop")
        for path in (SOURCE / package).rglob("*.py")
    }
    return {name: frozenset(_imported(path, set(paths)) - {name}) for name, path in paths.items()}


def _imported(path: Path, modules: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in modules else node.module for name in names}
    return found & modules


def package_of(module: str) -> str:
    """The module or package directly below `lookalike` that a module belongs to."""
    parts = module.split(".")
    return parts[0] if len(parts) == 1 or parts[0] != "lookalike" else parts[1]


def levels() -> dict[str, int]:
    """The level of every package and loose module, as the page tells it."""
    rows = LEVEL_ROW.findall(PAGE.read_text("utf-8"))
    return {name: int(level) for level, names in rows for name in re.findall(r"`([\w.]+)", names)}


def test_every_import_goes_down_at_least_one_level(imports: Imports) -> None:
    level = levels()
    upward = [
        f"{module} (level {level[package_of(module)]}) imports {other} (level {level[package_of(other)]})"
        for module, others in imports.items()
        for other in others
        if package_of(module) != package_of(other) and level[package_of(module)] <= level[package_of(other)]
    ]
    assert upward == []


def test_the_page_names_every_package(imports: Imports) -> None:
    assert set(levels()) == {package_of(module) for module in imports}


def test_every_path_on_the_page_exists() -> None:
    paths = re.findall(r"`((?:[\w.]+/)+[\w.]*)`", PAGE.read_text("utf-8"))
    roots = (SOURCE / "lookalike", SOURCE.parent)
    assert [path for path in paths if not any((root / path).exists() for root in roots)] == []
    assert len(paths) > 50


def test_no_module_imports_itself_through_others(imports: Imports) -> None:
    open_modules: list[str] = []
    done: set[str] = set()

    def visit(module: str) -> None:
        assert module not in open_modules, " -> ".join([*open_modules[open_modules.index(module) :], module])
        if module in done:
            return
        open_modules.append(module)
        for other in imports[module]:
            # A package's own __init__ runs before its modules; what it re-exports is not a cycle.
            if not module.startswith(f"{other}."):
                visit(other)
        open_modules.pop()
        done.add(module)

    for module in imports:
        visit(module)


def test_only_the_demo_command_imports_the_sample_shop(imports: Imports) -> None:
    importers = {
        module
        for module, others in imports.items()
        if package_of(module) != "lookalike_sample_shop"
        and any(package_of(other) == "lookalike_sample_shop" for other in others)
    }
    assert importers <= {"lookalike.cli.demo"}


def test_the_public_names_exist() -> None:
    expected = {"open", "read_feed", "encoder", "Catalog", "Shop", "SearchEngine", "Product", "Query", "Hit"}
    assert set(lookalike.__all__) >= expected
    assert all(hasattr(lookalike, name) for name in lookalike.__all__)

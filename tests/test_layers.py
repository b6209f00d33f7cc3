"""The shape of the tree: imports point one way, and the public names are what they are."""

from __future__ import annotations

import ast
from pathlib import Path

import lookalike

SOURCE = Path(lookalike.__file__).parent

MAIN_PATH = {
    "making",
    "crew",
    "intake",
    "following",
    "standby",
    "querying",
    "ordering",
    "matching",
    "rebuild",
    "catalog",
}
BESIDE_IT = {"checking", "copying", "snapshot", "derived", "looking", "report", "outsiders"}
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"records", "errors", "settings"}),
    frozenset({"images", "fetch", "wire"}),
    frozenset({"database", "index", "encoders", "feeds", "demo"}),
    frozenset({"recipes"}),
    frozenset(MAIN_PATH | BESIDE_IT),
    frozenset({"recommend", "evaluate", "explore", "adapt"}),
    frozenset({"shop"}),
    frozenset({"server", "cli"}),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

# Folders whose siblings do not import each other, and the one thing that all of them speak.
APART = (2, 5, 7)
COMMON = "lookalike.encoders.base"


def imports(path: Path) -> set[str]:
    """The modules of the project that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.startswith("lookalike.")}


def test_imports_point_one_way_and_siblings_do_not_meet() -> None:
    wrong: list[str] = []
    for path in SOURCE.rglob("*.py"):
        own = path.relative_to(SOURCE).with_suffix("").parts[0]
        if own.startswith("__"):
            continue
        for name in imports(path):
            other = name.split(".")[1]
            if other == own or other not in LEVEL or name.startswith(COMMON):
                continue
            same_step = LEVEL[own] == LEVEL[other] and LEVEL[own] in APART
            if LEVEL[own] < LEVEL[other] or same_step:
                wrong.append(f"{path.relative_to(SOURCE)} imports {name}")
    assert wrong == []


def test_every_module_has_its_place_in_the_layers() -> None:
    modules = {
        path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {name for name in modules if not name.startswith("__")} == set(LEVEL) & modules


def test_no_public_name_goes_missing() -> None:
    assert set(lookalike.__all__) >= {"open", "read_feed", "encoder", "Catalog", "Product", "Query", "Hit"}
    assert all(hasattr(lookalike, name) for name in lookalike.__all__)

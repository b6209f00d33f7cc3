"""The application and the server speak the same language."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from web.contract import KEPT, WEB, facet_text

TYPES = WEB / "src" / "api" / "schema.d.ts"


def test_the_application_is_written_against_what_the_server_says_today() -> None:
    assert json.loads(KEPT.read_text()) == facet_text(), (
        "run: python tests/web/contract.py && npm --prefix web run types"
    )


def test_the_types_are_made_from_it(tmp_path: Path) -> None:
    tool = WEB / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
    node = shutil.which("node")
    if node is None or not tool.is_file():
        pytest.skip("Node or the application's packages are not installed: npm --prefix web ci")
    fresh = tmp_path / "schema.d.ts"
    command = [node, str(tool), str(KEPT), "-o", str(fresh), "--default-non-nullable=false"]
    subprocess.run(command, check=True, capture_output=True)
    assert fresh.read_text() == TYPES.read_text()

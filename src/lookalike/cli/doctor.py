"""`doctor`: is this machine fit to serve this catalogue, and if not, what is to be done?"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import click

from lookalike.cli.examining import examined, show, told
from lookalike.cli.options import catalog_option, json_option, open_existing
from lookalike.cli.output import print_json
from lookalike.errors import LookalikeError, Unavailable
from lookalike.settings import settings

LITTLE_DISK = 1_000_000_000
SAFE_SQLITE = (3, 51, 3)
FAST_FEATURES = ("avx2", "avx512f", "avx512_vnni", "asimd")
File = click.Path(dir_okay=False, path_type=Path)
MARKS = {"ok": "ok  ", "warning": "look", "fault": "FAIL"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and what to do about it."""

    check: str
    state: Literal["ok", "warning", "fault"]
    detail: str


@click.command()
@catalog_option
@click.option("-o", "--output", type=File, metavar="REPORT.HTML", help="Write what is wrong with products.")
@click.option("--corrected", type=File, metavar="FEED.CSV", help="Write the catalogue with likely values.")
@click.option("--links", is_flag=True, help="Ask every product's link whether it answers.")
@json_option
@click.pass_context
def doctor(
    ctx: click.Context,
    catalog: str,
    output: Path | None,
    corrected: Path | None,
    links: bool,
    as_json: bool,
) -> None:
    """Check this machine; with --catalog, the products of the catalogue too.

    The machine: disk, models, processor, port, write access, SQLite. The products: duplicates, variants,
    doubtful categories and colours, photos that do not fit or show nothing, missing fields, broken links.
    """
    findings = [finding for check in CHECKS for finding in check(catalog)]
    faults = sum(finding.state == "fault" for finding in findings)
    named = ctx.get_parameter_source("catalog") is click.core.ParameterSource.COMMANDLINE
    asked = bool(output or corrected or links or named)
    able = asked and not faults and ("://" in catalog or Path(catalog).is_file())
    products = examined(catalog, output, corrected, links) if able else []
    if as_json:
        print_json([*map(asdict, findings), *told(products)])
    else:
        for finding in findings:
            click.echo(f"{MARKS[finding.state]}  {finding.check}: {finding.detail}")
        if able:
            show(products)
    if faults:
        raise Unavailable(f"{faults} of {len(findings)} checks failed: the lines marked FAIL say what to do.")


def _python(_: str) -> Iterator[Finding]:
    yield Finding("python", "ok", f"{sys.version.split()[0]} at {sys.executable}")


def _processor(_: str) -> Iterator[Finding]:
    cores = os.cpu_count() or 1
    listed = Path("/proc/cpuinfo")
    if not listed.is_file():
        yield Finding("processor", "ok", f"{cores} cores")
        return
    words = set(listed.read_text(encoding="utf-8", errors="replace").split())
    fast = [feature for feature in FAST_FEATURES if feature in words]
    if fast:
        yield Finding("processor", "ok", f"{cores} cores with {', '.join(fast)}")
    else:
        yield Finding(
            "processor", "warning", f"{cores} cores without AVX2: embedding is several times slower"
        )


def _folder(catalog: str) -> Iterator[Finding]:
    if "://" in catalog:
        return
    folder = Path(catalog).absolute().parent
    if not folder.is_dir():
        yield Finding("folder", "fault", f"{folder} is not there: make it, or name another with --catalog")
        return
    if os.access(folder, os.W_OK):
        yield Finding("folder", "ok", f"{folder} can be written to")
    else:
        yield Finding("folder", "fault", f"{folder} cannot be written to: change its rights or --catalog")
    free = shutil.disk_usage(folder).free
    if free >= LITTLE_DISK:
        yield Finding("disk", "ok", f"{free / 1e9:.0f} GB are free")
    else:
        yield Finding("disk", "warning", f"only {free / 1e6:.0f} MB are free: an import may fill the disk")


def _sqlite(_: str) -> Iterator[Finding]:
    import apsw

    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")) >= SAFE_SQLITE:
        yield Finding("sqlite", "ok", version)
    else:
        yield Finding("sqlite", "fault", f"{version} can corrupt a file that two write: pip install -U apsw")


def _models(_: str) -> Iterator[Finding]:
    from lookalike.encoders.registry import source
    from lookalike.encoders.zoo import MODELS

    absent: list[str] = []
    for record in MODELS:
        found = source(record.name, record.kind)
        if not found.complete():
            absent.append(record.name)
            continue
        try:
            for file in found.record.files:
                found.verified(file)
        except LookalikeError as error:
            yield Finding(f"model {record.name} ({record.kind})", "fault", str(error))
            continue
        try:
            for file in found.record.files:
                found.check_md5(file)
        except LookalikeError as error:
            # Weights of one's own work as well as the published ones.
            yield Finding(f"model {record.name} ({record.kind})", "warning", str(error))
        else:
            yield Finding(f"model {record.name} ({record.kind})", "ok", "is here and is what it should be")
    if absent:
        names = ", ".join(dict.fromkeys(absent))
        yield Finding("other models", "ok", f"not on this machine, and not needed: {names}")


def _providers(_: str) -> Iterator[Finding]:
    from lookalike.encoders.onnx.providers import available_providers, wanted_providers

    offered = ", ".join(available_providers())
    try:
        used = wanted_providers()
    except LookalikeError as error:
        yield Finding("providers", "fault", str(error))
    else:
        yield Finding("providers", "ok", f"networks run on {used[0]}; this ONNX Runtime offers {offered}")


def _port(_: str) -> Iterator[Finding]:
    host, port = settings().host, settings().port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            yield Finding("port", "warning", f"{host}:{port} is taken ({error.strerror}): serve with --port")
        else:
            yield Finding("port", "ok", f"{host}:{port} is free")


def _catalogue(catalog: str) -> Iterator[Finding]:
    if "://" not in catalog and not Path(catalog).is_file():
        yield Finding("catalogue", "ok", f"there is none at {catalog} yet")
        return
    try:
        with open_existing(catalog, index="") as shop:
            shop.check()
            yield Finding("catalogue", "ok", f"{len(shop)} products, recipe {shop.recipe.name}")
    except LookalikeError as error:
        yield Finding("catalogue", "fault", str(error))


CHECKS: tuple[Callable[[str], Iterator[Finding]], ...] = (
    _python,
    _processor,
    _folder,
    _sqlite,
    _models,
    _providers,
    _port,
    _catalogue,
)

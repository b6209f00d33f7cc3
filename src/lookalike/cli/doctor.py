"""`doctor`: checks the machine, and the products of a catalog."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from lookalike.cli.options import catalog_option, json_option, open_existing
from lookalike.cli.output import print_json, print_table
from lookalike.cli.progress import steps_progress
from lookalike.errors import LookalikeError, Unavailable
from lookalike.settings import settings

if TYPE_CHECKING:
    from lookalike.analysis.doctor.findings import Finding

LITTLE_DISK = 1_000_000_000
SAFE_SQLITE = (3, 51, 3)
FAST_FEATURES = ("avx2", "avx512f", "avx512_vnni", "asimd")
File = click.Path(dir_okay=False, path_type=Path)
SHOWN = 3
MARKS = {"ok": "ok  ", "warning": "warn", "fault": "FAIL"}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check, with what to do about it."""

    check: str
    state: Literal["ok", "warning", "fault"]
    detail: str


@click.command()
@catalog_option
@click.option(
    "-o", "--output", type=File, metavar="REPORT.HTML", help="Write a report of problems with products."
)
@click.option("--corrected", type=File, metavar="FEED.CSV", help="Write a feed with likely corrections.")
@click.option("--links", is_flag=True, help="Request every product's link.")
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
    """Check this machine; with --catalog, check the products, too.

    Machine: disk, models, processor, port, write access, SQLite. Products: duplicates, variants, wrong
    categories and colors, photos that do not fit or show nothing, missing fields, broken links.
    """
    results = [result for check in CHECKS for result in check(catalog)]
    faults = sum(result.state == "fault" for result in results)
    named = ctx.get_parameter_source("catalog") is click.core.ParameterSource.COMMANDLINE
    asked = bool(output or corrected or links or named)
    able = asked and not faults and ("://" in catalog or Path(catalog).is_file())
    products = _check_products(catalog, output, corrected, links) if able else []
    if as_json:
        print_json([*map(asdict, results), *_as_checks(products)])
    else:
        for result in results:
            click.echo(f"{MARKS[result.state]}  {result.check}: {result.detail}")
        if able:
            _show(products)
    if faults:
        raise Unavailable(f"{faults} of {len(results)} checks failed. See the lines marked FAIL.")


def _check_products(catalog: str, report: Path | None, corrected: Path | None, links: bool) -> list[Finding]:
    """Check the products, store the findings for the web application, and write the requested files.

    Findings that were dismissed in Manage are left out.
    """
    from lookalike.analysis.doctor import doctor as product_doctor
    from lookalike.analysis.doctor.stored_findings import dismissed, keep
    from lookalike.analysis.explore.report import findings_html
    from lookalike.feeds import export_csv

    with open_existing(catalog, "") as shop:
        with steps_progress() as progress:
            snapshot, findings = product_doctor.examine(shop, ask_links=links, progress=progress)
        keep(shop.catalog.database, findings)
        hidden = dismissed(shop.catalog.database)
        findings = [finding for finding in findings if finding.id not in hidden]
        if report is not None:
            report.write_text(findings_html(shop, snapshot, findings), "utf-8")
    if corrected is not None:
        with corrected.open("w", encoding="utf-8", newline="") as file:
            export_csv(list(product_doctor.corrected(snapshot, findings)), file)
    return findings


def _as_checks(findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    """Findings in the form of the other checks, with their own fields."""
    for finding in findings:
        detail = f"{finding.product} {finding.sentence}"
        yield {"check": "products", "state": "warning", "detail": detail, **finding.as_json()}


def _show(findings: list[Finding]) -> None:
    """Print the number of findings of each kind, and the most certain ones."""
    from lookalike.analysis.doctor.findings import counted

    rows: list[tuple[str, str, str]] = []
    for kind, count in counted(findings).items():
        own = [finding for finding in findings if finding.kind == kind][:SHOWN]
        for place, finding in enumerate(own):
            name, many = (kind, str(count)) if place == 0 else ("", "")
            rows.append((name, many, f"{finding.product} {finding.sentence}"))
    if rows:
        click.echo()
        print_table(("FINDING", "PRODUCTS", "MOST CERTAIN"), rows)
    else:
        click.echo("ok    products: no problems found")


def _python(_: str) -> Iterator[CheckResult]:
    yield CheckResult("python", "ok", f"{sys.version.split()[0]} at {sys.executable}")


def _processor(_: str) -> Iterator[CheckResult]:
    cores = os.cpu_count() or 1
    listed = Path("/proc/cpuinfo")
    if not listed.is_file():
        yield CheckResult("processor", "ok", f"{cores} cores")
        return
    words = set(listed.read_text(encoding="utf-8", errors="replace").split())
    fast = [feature for feature in FAST_FEATURES if feature in words]
    if fast:
        yield CheckResult("processor", "ok", f"{cores} cores with {', '.join(fast)}")
    else:
        yield CheckResult(
            "processor", "warning", f"{cores} cores without AVX2: embedding is several times slower"
        )


def _folder(catalog: str) -> Iterator[CheckResult]:
    if "://" in catalog:
        return
    folder = Path(catalog).absolute().parent
    if not folder.is_dir():
        yield CheckResult(
            "folder", "fault", f"{folder} does not exist: create it, or choose another one with --catalog"
        )
        return
    if os.access(folder, os.W_OK):
        yield CheckResult("folder", "ok", f"{folder} is writable")
    else:
        yield CheckResult("folder", "fault", f"{folder} is not writable: change its permissions or --catalog")
    free = shutil.disk_usage(folder).free
    if free >= LITTLE_DISK:
        yield CheckResult("disk", "ok", f"{free / 1e9:.0f} GB are free")
    else:
        yield CheckResult(
            "disk", "warning", f"only {free / 1e6:.0f} MB are free: an import may fill the disk"
        )


def _sqlite(_: str) -> Iterator[CheckResult]:
    import apsw

    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")) >= SAFE_SQLITE:
        yield CheckResult("sqlite", "ok", version)
    else:
        yield CheckResult(
            "sqlite", "fault", f"{version} can corrupt a file with two writers: pip install -U apsw"
        )


def _models(_: str) -> Iterator[CheckResult]:
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
            yield CheckResult(f"model {record.name} ({record.kind})", "fault", str(error))
            continue
        try:
            for file in found.record.files:
                found.check_md5(file)
        except LookalikeError as error:
            # Retrained weights work as well as the published ones.
            yield CheckResult(f"model {record.name} ({record.kind})", "warning", str(error))
        else:
            yield CheckResult(f"model {record.name} ({record.kind})", "ok", "installed and verified")
    if absent:
        names = ", ".join(dict.fromkeys(absent))
        yield CheckResult("other models", "ok", f"not installed, not needed: {names}")


def _providers(_: str) -> Iterator[CheckResult]:
    from lookalike.encoders.onnx.providers import available_providers, short_name, wanted_providers

    offered = ", ".join(available_providers())
    try:
        used = wanted_providers()
    except LookalikeError as error:
        yield CheckResult("providers", "fault", str(error))
    else:
        yield CheckResult("providers", "ok", f"using {short_name(used[0])}; available: {offered}")


def _port(_: str) -> Iterator[CheckResult]:
    host, port = settings().host, settings().port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            yield CheckResult(
                "port", "warning", f"{host}:{port} is not available ({error.strerror}): use `serve --port`"
            )
        else:
            yield CheckResult("port", "ok", f"{host}:{port} is free")


def _catalog(catalog: str) -> Iterator[CheckResult]:
    if "://" not in catalog and not Path(catalog).is_file():
        yield CheckResult("catalog", "ok", f"there is no catalog at {catalog} yet")
        return
    try:
        with open_existing(catalog, index="") as shop:
            shop.check()
            yield CheckResult("catalog", "ok", f"{len(shop)} products, recipe {shop.recipe.name}")
    except LookalikeError as error:
        yield CheckResult("catalog", "fault", str(error))


CHECKS: tuple[Callable[[str], Iterator[CheckResult]], ...] = (
    _python,
    _processor,
    _folder,
    _sqlite,
    _models,
    _providers,
    _port,
    _catalog,
)

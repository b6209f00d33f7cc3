"""The catalog doctor: collects all findings, and applies the likely corrections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from lookalike.analysis.doctor.duplicate_products import duplicates, variants
from lookalike.analysis.doctor.findings import KINDS, Finding
from lookalike.analysis.doctor.label_errors import doubts
from lookalike.analysis.doctor.missing_fields import links, missing, outliers
from lookalike.analysis.doctor.photo_quality import picture_findings
from lookalike.analysis.snapshot import Snapshot
from lookalike.shop import Shop
from lookalike.types import Product

# A blank photo disagrees with every title.
UNSEEN = frozenset({"blank photo", "tiny photo", "blurred photo"})

Progress: TypeAlias = Callable[[str, int, int], None]


def examine(
    shop: Shop, *, ask_links: bool = False, progress: Progress | None = None
) -> tuple[Snapshot, list[Finding]]:
    """All findings, most certain first within each kind."""
    snapshot = Snapshot.of(shop)
    steps: list[tuple[str, Iterator[Finding]]] = [
        ("duplicates", duplicates(shop, snapshot)),
        ("variants", variants(snapshot)),
        ("categories and colours", doubts(snapshot)),
        ("photos", picture_findings(shop, snapshot)),
        ("fields", missing(snapshot)),
        ("links", links(snapshot, ask_links)),
        ("outliers", outliers(snapshot)),
    ]
    found: list[Finding] = []
    for place, (name, findings) in enumerate(steps):
        if progress is not None:
            progress(name, place, len(steps))
        found += findings
    unseen = {each.product for each in found if each.kind in UNSEEN}
    found = [each for each in found if each.kind != "photo and title disagree" or each.product not in unseen]
    order = list(KINDS)
    found.sort(key=lambda each: (order.index(each.kind), -each.confidence, each.product))
    return snapshot, found


def corrected(snapshot: Snapshot, findings: Iterable[Finding]) -> Iterator[Product]:
    """The products with likely categories, colors and groups filled in. All other findings need a person."""
    wanted: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.kind in ("doubtful category", "doubtful colour", "variant"):
            wanted.setdefault(finding.product, []).append(finding)
    for product in snapshot.products:
        better = product
        for finding in wanted.get(product.id, []):
            if finding.kind == "variant":
                better = replace(better, group=finding.likely)
            else:
                better = replace(better, facets={**better.facets, finding.field: finding.likely})
        yield better

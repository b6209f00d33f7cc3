"""The report on a catalog as one offline HTML file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise

from PIL import Image

from lookalike.analysis import html as report
from lookalike.analysis.doctor.findings import KINDS, Finding
from lookalike.analysis.explore import figures
from lookalike.analysis.explore.clusters import Clustering
from lookalike.analysis.explore.distributions import Distribution, Distributions
from lookalike.analysis.explore.maps import Map
from lookalike.analysis.snapshot import Snapshot
from lookalike.media.images import read_image
from lookalike.shop import Shop

MOST_PICTURES = 900
PICTURE = 40
WIDTH = 1200
SHOWN_FINDINGS = 24
SHOWN_VALUES = 15


def html(
    shop: Shop,
    snapshot: Snapshot,
    maps: Sequence[Map],
    clustering: Clustering,
    spread: Distributions,
    findings: Sequence[Finding],
    solids: Sequence[Map] = (),
    facet: str | None = None,
) -> str:
    """The whole report; `facet` colors the points of the figures."""
    pictures = Pictures(shop, snapshot)
    seen = [id for id, photo in zip(snapshot.ids, snapshot.has_photo(), strict=True) if photo]
    parts = [report.paragraph(f"{len(snapshot):,} products, recipe {shop.recipe.name}.")]
    for drawn in maps:
        parts += _map(drawn, seen, clustering, pictures)
    parts += _figures(snapshot, [*maps, *solids], facet)
    parts += _clusters(clustering, snapshot, pictures)
    parts += _distributions(spread)
    parts += finding_parts(findings, snapshot, pictures)
    return report.page("Catalog report", parts)


def findings_html(shop: Shop, snapshot: Snapshot, findings: Sequence[Finding]) -> str:
    """The report of findings only."""
    return report.page("Findings", finding_parts(findings, snapshot, Pictures(shop, snapshot)))


class Pictures:
    """Thumbnails of first photos, created on first use."""

    def __init__(self, shop: Shop, snapshot: Snapshot) -> None:
        self._shop = shop
        self._photos = dict(zip(snapshot.ids, snapshot.first_photos(), strict=True))

    def small(self, id: str, side: int) -> bytes | None:
        """A thumbnail, or None."""
        photo = self._photos.get(id)
        if not photo:
            return None
        picture = read_image(self._shop.photo(photo).data)
        picture.thumbnail((side, side), Image.Resampling.BOX)
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=70)
        return buffer.getvalue()


def finding_parts(findings: Sequence[Finding], snapshot: Snapshot, pictures: Pictures) -> list[str]:
    """Findings by kind, with photos of the most certain ones."""
    titles = {product.id: product.title for product in snapshot.products}
    parts = [report.heading("Possible problems")]
    if not findings:
        return [*parts, report.paragraph("No problems found.")]
    for kind, meaning in KINDS.items():
        own = [finding for finding in findings if finding.kind == kind]
        if not own:
            continue
        parts += [report.heading(f"{kind}: {len(own)}", 3), report.paragraph(meaning.capitalize() + ".")]
        shown: list[tuple[bytes | None, str]] = []
        for finding in own[:SHOWN_FINDINGS]:
            words = (
                f"{finding.product} {titles[finding.product]}: {finding.sentence} ({finding.confidence:.0%})"
            )
            shown.append((pictures.small(finding.product, 112), words))
            if finding.kind == "duplicate":
                shown.append((pictures.small(finding.other, 112), f"{finding.other} {titles[finding.other]}"))
        parts.append(report.tiles(shown))
    return parts


def _figures(snapshot: Snapshot, maps: Sequence[Map], facet: str | None) -> list[str]:
    colour = figures.coloured_by(snapshot, facet)
    parts = [report.heading("Every product as a point")]
    for drawn in maps:
        parts += figures.scatter(drawn, snapshot, colour)
        parts += figures.connectivity(drawn, snapshot, colour)
    return [*parts, *figures.variance(snapshot.looks()[snapshot.has_photo()])]


def _map(drawn: Map, ids: Sequence[str], clustering: Clustering, pictures: Pictures) -> list[str]:
    share = f", {drawn.explained:.0%} of the variance explained" if drawn.explained is not None else ""
    words = (
        f"The map keeps {drawn.kept:.0%} of each product's "
        f"ten nearest neighbours{share}. Distances between groups have no meaning."
    )
    return [
        report.heading(f"Map by {figures.METHOD_NAMES[drawn.method]}"),
        report.paragraph(words),
        _drawing(drawn, ids, clustering.members, pictures),
    ]


def _drawing(drawn: Map, ids: Sequence[str], members: Mapping[str, int], pictures: Pictures) -> str:
    """One photo per map cell, framed in the color of its cluster."""
    cells: dict[tuple[int, int], int] = {}
    across = max(1, WIDTH // PICTURE)
    for place, (x, y) in enumerate(drawn.points.tolist()):
        cell = (int(x * across), int(y * across))
        if len(cells) < MOST_PICTURES:
            cells.setdefault(cell, place)
    shapes: list[str] = []
    for (column, row), place in cells.items():
        data = pictures.small(ids[place], PICTURE)
        if data is None:
            continue
        colour = figures.COLOURS[members.get(ids[place], 0) % len(figures.COLOURS)]
        inner = PICTURE - 3
        box = f'x="{column * PICTURE}" y="{row * PICTURE}" width="{inner}" height="{inner}"'
        shapes.append(
            f'<g><title>{escape(ids[place])}</title><image {box} href="{report.address(data)}"/>'
            f'<rect {box} fill="none" stroke="{colour}" stroke-width="2"/></g>'
        )
    side = across * PICTURE
    return f'<svg class="map" viewBox="0 0 {side} {side}" role="img" aria-label="map">{"".join(shapes)}</svg>'


def _clusters(clustering: Clustering, snapshot: Snapshot, pictures: Pictures) -> list[str]:
    titles = {product.id: product.title for product in snapshot.products}
    parts = [
        report.heading("Clusters"),
        report.paragraph(
            f"{len(clustering.clusters)} clusters, chosen by {clustering.chosen_by}; mean silhouette "
            f"{clustering.silhouette:.3f}; agreement with another start {clustering.stability:.0%} "
            "(adjusted Rand index)."
        ),
    ]
    for family in sorted({cluster.family for cluster in clustering.clusters}):
        for cluster in clustering.clusters:
            if cluster.family == family:
                parts.append(
                    report.heading(f"{cluster.name}: {cluster.size} products, family {family + 1}", 3)
                )
                parts.append(report.tiles((pictures.small(id, 112), titles[id]) for id in cluster.typical))
    return parts


def _distributions(spread: Distributions) -> list[str]:
    parts = [report.heading("Distributions")]
    for facet in spread.facets:
        parts += [report.heading(facet.facet, 3), _bars(facet, spread.products)]
    if spread.prices is not None:
        edges, counts = spread.prices.edges, spread.prices.counts
        names = [f"{low:g} to {high:g}" for low, high in pairwise(edges)]
        prices = Distribution("price", dict(zip(names, counts, strict=True)), 0, spread.prices.missing)
        parts += [report.heading("price", 3), _bars(prices, spread.products)]
    return parts


def _bars(facet: Distribution, products: int) -> str:
    shown: Iterable[tuple[str, int]] = list(facet.values.items())[: max(SHOWN_VALUES, len(facet.values) // 3)]
    most = max(facet.values.values(), default=1) or 1
    rows = "".join(
        f'<tr><td>{escape(value)}</td><td class="n">{count}</td><td style="width:60%"><div class="bar">'
        f'<span style="width:{100 * count / most:.1f}%"></span></div></td></tr>'
        for value, count in shown
    )
    rest = f"{facet.missing} of {products} have none." if facet.missing else ""
    return f"<table>{rows}</table>{report.paragraph(rest) if rest else ''}"

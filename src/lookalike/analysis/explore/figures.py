"""The figures of the papers: maps colored by a facet, connectivity, explained variance."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from lookalike.analysis import html as report
from lookalike.analysis.explore.maps import Map, Points
from lookalike.analysis.snapshot import Snapshot
from lookalike.vectors.neighbours import Places
from lookalike.vectors.pca import Pca

SIDE = 800
MOST_COLOURS = 12
VARIANCES = (0.5, 0.8, 0.9, 0.95, 0.99)
MARKED = 0.9
OTHER, NONE = "other", "not stated"
GREY = "#9aa0a6"
COLOURS = (
    "#4e79a7",
    "#f28e2b",
    "#59a14f",
    "#e15759",
    "#76b7b2",
    "#edc948",
    "#b07aa1",
    "#ff9da7",
    "#9c755f",
    "#1f4e79",
    "#7f3b08",
    "#1b7837",
)
METHOD_NAMES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
# Drag to rotate. Without scripts, the first view is shown.
TURNING = """
for (const canvas of document.querySelectorAll("canvas.turn")) {
  const points = JSON.parse(canvas.dataset.points), colours = JSON.parse(canvas.dataset.colours);
  const pen = canvas.getContext("2d"), side = canvas.width;
  let across = 0.6, down = 0.4;
  const draw = () => {
    pen.clearRect(0, 0, side, side);
    const [ca, sa, cd, sd] = [Math.cos(across), Math.sin(across), Math.cos(down), Math.sin(down)];
    points.map(([x, y, z, c]) => {
      const [a, b, d] = [x - 0.5, y - 0.5, z - 0.5];
      const [u, w] = [a * ca + d * sa, d * ca - a * sa];
      return [u, b * cd - w * sd, b * sd + w * cd, c];
    }).sort((one, other) => one[2] - other[2]).forEach(([u, v, w, c]) => {
      pen.fillStyle = colours[c];
      pen.beginPath();
      pen.arc(side * (0.5 + u * 0.7), side * (0.5 + v * 0.7), 2.5 + 2 * w, 0, 7);
      pen.fill();
    });
  };
  canvas.onpointermove = (move) => {
    if (!move.buttons) return;
    across += move.movementX / 150;
    down += move.movementY / 150;
    draw();
  };
  draw();
}
"""


def coloured_by(snapshot: Snapshot, facet: str | None) -> str:
    """The facet that colors the points: the requested one, the top category, or the category."""
    if facet:
        return facet
    plain = {name.replace("_", "").replace(" ", "").lower(): name for name in snapshot.facets()}
    return plain.get("mastercategory") or snapshot.category()


def scatter(drawn: Map, snapshot: Snapshot, facet: str) -> Iterator[str]:
    """A map colored by a facet, with a legend. Three-dimensional maps can be rotated."""
    method = METHOD_NAMES[drawn.method]
    names, numbers = _groups(snapshot, facet)
    dimensions = drawn.points.shape[1]
    yield report.heading(f"{method} in {dimensions} dimensions, by {facet or 'nothing'}", 3)
    yield _cloud(drawn.points, numbers, names) if dimensions == 3 else _plane(drawn.points, numbers)
    yield _legend(names, numbers)


def connectivity(drawn: Map, snapshot: Snapshot, facet: str) -> Iterator[str]:
    """The neighbor graph of UMAP."""
    if drawn.edges is None or drawn.points.shape[1] != 2:
        return
    names, numbers = _groups(snapshot, facet)
    yield report.heading("Connectivity of UMAP", 3)
    yield report.paragraph(f"The {len(drawn.edges):,} strongest links between neighbours.")
    yield _plane(drawn.points, numbers, drawn.edges)
    yield _legend(names, numbers)


def variance(rows: Points) -> Iterator[str]:
    """The explained variance by number of components, with 90% marked."""
    if len(rows) < 3:
        return
    shares = np.cumsum(Pca.fit(rows, min(rows.shape)).shares)
    yield report.heading("Explained variance", 3)
    yield _curve(shares)
    lines = [
        [
            f"{share:.0%}",
            f"{min(int(np.searchsorted(shares, share)) + 1, len(shares)):,}",
            "the papers' choice" if share == MARKED else "",
        ]
        for share in VARIANCES
    ]
    yield report.table(("Variance", "Components", ""), lines)


def _groups(snapshot: Snapshot, facet: str) -> tuple[list[str], list[int]]:
    """The names of the colors and, for each product with a photo, its color; rare values share one."""
    seen = snapshot.has_photo()
    values = snapshot.labels(facet)[seen].tolist() if facet else [""] * int(seen.sum())
    counts = Counter(value for value in values if value)
    names = [name for name, _ in counts.most_common(MOST_COLOURS)]
    place = {name: number for number, name in enumerate(names)}
    extra = [*([OTHER] if len(counts) > len(names) else []), *([NONE] if "" in values else [])]
    place |= {name: len(names) + number for number, name in enumerate(extra)}
    return names + extra, [place.get(value or NONE, place.get(OTHER, 0)) for value in values]


def _colours(names: Sequence[str]) -> list[str]:
    return [GREY if name in (OTHER, NONE) else COLOURS[number] for number, name in enumerate(names)]


def _plane(points: Points, numbers: Sequence[int], edges: Places | None = None) -> str:
    shapes: list[str] = []
    if edges is not None:
        lines = (
            f"M{points[one][0] * SIDE:.1f} {points[one][1] * SIDE:.1f}"
            f"L{points[other][0] * SIDE:.1f} {points[other][1] * SIDE:.1f}"
            for one, other in edges.tolist()
        )
        shapes.append(f'<path d="{"".join(lines)}" stroke="#8886" stroke-width=".4" fill="none"/>')
    for number in sorted(set(numbers)):
        own = (points[place] for place in range(len(points)) if numbers[place] == number)
        dots = "".join(f"M{x * SIDE:.1f} {y * SIDE:.1f}h0" for x, y in own)
        shapes.append(f'<path class="g{number}" d="{dots}" stroke-width="5" stroke-linecap="round"/>')
    return (
        f'<svg class="map" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{len(points)} products">'
        f"{''.join(shapes)}</svg>"
    )


def _cloud(points: Points, numbers: Sequence[int], names: Sequence[str]) -> str:
    placed = [[*(round(c, 3) for c in row), n] for row, n in zip(points.tolist(), numbers, strict=True)]
    return (
        f'<canvas class="map turn" width="{SIDE}" height="{SIDE}" role="img" '
        f'aria-label="{len(points)} products; drag to turn" data-points="{json.dumps(placed)}" '
        f'data-colours="{escape(json.dumps(_colours(names)))}"></canvas><script>{TURNING}</script>'
    )


def _legend(names: Sequence[str], numbers: Sequence[int]) -> str:
    counts, colours = Counter(numbers), _colours(names)
    style = "".join(f".g{number}{{stroke:{colour}}}" for number, colour in enumerate(colours))
    items = "".join(
        f'<li><svg width="12" height="12"><path class="g{number}" d="M6 6h0" stroke-width="10" '
        f'stroke-linecap="round"/></svg> {escape(name)} ({counts[number]:,})</li>'
        for number, name in enumerate(names)
    )
    return f'<style>{style}</style><ul class="legend">{items}</ul>'


def _curve(shares: Points) -> str:
    wide, high = SIDE, SIDE // 2
    line = " ".join(
        f"{number / max(len(shares) - 1, 1) * wide:.1f},{(1 - share) * high:.1f}"
        for number, share in enumerate(shares.tolist())
    )
    level = (1 - MARKED) * high
    return (
        f'<svg class="map" viewBox="0 0 {wide} {high}" role="img" aria-label="explained variance">'
        f'<path d="M0 {level:.1f}H{wide}" stroke="{COLOURS[3]}" stroke-dasharray="6"/>'
        f'<polyline points="{line}" fill="none" stroke="{COLOURS[0]}" stroke-width="2"/></svg>'
    )

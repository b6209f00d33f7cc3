"""Groups of products that look alike, named by the words that set them apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np

from lookalike.analysis.snapshot import Snapshot
from lookalike.errors import ExtraMissing, UsageError, install_command
from lookalike.text import label
from lookalike.types import Product, Vector

Places: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

NUMBERS = (2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40)
JUDGED_BY = 2000
STARTS = 4
TYPICAL = 6
WORDS = 3
COMPONENTS = 50
# "T-shirt" and "women's" are words.
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster: its name, most typical products and family."""

    number: int
    name: str
    words: tuple[str, ...]
    size: int
    typical: tuple[str, ...]
    family: int
    spread: float


@dataclass(frozen=True, slots=True)
class Clustering:
    """All clusters, the cluster of each product, separation and stability."""

    clusters: tuple[Cluster, ...]
    members: dict[str, int]
    silhouette: float
    stability: float
    tried: dict[int, float]
    chosen_by: str

    def as_json(self) -> dict[str, Any]:
        """The clustering as JSON."""
        return asdict(self)


def cluster(snapshot: Snapshot, number: int | None = None) -> Clustering:
    """Cluster the products by photo. By default, the number with the best mean silhouette is used."""
    if number is not None and number < 1:
        raise UsageError(f"There must be at least one cluster, got {number}.")
    seen = np.flatnonzero(snapshot.has_photo())
    rows = snapshot.looks()[seen]
    products = [snapshot.products[place] for place in seen]
    distinct = len(np.unique(rows, axis=0)) if len(rows) else 0
    if distinct < 3:
        groups = np.zeros(len(rows), np.int64)
        return _described(products, rows, groups, 0.0, 1.0, {}, "too few different photos")
    short = _shortened(rows)
    tried: dict[int, float] = {}
    if number is None:
        most = min(distinct - 1, max(2, len(rows) // 5))
        for each in [each for each in NUMBERS if each <= most]:
            tried[each] = _silhouette(short, _grouped(short, each, 0))
        number = max(tried, key=lambda each: (round(tried[each], 3), -each))
        chosen_by = "the best mean silhouette"
    else:
        number = min(number, distinct)
        chosen_by = "given"
    groups = _by_size(_grouped(short, number, 0))
    again = _grouped(short, number, 1)
    silhouette = tried.get(number, _silhouette(short, groups) if 1 < number < len(rows) else 0.0)
    return _described(products, rows, groups, silhouette, _agreement(groups, again), tried, chosen_by)


def _described(
    products: Sequence[Product],
    rows: Vector,
    groups: Places,
    silhouette: float,
    stability: float,
    tried: dict[int, float],
    chosen_by: str,
) -> Clustering:
    count = int(groups.max()) + 1 if len(groups) else 0
    names = _names(products, groups, count)
    centres = np.stack([rows[groups == each].mean(axis=0) for each in range(count)]) if count else rows
    families = _families(centres)
    found: list[Cluster] = []
    for each in range(count):
        inside = np.flatnonzero(groups == each)
        near = rows[inside] @ centres[each]
        order = np.lexsort((inside, -near))
        found.append(
            Cluster(
                number=each,
                name=" ".join(names[each]) or f"cluster {each + 1}",
                words=tuple(names[each]),
                size=len(inside),
                typical=tuple(products[place].id for place in inside[order[:TYPICAL]].tolist()),
                family=families[each],
                spread=round(float(1 - near.mean()), 4),
            )
        )
    members = {product.id: int(group) for product, group in zip(products, groups, strict=True)}
    rounded = {each: round(value, 4) for each, value in tried.items()}
    return Clustering(tuple(found), members, round(silhouette, 4), round(stability, 4), rounded, chosen_by)


def _shortened(rows: Vector) -> Vector:
    from lookalike.vectors.pca import Pca

    most = min(COMPONENTS, *rows.shape)
    return Pca.fit(rows, most).transform(rows)


def _grouped(rows: Vector, number: int, seed: int) -> Places:
    try:
        from sklearn.cluster import KMeans
    except ImportError as error:
        raise ExtraMissing(f"Clusters need scikit-learn. Run `{install_command('explore')}`.") from error
    model: Any = KMeans(number, random_state=seed)
    return model.set_params(n_init=STARTS).fit_predict(rows).astype(np.int64)


def _silhouette(rows: Vector, groups: Places) -> float:
    from sklearn.metrics import silhouette_score

    step = max(1, len(rows) // JUDGED_BY)
    rows, groups = rows[::step], groups[::step]
    if not 1 < len(np.unique(groups)) < len(rows):
        return -1.0
    return float(silhouette_score(rows, groups))


def _agreement(one: Places, other: Places) -> float:
    """The agreement of two runs (adjusted Rand index)."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(one, other))


def _by_size(groups: Places) -> Places:
    """The same groups, numbered by size."""
    values, first, sizes = np.unique(groups, return_index=True, return_counts=True)
    number = {int(values[place]): rank for rank, place in enumerate(np.lexsort((first, -sizes)))}
    return np.array([number[int(group)] for group in groups], np.int64)


def _families(centres: Vector) -> list[int]:
    """Families of similar clusters, by Ward's criterion, a third as many."""
    if len(centres) < 4:
        return [0] * len(centres)
    from scipy.cluster.hierarchy import fcluster, linkage

    joined = linkage(centres.astype(np.float64), "ward")
    return [int(family) - 1 for family in fcluster(joined, max(2, len(centres) // 3), "maxclust")]


def _names(products: Sequence[Product], groups: Places, count: int) -> list[list[str]]:
    """The distinctive words of each group: log-odds against the rest, with the catalog as prior."""
    inside = [Counter[str]() for _ in range(count)]
    for product, group in zip(products, groups, strict=True):
        inside[group].update(_words(product))
    everywhere = sum(inside, Counter[str]())
    total = everywhere.total()
    names: list[list[str]] = []
    for own in inside:
        scores: dict[str, float] = {}
        for word, many in own.items():
            prior = everywhere[word]
            here = (many + prior) / max(own.total() + total - many - prior, 1)
            rest = everywhere[word] - many
            there = (rest + prior) / max(2 * total - own.total() - rest - prior, 1)
            doubt = 1 / (many + prior) + 1 / (rest + prior)
            scores[word] = float(np.log(here / there) / np.sqrt(doubt))
        best = sorted(scores, key=lambda word: (-scores[word], word))
        names.append(_distinct([word for word in best if scores[word] > 0]))
    return names


def _words(product: Product) -> set[str]:
    said = [product.title, *(label(value) for value in product.facets.values())]
    found = {word.lower() for text in said for word in WORD.findall(text)}
    return {word for word in found if len(word) >= SHORTEST}


def _distinct(words: Sequence[str]) -> list[str]:
    """The first few words, without plurals and parts of those before."""
    chosen: list[str] = []
    for word in words:
        if not any(word in other or other in word for other in chosen):
            chosen.append(word)
        if len(chosen) == WORDS:
            break
    return chosen

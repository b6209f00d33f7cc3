"""The part of a recipe that is fitted to the catalog's photos: dimension reduction and clusters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from lookalike.errors import Conflict
from lookalike.types import Recipe, Vector
from lookalike.vectors.discriminant import fit_head
from lookalike.vectors.kmeans import Clusters
from lookalike.vectors.pca import Pca, unit


@dataclass(frozen=True, slots=True)
class Learned:
    """Reduces image rows and assigns them to clusters, as the recipe requires."""

    dim: int
    normalised: bool
    pca: Pca | None = None
    clusters: Clusters | None = None

    @classmethod
    def fit(cls, rows: Vector, recipe: Recipe, labels: Sequence[str] = ()) -> Self:
        """Fit to a catalog's image rows; `labels` are the values of the recipe's head facet."""
        normalised = recipe.metric == "cosine"
        pca = None
        if recipe.head:
            pca = fit_head(rows, labels)
        elif recipe.components:
            pca = Pca.fit(rows, min(recipe.components, *rows.shape))
        reduced = cls(pca.dim if pca else rows.shape[1], normalised, pca).reduced(rows)
        clusters = Clusters.fit(reduced, min(recipe.clusters, len(rows))) if recipe.clusters else None
        return cls(reduced.shape[1], normalised, pca, clusters)

    @property
    def space(self) -> str:
        """The identity of the fit."""
        return f"learned@{hashlib.sha256(self.dumps()).hexdigest()[:16]}"

    def reduced(self, rows: Vector) -> Vector:
        """Project rows, or one row, to the form that the index stores."""
        if self.pca is None:
            return rows
        rows = self.pca.transform(rows)
        return unit(rows) if self.normalised else rows

    def groups(self, rows: Vector) -> tuple[str, ...]:
        """Return the clusters of reduced rows."""
        if self.clusters is None:
            return ()
        return tuple(str(number) for number in sorted(set(self.clusters.assign(rows).tolist())))

    def nearest(self, row: Vector, count: int) -> tuple[str, ...]:
        """Return the clusters nearest to a reduced row, nearest first."""
        return tuple(str(number) for number in self.clusters.nearest(row, count)) if self.clusters else ()

    def dumps(self) -> bytes:
        """Serialize for the database."""
        pca = self.pca.dumps() if self.pca else b""
        clusters = self.clusters.dumps() if self.clusters else b""
        facts = {"dim": self.dim, "normalised": self.normalised, "pca": len(pca), "clusters": len(clusters)}
        return json.dumps(facts).encode() + b"\n" + pca + clusters

    @classmethod
    def loads(cls, data: bytes) -> Self:
        """Deserialize from the database."""
        header, _, rest = data.partition(b"\n")
        try:
            facts: dict[str, int] = json.loads(header)
            pca, clusters = rest[: facts["pca"]], rest[facts["pca"] :]
            return cls(
                facts["dim"],
                bool(facts["normalised"]),
                Pca.loads(pca) if pca else None,
                Clusters.loads(clusters) if clusters else None,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Conflict(
                "The stored projection of this catalog is damaged. Import its feed again."
            ) from error

"""Principal component analysis: shorter vectors, fitted to a catalog's own."""

from __future__ import annotations

import hashlib
import io
from typing import Any, Self, TypeAlias

import numpy as np

from lookalike.errors import Conflict, UsageError
from lookalike.types import Vector

Wide: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"


class Pca:
    """A projection onto the directions of largest variance."""

    def __init__(self, mean: Vector, directions: Vector, shares: Vector) -> None:
        self.mean = mean
        self.directions = directions
        self.shares = shares
        self._offset = mean @ directions.T

    @classmethod
    def fit(cls, rows: Vector, components: float) -> Self:
        """Keep a number of components, or as many as explain a share of the variance."""
        most = min(rows.shape)
        if len(rows) < 2:
            raise UsageError("Principal components need at least two products with photos.")
        if components >= 1 and components > most:
            raise UsageError(f"{len(rows)} rows of {rows.shape[1]} values have only {most} components.")
        mean = rows.mean(axis=0, dtype=np.float64)
        variances, directions = _spectrum(rows - mean)
        shares = variances / variances.sum() if variances.sum() > 0 else variances
        count = int(components)
        if components < 1:
            # As in scikit-learn: the first number of components that explain more than the share.
            count = int(np.searchsorted(np.cumsum(shares), components, side="right")) + 1
        kept = directions[: min(count, most)]
        # The sign of a direction is arbitrary; it is fixed, so that fits agree.
        strongest = np.take_along_axis(kept, np.abs(kept).argmax(axis=1)[:, None], axis=1)
        kept = kept * np.where(strongest < 0, -1.0, 1.0)
        return cls(mean.astype(np.float32), kept.astype(np.float32), shares[: len(kept)].astype(np.float32))

    @property
    def dim(self) -> int:
        """The length of a reduced row."""
        return len(self.directions)

    @property
    def space(self) -> str:
        """The identity of the reduction."""
        digest = hashlib.sha256(self.directions.tobytes() + self.mean.tobytes()).hexdigest()
        return f"pca{self.dim}@{digest[:16]}"

    def transform(self, rows: Vector) -> Vector:
        """Project rows, or one row, onto the components."""
        return np.subtract(rows @ self.directions.T, self._offset, dtype=np.float32)

    def dumps(self) -> bytes:
        """Serialize for the database."""
        held = io.BytesIO()
        np.savez(held, mean=self.mean, directions=self.directions, shares=self.shares)
        return held.getvalue()

    @classmethod
    def loads(cls, data: bytes) -> Self:
        """Deserialize from the database."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as held:
                return cls(held["mean"], held["directions"], held["shares"])
        except (ValueError, OSError, KeyError, EOFError) as error:
            raise Conflict(
                "The stored reduction of this catalog is damaged. Import its feed again."
            ) from error


def unit(rows: Vector) -> Vector:
    """Normalize rows to unit length; zero rows stay."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.divide(rows, np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _spectrum(centred: Wide) -> tuple[Wide, Wide]:
    """Return the variances and principal directions, largest first."""
    count, width = centred.shape
    if count > width:
        # With more rows than columns, the small covariance matrix gives the same result much faster.
        values, vectors = np.linalg.eigh(centred.T @ centred / (count - 1))
        return np.maximum(values[::-1], 0), vectors[:, ::-1].T
    _, values, directions = np.linalg.svd(centred, full_matrices=False)
    return values**2 / (count - 1), directions

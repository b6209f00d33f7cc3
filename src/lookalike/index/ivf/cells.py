"""Rows in cells: similar rows share a cell, and a search reads only the cells near the query.

Rows are fused (image beside text), 16-bit, in a file that all processes map. Scores within the cells read are
exact. A search can only miss rows in cells it skips; the build measured how many cells it must read.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.errors import ExtraMissing, install_command
from lookalike.index.base import Near
from lookalike.index.ivf.probe_plan import Plan
from lookalike.index.memory.columns import Mask
from lookalike.types import Vector

# So few rows pass that reading every cell that holds one is fast enough.
FEW = 0.03
FEW_ROWS = 30_000
# So many rows pass that scoring all and dropping the others is faster.
MANY = 0.3
SPARE = 32
# If no row passes in the nearest cells, the remaining ones can be anywhere.
FAR = 2
WITHOUT_FAISS = f"The approximate index needs faiss: {install_command('approximate')}."

Rows = NDArray[np.intp]
Scores = NDArray[np.float32]


def faiss_library() -> Any:
    """Import faiss; raises ExtraMissing where it is not installed."""
    try:
        import faiss
    except ImportError:
        raise ExtraMissing(WITHOUT_FAISS) from None
    return faiss


class Cells:
    """The rows of one file; `cell` and `place` locate each of them."""

    def __init__(self, path: Path, cell: NDArray[np.int32], place: NDArray[np.int32], plan: Plan) -> None:
        self._faiss = faiss_library()
        self._index = self._faiss.read_index(str(path), self._faiss.IO_FLAG_MMAP_IFC)
        self._centroids: Vector = self._index.quantizer.reconstruct_n(0, self._index.nlist)
        self._cell = cell
        self._place = place
        self._sizes = np.bincount(cell, minlength=self._index.nlist)
        self.plan = plan

    def __len__(self) -> int:
        return len(self._cell)

    def row(self, number: int) -> Vector:
        """One fused row."""
        row = np.empty(self._index.d, np.float32)
        self._index.reconstruct_from_offset(
            int(self._cell[number]), int(self._place[number]), self._faiss.swig_ptr(row)
        )
        return row

    def nearest(self, query: Vector, kind: str | float, mask: Mask | None, reach: int, effort: float) -> Near:
        """The rows under a mask with the largest inner product; more effort reads more cells."""
        if mask is None:
            needed = min(len(self._centroids), int(self.plan.needed(kind, reach) * effort))
            chosen = self._closest(query, needed)
            whole = needed == len(self._centroids)
        else:
            share = np.count_nonzero(mask) / len(self)
            if share > MANY and effort == 1.0:
                return self._thinned(query, kind, mask, reach, share)
            chosen, whole = self._passing_cells(query, kind, mask, reach, effort)
        rows, scores = self._search(query, chosen, mask, min(reach, len(self)))
        return Near(rows, scores, whole and len(rows) < reach)

    def above(self, query: Vector, least: float, mask: Mask | None) -> Near:
        """All rows under a mask that reach a score; reads every cell."""
        selector, _bits = self._selector(mask)
        parameters = self._faiss.IVFSearchParameters(nprobe=len(self._centroids), sel=selector)
        below = float(np.nextafter(np.float32(least), np.float32(-np.inf)))
        _, scores, rows = self._index.range_search(query[None], below, params=parameters)
        order = np.argsort(-scores, kind="stable")
        return Near(rows[order], scores[order], True)

    def _thinned(self, query: Vector, kind: str | float, mask: Mask, reach: int, share: float) -> Near:
        """Search without the mask and drop what does not pass; may return too few rows."""
        chosen = self._closest(query, self.plan.needed(kind, reach / share))
        most = min(len(self), math.ceil(1.5 * reach / share) + SPARE)
        rows, scores = self._search(query, chosen, None, most)
        passing = mask[rows]
        return Near(rows[passing][:reach], scores[passing][:reach], False)

    def _closest(self, query: Vector, count: int) -> Rows:
        near = self._coarse(query)
        if count >= len(near):
            return np.arange(len(near))
        return np.argpartition(-near, count)[:count]

    def _coarse(self, query: Vector) -> Scores:
        """The similarity of each cell's center, on this thread: waking others would take longer."""
        near = np.empty(len(self._centroids), np.float32)
        pointers = (self._faiss.swig_ptr(each) for each in (near, query, self._centroids))
        self._faiss.fvec_inner_products_ny(*pointers, self._index.d, len(near))
        return near

    def _passing_cells(
        self, query: Vector, kind: str | float, mask: Mask, reach: int, effort: float
    ) -> tuple[Rows, bool]:
        """The cells to read under a filter; cells without a passing row cost nothing."""
        passing = np.bincount(self._cell[mask], minlength=len(self._centroids))
        count = int(passing.sum())
        some = np.flatnonzero(passing)
        share = count / len(self)
        needed = self.plan.needed(kind, reach / share) * effort if count else 0.0
        if count < min(FEW * len(self), FEW_ROWS) or needed >= len(some):
            return some, True
        order = np.argsort(-self._coarse(query), kind="stable")
        # A filter that thins out every cell needs more cells; one that selects whole cells does not.
        worth = np.minimum(1.0, passing[order] / (np.maximum(self._sizes[order], 1) * share))
        depth = int(np.searchsorted(np.cumsum(worth), needed)) + 1
        if depth > FAR * needed:
            return some, True
        chosen = order[:depth]
        return chosen[passing[chosen] > 0], False

    def _search(self, query: Vector, chosen: Rows, mask: Mask | None, reach: int) -> tuple[Rows, Scores]:
        faiss = self._faiss
        cells = np.ascontiguousarray(chosen, np.int64)
        scores, rows = np.empty(reach, np.float32), np.empty(reach, np.int64)
        if not len(cells) or not reach:
            return rows[:0], scores[:0]
        ignored = np.zeros(len(cells), np.float32)
        selector, _bits = self._selector(mask)
        parameters = faiss.IVFSearchParameters(nprobe=len(cells), sel=selector)
        query = np.ascontiguousarray(query, np.float32)
        pointers = (faiss.swig_ptr(each) for each in (cells, ignored, scores, rows))
        self._index.search_preassigned_c(1, faiss.swig_ptr(query), reach, *pointers, False, parameters)
        found = int(np.count_nonzero(rows >= 0))
        return rows[:found], scores[:found]

    def _selector(self, mask: Mask | None) -> tuple[Any, NDArray[np.uint8] | None]:
        """The mask as a faiss selector, and the bits that must stay alive with it."""
        if mask is None:
            return None, None
        bits = np.packbits(mask, bitorder="little")
        return self._faiss.IDSelectorBitmap(len(self), self._faiss.swig_ptr(bits)), bits

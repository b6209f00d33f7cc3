"""The files of the approximate index beside the catalog: written once, verified on open, mapped by all.

A folder holds one subfolder per sealed state; `current` names the active one. That name is replaced only when
all files are on disk, so a process that dies leaves the previous state intact.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import uuid
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lookalike.index.base import Space
from lookalike.index.ivf.build import Source, Stopped, gather
from lookalike.index.ivf.cells import Cells
from lookalike.index.ivf.probe_plan import Plan
from lookalike.index.memory.columns import KeptColumn
from lookalike.index.memory.segment import FrozenSegment, Rows, View
from lookalike.types import Vector
from lookalike.vectors.packed import Packed

FORMAT = 1
ABOUT = "about.json"
CELLS = "cells.faiss"
CURRENT = "current"
STRINGS = ("ids", "groups", "photos")
COLUMN_ARRAYS = ("codes", "numbers", "several_slots", "several_codes")
PIECE = 1 << 20
BETWEEN_TRIES = 0.2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An opened state: its rows, the last change in them, the measured recall."""

    frozen: FrozenSegment
    revision: int
    recall: float


def unseal(space: Space) -> Sealed | None:
    """Open the files of a space, if they exist, are intact and belong to it."""
    about = _about(space)
    if about is None or space.folder is None:
        return None
    folder = space.folder / about["name"]
    try:
        for name, (size, checksum) in about["files"].items():
            if _measured(folder / name) != [size, checksum]:
                raise ValueError(f"{name} does not match its checksum")
        return Sealed(_front(folder, about), int(about["revision"]), float(about["recall"]))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        log.warning("The index in %s is damaged and will be rebuilt: %s.", folder, error)
        forget(space)
        return None


def sealed_revision(space: Space) -> int:
    """The last change in the files of a space, -1 if there are none."""
    about = _about(space)
    return -1 if about is None else int(about["revision"])


def forget(space: Space) -> None:
    """Delete the files."""
    if space.folder is not None:
        (space.folder / CURRENT).unlink(missing_ok=True)


def seal(now: View, space: Space, folder: Path, opened: int, stop: Event) -> None:
    """Write a state and make it the active one, unless another was written since it was opened."""
    with _alone(folder, stop):
        if sealed_revision(space) > opened:
            return
        _sweep(folder)
        part = folder / f"{now.revision}-{uuid.uuid4().hex[:8]}"
        part.mkdir()
        try:
            about = _write(now, space, part, stop)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        written = json.dumps(about)
        _write_text(part / ABOUT, written)
        _synced(part)
        _write_text(folder / f"{CURRENT}.new", f"{part.name} {zlib.crc32(written.encode())}")
        (folder / f"{CURRENT}.new").replace(folder / CURRENT)
        _synced(folder)
        _sweep(folder)


def _about(space: Space) -> dict[str, Any] | None:
    if space.folder is None:
        return None
    try:
        name, checksum = (space.folder / CURRENT).read_text("utf-8").split()
        written = (space.folder / name / ABOUT).read_bytes()
        if zlib.crc32(written) != int(checksum):
            raise ValueError(f"{ABOUT} does not match its checksum")
        about = json.loads(written)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("The index in %s cannot be read and will be rebuilt: %s.", space.folder, error)
        return None
    ours = {"format": FORMAT, "name": name, **_identity(space)}
    return about if isinstance(about, dict) and about.items() >= ours.items() else None


def _identity(space: Space) -> dict[str, Any]:
    return {
        "catalog": space.catalog,
        "made": space.made,
        "image_dim": space.image_dim,
        "text_dim": space.text_dim,
    }


def _write(now: View, space: Space, folder: Path, stop: Event) -> dict[str, Any]:
    segment = now.segment
    alive = np.arange(now.slots) if now.alive is None else np.flatnonzero(now.alive)
    ids = [segment.ids[slot] for slot in alive.tolist()]
    sorted_places = sorted(range(len(ids)), key=ids.__getitem__)
    order = alive[sorted_places]
    rows, row_slot = _rows_of(now, order)
    source = Source(len(rows), space.image_dim, lambda chosen: _fused(now, rows[chosen]), stop)
    gathered = gather(source, folder / CELLS)
    pack_vector = {
        "ids": Packed.of(ids[place] for place in sorted_places),
        "groups": Packed.of(segment.groups[slot] for slot in order.tolist()),
        "photos": Packed.of(segment.photos[row] for row in rows.tolist()),
    }
    arrays: dict[str, NDArray[Any]] = {
        "cell": gathered.cell,
        "place": gathered.place,
        "row_slot": row_slot,
    }
    for name, strings in pack_vector.items():
        arrays |= {f"{name}-data": strings.data, f"{name}-starts": strings.starts}
    columns = segment.columns.kept(order, now.slots)
    for number, column in enumerate(columns.values()):
        arrays |= {f"column-{number}-{name}": getattr(column, name) for name in COLUMN_ARRAYS}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    for file in folder.iterdir():
        _synced(file)
    return {
        "format": FORMAT,
        "name": folder.name,
        **_identity(space),
        "revision": now.revision,
        "recall": gathered.recall,
        "plan": gathered.plan.dumps(),
        "count": gathered.plan.count,
        "columns": [[name, column.labels] for name, column in columns.items()],
        "files": {file.name: _measured(file) for file in sorted(folder.iterdir())},
    }


def _front(folder: Path, about: dict[str, Any]) -> FrozenSegment:
    def array(name: str) -> NDArray[Any]:
        # Mapped, without the overhead of np.memmap on each access.
        return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))

    plan = Plan.loads(about["plan"], about["count"])
    columns = {
        name: KeptColumn(labels, *(array(f"column-{number}-{each}") for each in COLUMN_ARRAYS))
        for number, (name, labels) in enumerate(about["columns"])
    }
    ids, groups, photos = (Packed(array(f"{name}-data"), array(f"{name}-starts")) for name in STRINGS)
    cells = Cells(folder / CELLS, array("cell"), array("place"), plan)
    return FrozenSegment(cells, ids, groups, photos, array("row_slot"), columns)


def _rows_of(now: View, order: Rows) -> tuple[Rows, NDArray[np.int64]]:
    """The rows of the slots in a new order, and the new slot of each."""
    owners = now.owners(slice(None))
    begins = np.searchsorted(owners, order)
    counts = np.searchsorted(owners, order, side="right") - begins
    ends = np.cumsum(counts)
    rows = np.arange(int(counts.sum())) + np.repeat(begins - (ends - counts), counts)
    return rows, np.repeat(np.arange(len(order)), counts)


def _fused(now: View, rows: Rows) -> Vector:
    order = np.argsort(rows, kind="stable")
    fused = np.empty((len(rows), sum(now.segment.dims)), np.float32)
    fused[order] = now.segment.fused(rows[order])
    return fused


def _measured(path: Path) -> list[int]:
    """Size and checksum of a file."""
    size = checksum = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
    return [size, checksum]


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    _synced(path)


def _synced(path: Path) -> None:
    """Flush a file or a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Delete inactive states; processes that have one mapped keep it."""
    current = folder / CURRENT
    name = current.read_text("utf-8").split(" ")[0] if current.exists() else ""
    for other in folder.iterdir():
        if other.is_dir() and other.name != name:
            shutil.rmtree(other, ignore_errors=True)


@contextmanager
def _alone(folder: Path, stop: Event) -> Generator[None]:
    """Let one process write at a time; others wait until they are cancelled."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        while not _locked(lock):
            if stop.wait(BETWEEN_TRIES):
                raise Stopped
        yield


def _locked(lock: IO[str]) -> bool:
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

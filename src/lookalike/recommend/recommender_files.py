"""The files beside a large catalog from which a process recommends at once: products, and who did what."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.catalog.state import IDENTITY, EncodingState
from lookalike.database import Database
from lookalike.errors import LookalikeError
from lookalike.kept_files import Arrays, kept_folder, load_arrays, save_arrays
from lookalike.recommend import kept_interactions, kept_items
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_space import ItemSpaceSync

# So many events are read in less than half a second.
KEPT_FROM = 50_000
# The files are written again when so many events were added.
GROWTH = 0.05
ITEMS = "items.npz"
INTERACTIONS = "interactions.npz"

log = logging.getLogger(__name__)


class RecommenderFiles:
    """Reads and writes the files of one catalog."""

    def __init__(self, database: Database, items: ItemSpaceSync, interactions: Interactions) -> None:
        self._database = database
        self._items = items
        self._interactions = interactions
        self._restored = False
        self._kept_events = 0
        self._failed = False
        self._writing = threading.Lock()
        self._writer: threading.Thread | None = None

    def restore(self, encoding: EncodingState) -> None:
        """Take in what the files hold, the first time; needs the lock of the interactions."""
        if self._restored:
            return
        self._restored = True
        folder, catalog = self._place()
        if folder is None or not catalog or not (folder / INTERACTIONS).exists():
            return
        key = kept_interactions.known_key(self._database)
        arrays = load_arrays(folder / INTERACTIONS, _about_interactions(catalog, key))
        products = self._interactions.products
        state = kept_interactions.state_of(arrays, self._database, products, key) if arrays else None
        if state is None:
            self.forget()
            return
        self._interactions.restore(state)
        self._kept_events = self._interactions.event_count
        arrays = load_arrays(folder / ITEMS, _about_items(catalog, encoding))
        if arrays is not None:
            revision, fitted_on = arrays["reached"].tolist()
            table = kept_items.table_of(arrays, encoding, self._items.directions, products)
            self._items.restore(table, revision, fitted_on)

    def save(self) -> None:
        """Write the files, if there are enough events and anything came since; needs no lock."""
        with self._writing:
            folder, catalog = self._place()
            count = self._interactions.event_count
            if folder is None or not catalog or count < KEPT_FROM or count == self._kept_events:
                return
            key = kept_interactions.shopper_key(self._database)
            # The most of it, so that requests do not wait for it under the lock.
            self._interactions.state.shoppers.digests(key)
            with self._interactions.lock:
                table, revision, fitted_on = self._items.table, self._items.revision, self._items.fitted_on
                if table is None:
                    return
                items = kept_items.arrays_of(table) | {"reached": np.array([revision, fitted_on])}
                events = kept_interactions.arrays_of(self._interactions, self._database, key)
                forgettings = self._interactions.forgettings
            self._write(folder / ITEMS, items, _about_items(catalog, table.space.encoding))
            self._write(folder / INTERACTIONS, events, _about_interactions(catalog, key))
            self._kept_events = count
            # Who was forgotten meanwhile must not be in a file that was written after.
            if self._database.events.forgettings() != forgettings:
                self.forget()

    def keep_up(self) -> None:
        """Write the files in the background once there are many more events than they hold."""
        count, kept = self._interactions.event_count, self._kept_events
        if count < KEPT_FROM or count <= kept * (1.0 + GROWTH) or self._failed:
            return
        if self._writer is None or not self._writer.is_alive():
            self._writer = threading.Thread(
                target=self._save_quietly, name="lookalike-recommender-files", daemon=True
            )
            self._writer.start()

    def _save_quietly(self) -> None:
        """Write the files. Where the database cannot be written, do without them."""
        try:
            self.save()
        except LookalikeError as error:
            self._failed = True
            log.warning("The files for recommendations were not written: %s", error)

    def forget(self) -> None:
        """Delete every file that holds what shoppers did, also one that is being written."""
        folder, _ = self._place()
        self._kept_events = 0
        if folder is not None:
            for path in folder.glob(f"{INTERACTIONS}*"):
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Wait for files that are being written."""
        if self._writer is not None:
            self._writer.join()

    def _write(self, path: Path, arrays: Arrays, about: dict[str, Any]) -> None:
        try:
            save_arrays(path, arrays, about)
        except OSError as error:
            self._failed = True
            log.warning("%s was not written: %s", path, error)

    def _place(self) -> tuple[Path | None, str]:
        catalog = self._database.settings().get(IDENTITY, "")
        return kept_folder(self._database.url, catalog), catalog


def _about_items(catalog: str, encoding: EncodingState) -> dict[str, Any]:
    return {
        "format": kept_items.FORMAT,
        "catalog": catalog,
        "image": encoding.image_space,
        "text": encoding.text_space,
        "image weight": encoding.recipe.image_weight,
    }


def _about_interactions(catalog: str, key: bytes) -> dict[str, Any]:
    return {
        "format": kept_interactions.FORMAT,
        "catalog": catalog,
        "key": kept_interactions.key_mark(key),
    }

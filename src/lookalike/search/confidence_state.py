"""Keeps a catalog's calibration current: imports store it, searches relearn it when it is out of date."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable

from lookalike.catalog.catalog import Catalog
from lookalike.catalog.state import CALIBRATION
from lookalike.errors import LookalikeError
from lookalike.search.calibrate import Calibrator
from lookalike.search.calibration import Calibration
from lookalike.search.confidence import Confidence
from lookalike.search.found import Found
from lookalike.types import Query

log = logging.getLogger(__name__)

# A change in size by more than this share requires a new calibration.
CHANGED = 0.2
# What earlier versions learned has another name, and is learned anew.
STORED = "confidence-2@"


class ConfidenceState:
    """Loads, relearns and stores the calibration of a catalog."""

    def __init__(self, catalog: Catalog, find: Callable[[Query], Found]) -> None:
        self._catalog = catalog
        self._find = find
        self._learning = threading.Lock()
        self._background: threading.Thread | None = None
        self._stored = ""
        self._now: Confidence | None = None
        # The revision of the catalog for which this state was checked.
        self._checked = -1

    def close(self) -> None:
        """Wait for learning in the background to finish."""
        if self._background is not None:
            self._background.join()

    def current(self, revision: int) -> Confidence:
        """The confidence at a revision of the catalog; learned before the first answer if none is stored."""
        known = self._now
        if known is not None and revision == self._checked:
            return known
        self._load()
        known = self._now
        if known is None or not known.calibration.fits(self._catalog.encoding):
            with self._learning:
                known = self._now
                if known is None or not known.calibration.fits(self._catalog.encoding):
                    known = self._now = self._learned()
        elif self._outgrown(known.calibration) and not self._learning.locked():
            self._background = threading.Thread(target=self._relearn, name="calibration", daemon=True)
            self._background.start()
        self._checked = revision
        return known

    def renew(self, *, always: bool = False) -> None:
        """Relearn and store the calibration if the catalog has changed substantially, or if `always`."""
        if not len(self._catalog):
            return
        self._load()
        with self._learning:
            known = self._now
            stale = known is None or not known.calibration.fits(self._catalog.encoding)
            unchanged = known is not None and not stale and not self._outgrown(known.calibration)
            if unchanged and self._stored and not always:
                return
            self._now = self._learned()
            self._store(self._now.calibration)

    def _load(self) -> None:
        """Load what another process has stored in the meantime."""
        name = self._catalog.settings.get(CALIBRATION, "")
        if name == self._stored:
            return
        data = self._catalog.database.fit(name) if name.startswith(STORED) else None
        if data is not None:
            self._now = self._confidence(Calibration.loads(data))
        self._stored = name

    def _store(self, calibration: Calibration) -> None:
        data = calibration.dumps()
        name = f"{STORED}{hashlib.sha256(data).hexdigest()[:16]}"
        before, database = self._stored, self._catalog.database
        if name == before:
            return
        database.put_fit(name, data)
        database.put_settings({CALIBRATION: name})
        if before:
            database.drop_space(before)
        self._stored = name

    def _relearn(self) -> None:
        if not self._learning.acquire(blocking=False):
            return
        try:
            self._now = self._learned()
        except LookalikeError as error:
            log.warning("Calibration failed; the previous one remains in use: %s", error)
        finally:
            self._learning.release()

    def _learned(self) -> Confidence:
        learned = Calibrator(self._catalog, self._find).learn()
        # Deserialized, as in any other process.
        return self._confidence(Calibration.loads(learned.dumps()))

    def _confidence(self, calibration: Calibration) -> Confidence:
        return Confidence(calibration, joint=self._catalog.encoding.recipe.joint)

    def _outgrown(self, calibration: Calibration) -> bool:
        return abs(len(self._catalog) - calibration.count) > CHANGED * calibration.count

"""Keeps the item models in step with the events: refitted off the request path, stored for every process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from lookalike.database import Database
from lookalike.recommend.graph import DAY, EventColumns
from lookalike.recommend.interactions import Interactions
from lookalike.recommend.item_models import Cells, ItemModels, cells_of, fit_item_models

SPACE = "item-models"


@dataclass(frozen=True, slots=True)
class RefitPolicy:
    """When models are fitted again, and when a request waits for it."""

    # So few events are fitted in milliseconds, so the models never lag behind.
    always_fresh: int = 2_000
    # Up to here a request waits for the first fit; beyond, it is answered without models. A server never
    # waits: see IN_BACKGROUND.
    first_fit_waits: int = 300_000
    # Refit in the background once there are so many more events than the models know, or after a day.
    growth: float = 0.05
    # A request waits for the refit where the models know less than half of the events.
    large_growth: float = 1.0


REFIT_POLICY = RefitPolicy()
# Requests are answered by what there is, and the walk, until a fit in the background is done.
IN_BACKGROUND = RefitPolicy(first_fit_waits=0)


class ItemModelSync:
    """The item models of one catalog; every method needs the lock of its interactions."""

    def __init__(
        self,
        database: Database,
        interactions: Interactions,
        now: Callable[[], float],
        policy: RefitPolicy = REFIT_POLICY,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._now = now
        self.policy = policy
        self._models: ItemModels | None = None
        self._looked = False
        self._refit: threading.Thread | None = None

    def follow(self) -> ItemModels | None:
        """The models to use now; None while the first fit of a large shop is still running."""
        interactions = self._interactions
        if self._models is not None and self._models.forgettings != interactions.forgettings:
            self._models = None
        if self._models is None and not self._looked:
            self._models, self._looked = self._stored(), True
        known = self._models
        if known is not None and known.sequence == interactions.sequence:
            return known
        count, policy = interactions.event_count, self.policy
        if not count:
            return None
        growth = count / known.events - 1.0 if known is not None and known.events else float("inf")
        if count <= policy.always_fresh or (growth > policy.large_growth and count <= policy.first_fit_waits):
            self._models = self._fit(*self._snapshot())
            if count > policy.always_fresh:
                self._store(self._models)
        elif growth > policy.growth or known is None or self._now() - known.fitted_at > DAY:
            self._begin_refit()
        return self._models

    def close(self) -> None:
        """Wait for a refit that is running."""
        if self._refit is not None:
            self._refit.join()

    def _begin_refit(self) -> None:
        if self._refit is not None and self._refit.is_alive():
            return
        self._refit = threading.Thread(
            target=self._refit_and_store, args=self._snapshot(), name="lookalike-item-models", daemon=True
        )
        self._refit.start()

    def _refit_and_store(self, cells: Cells, events: EventColumns, sequence: int, forgettings: int) -> None:
        models = self._fit(cells, events, sequence, forgettings)
        with self._interactions.lock:
            self._models = models
        self._store(models)

    def _snapshot(self) -> tuple[Cells, EventColumns, int, int]:
        interactions = self._interactions
        edges = interactions.graph.edges.at(slice(len(interactions.graph)))
        cells = cells_of(edges.shopper, edges.product, edges.sum, edges.last, self._now())
        return cells, interactions.events(), interactions.sequence, interactions.forgettings

    def _fit(self, cells: Cells, events: EventColumns, sequence: int, forgettings: int) -> ItemModels:
        return fit_item_models(cells, events, sequence, forgettings, self._now())

    def _stored(self) -> ItemModels | None:
        data = self._database.fit(SPACE)
        if not data:
            return None
        models = ItemModels.loads(data, self._interactions.products)
        if models is None or models.forgettings != self._interactions.forgettings:
            return None
        return models if models.sequence <= self._interactions.sequence else None

    def _store(self, models: ItemModels) -> None:
        self._database.put_fit(SPACE, models.dumps(self._interactions.products.ids))

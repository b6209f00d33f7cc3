"""The experiments of one shop: stores them in the catalog's settings, and assigns variants to requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from lookalike.catalog.catalog import Catalog
from lookalike.errors import BadExperiment, Conflict, NotFound
from lookalike.recommend.experiments.description import experiment_fields, experiment_of, loaded
from lookalike.recommend.experiments.experiment import Change, Experiment, Surface, Variant
from lookalike.recommend.experiments.exposure_log import ExposureLog
from lookalike.recommend.experiments.report import ExperimentReport, Verdict, report_of
from lookalike.recommend.experiments.winner import (
    ADOPTED,
    Changes,
    Settings,
    adopted_variant,
    applied,
    undone,
)
from lookalike.types import Event

EXPERIMENTS = "experiments"
_NO_WINNER: dict[Verdict, str] = {
    "undecided": "there is not enough data. Let it run longer, or change the settings of the shop yourself.",
    "no-difference": "the difference is too small to matter. Keep the simpler variant.",
    "a-better": "shoppers were not split as planned. Check which pages send shopper ids.",
    "b-better": "shoppers were not split as planned. Check which pages send shopper ids.",
}
MOST_EXPERIMENTS = 200


class ExperimentBook:
    """Starts and stops experiments, and assigns variants."""

    def __init__(self, catalog: Catalog, now: Callable[[], float]) -> None:
        self._catalog = catalog
        self._now = now
        self._exposures = ExposureLog(catalog.database.events)
        self._parsed: tuple[str, tuple[Experiment, ...]] = ("", ())
        self._adopted = ("", Variant())

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """All experiments, most recently started first."""
        text = self._catalog.settings.get(EXPERIMENTS, "")
        known, parsed = self._parsed
        if text != known:
            parsed = _loads(text)
            self._parsed = (text, parsed)
        return parsed

    def experiment(self, id: str) -> Experiment:
        """Return an experiment. Raises NotFound for an unknown id."""
        found = next((each for each in self.experiments if each.id == id), None)
        if found is None:
            raise NotFound(f"There is no experiment '{id}'. Check the id.")
        return found

    def start(self, values: dict[str, Any]) -> Experiment:
        """Start an experiment.

        Raises:
            BadExperiment: it cannot be run as described.
            Conflict: its id is taken, or another experiment runs in the same place.
        """
        begun = replace(experiment_of(values), started=self._now(), stopped=None)

        def added(known: Sequence[Experiment]) -> Sequence[Experiment]:
            if any(each.id == begun.id for each in known):
                raise Conflict(f"An experiment '{begun.id}' already exists. Choose another id.")
            if len(known) >= MOST_EXPERIMENTS:
                raise BadExperiment(
                    f"A shop can have at most {MOST_EXPERIMENTS} experiments. Delete an old one first."
                )
            for each in known:
                if each.stopped is None and (shared := each.surfaces & begun.surfaces):
                    places = ", ".join(sorted(shared))
                    raise Conflict(
                        f"The experiment '{each.id}' is already running in {places}. Stop it first."
                    )
            return [begun, *known]

        self._change(added)
        return begun

    def stop(self, id: str) -> Experiment:
        """Stop an experiment: its variants no longer apply, and later events do not count."""
        now = self._now()

        def stopped(known: Sequence[Experiment]) -> Sequence[Experiment]:
            return [
                replace(each, stopped=now) if (each.id, each.stopped) == (id, None) else each
                for each in known
            ]

        self.experiment(id)
        self._change(stopped)
        return self.experiment(id)

    def apply(self, id: str) -> Experiment:
        """Make the winner the shop's setting, for every shopper, and stop the experiment.

        Raises:
            NotFound: there is no such experiment.
            Conflict: it has no winner, or its winner is applied already.
        """
        report, now = self.report(id), self._now()
        name = report.winner
        if name is None:
            raise Conflict(f"The experiment '{id}' has no winner: {_NO_WINNER[report.verdict]}")

        def put(known: Sequence[Experiment], settings: Settings) -> tuple[Sequence[Experiment], Changes]:
            # Another process may have applied it meanwhile: what it replaced must stay known.
            if any(each.id == id and each.applied is not None for each in known):
                raise Conflict(f"The winner of '{id}' is the shop's setting already.")
            done = applied(name, report.experiment.variant(name), settings, now)
            stopped = now if report.experiment.stopped is None else report.experiment.stopped
            return [
                replace(each, applied=done, stopped=stopped) if each.id == id else each for each in known
            ], done.after

        self._change_settings(put)
        return self.experiment(id)

    def undo(self, id: str) -> tuple[Change, ...]:
        """Put back what `apply` changed; returns what stays as it is, because it was changed since.

        Raises:
            NotFound: there is no such experiment.
            Conflict: its winner is not applied.
        """
        done = self.experiment(id).applied
        if done is None:
            raise Conflict(f"The experiment '{id}' changed nothing in the shop: there is nothing to undo.")
        stays: tuple[Change, ...] = ()

        def put(known: Sequence[Experiment], settings: Settings) -> tuple[Sequence[Experiment], Changes]:
            nonlocal stays
            restored, stays = undone(done, settings)
            return [replace(each, applied=None) if each.id == id else each for each in known], restored

        self._change_settings(put)
        return stays

    @property
    def adopted(self) -> Variant:
        """The search weights and placements that the shop has taken over from winners."""
        text = self._catalog.settings.get(ADOPTED, "")
        if self._adopted[0] != text:
            self._adopted = (text, adopted_variant({ADOPTED: text}))
        return self._adopted[1]

    def remove(self, id: str) -> None:
        """Delete a stopped experiment; its exposures remain among the events."""
        if self.experiment(id).stopped is None:
            raise Conflict(f"The experiment '{id}' is running. Stop it first.")
        if self.experiment(id).applied is not None:
            raise Conflict(f"The winner of '{id}' is the shop's setting. Undo that first.")
        self._change(lambda known: [each for each in known if each.id != id])

    def report(self, id: str) -> ExperimentReport:
        """Return the results of an experiment so far."""
        experiment = self.experiment(id)
        self._exposures.flush()
        until = self._now() + 1.0 if experiment.stopped is None else experiment.stopped
        events = self._catalog.database.events
        exposed = events.exposed(experiment.id, experiment.goal, experiment.started, until)
        return report_of(experiment, exposed, self._now())

    def shown_to(self, shopper: str | None, surface: Surface) -> Variant | None:
        """Return the variant of a shopper on a surface and record the exposure; None without an experiment.

        Requests without a shopper id take part in no experiment, because their outcome could not be
        attributed.
        """
        if not shopper:
            return None
        for experiment in self.experiments:
            if experiment.stopped is None and surface in experiment.surfaces:
                name = experiment.variant_of(shopper)
                id = f"{experiment.id}\0{experiment.started}\0{shopper}"
                exposure = Event(
                    "exposure", shopper, id=id, time=self._now(), experiment=experiment.id, variant=name
                )
                self._exposures.add(exposure)
                return experiment.variant(name)
        return None

    def settled(self, variant: Variant | None) -> Variant:
        """The search weights and placements of a request: those of its variant, else of the shop."""
        return self.adopted if variant is None else variant.over(self.adopted)

    def flush(self) -> None:
        """Store the exposures that are still in memory."""
        self._exposures.flush()

    def forget_exposures(self) -> None:
        """Record exposures again, because the stored ones of a shopper were deleted."""
        self._exposures.forget()

    def _change(self, change: Callable[[Sequence[Experiment]], Sequence[Experiment]]) -> None:
        """Change the list of experiments; retried if another process changed it at the same time."""
        self._change_settings(lambda known, settings: (change(known), {}))

    def _change_settings(
        self,
        change: Callable[[Sequence[Experiment], Settings], tuple[Sequence[Experiment], Changes]],
    ) -> None:
        """Change the list of experiments and other settings of the shop, in one transaction."""
        database = self._catalog.database
        while True:
            revision = database.revision()
            stored = database.settings()
            changed, others = change(_loads(stored.get(EXPERIMENTS, "")), stored)
            text = json.dumps([experiment_fields(each) for each in changed])
            if database.put_settings({**others, EXPERIMENTS: text}, at=revision) is not None:
                return


def _loads(text: str) -> tuple[Experiment, ...]:
    return tuple(loaded(each) for each in json.loads(text)) if text else ()

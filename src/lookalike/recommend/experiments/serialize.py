"""JSON forms of experiments and their reports, for the command line and HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from typing_extensions import TypedDict

from lookalike.recommend.experiments.description import told_variant
from lookalike.recommend.experiments.experiment import Change, Experiment, Goal, VariantName
from lookalike.recommend.experiments.report import Arm, ExperimentReport, Verdict


class AppliedJson(TypedDict):
    """The variant that is the shop's setting now, and what of the shop it changed."""

    variant: VariantName
    at: str
    changed: list[Change]


class UndoneJson(TypedDict):
    """The experiment after its winner was undone; `kept` was changed since and stays as it is."""

    experiment: ExperimentJson
    kept: list[Change]


class ExperimentJson(TypedDict):
    """An experiment; `surfaces` lists where its shoppers take part, `share` how many of them get B."""

    id: str
    name: str
    goal: Goal
    share: float
    smallest_lift: float
    a: dict[str, Any]
    b: dict[str, Any]
    surfaces: list[str]
    identical: bool
    started: str
    stopped: str | None
    applied: AppliedJson | None


class ArmJson(TypedDict):
    """The participants of a variant, and how many reached the goal."""

    shoppers: int
    reached: int
    rate: float | None


class ExperimentReportJson(TypedDict):
    """The results of an experiment so far.

    `low` and `high` bound the lift at the given confidence, however often the report is read; null means
    unknown. `mismatch` means that far more shoppers got one variant than planned; there is no `winner` then.
    """

    experiment: ExperimentJson
    at: str
    a: ArmJson
    b: ArmJson
    lift: float | None
    low: float | None
    high: float | None
    confidence: float
    p_value: float
    verdict: Verdict
    winner: VariantName | None
    mismatch: bool
    advice: str


ADVICE: dict[Verdict, str] = {
    "undecided": "Not enough data yet. Keep the experiment running.",
    "a-better": "A is better. Stop the experiment and keep A.",
    "b-better": "B is better. Stop the experiment and use B for everyone.",
    "no-difference": "The difference is too small to matter. Stop it and keep the simpler variant.",
}


def experiment_json(experiment: Experiment) -> ExperimentJson:
    """An experiment."""
    done = experiment.applied
    return ExperimentJson(
        id=experiment.id,
        name=experiment.name,
        goal=experiment.goal,
        share=experiment.share,
        smallest_lift=experiment.smallest_lift,
        a=told_variant(experiment.a),
        b=told_variant(experiment.b),
        surfaces=sorted(experiment.surfaces),
        identical=experiment.is_identical,
        started=_time(experiment.started),
        stopped=None if experiment.stopped is None else _time(experiment.stopped),
        applied=None
        if done is None
        else AppliedJson(variant=done.variant, at=_time(done.at), changed=list(done.changed)),
    )


def undone_json(experiment: Experiment, kept: Sequence[Change]) -> UndoneJson:
    """What undoing a winner left as it is."""
    return UndoneJson(experiment=experiment_json(experiment), kept=list(kept))


def report_json(report: ExperimentReport) -> ExperimentReportJson:
    """A report."""
    return ExperimentReportJson(
        experiment=experiment_json(report.experiment),
        at=_time(report.at),
        a=_arm(report.a),
        b=_arm(report.b),
        lift=_rounded(report.lift),
        low=_rounded(report.low),
        high=_rounded(report.high),
        confidence=report.confidence,
        p_value=round(report.p_value, 5),
        verdict=report.verdict,
        winner=report.winner,
        mismatch=report.mismatch,
        advice=_advice(report),
    )


def _advice(report: ExperimentReport) -> str:
    if report.experiment.applied is not None:
        return f"Variant {report.experiment.applied.variant} is the shop's setting. Undo it to go back."
    if report.mismatch:
        return "Shoppers are not split as planned. Ignore the result, and check which pages send shopper ids."
    if report.experiment.is_identical and report.verdict == "undecided":
        return "Both variants are the same. This experiment should show no difference."
    if report.experiment.stopped is not None and report.verdict == "undecided":
        return "Stopped before there was enough data. Keep A, or start it again and let it run longer."
    return ADVICE[report.verdict]


def _arm(arm: Arm) -> ArmJson:
    return ArmJson(shoppers=arm.shoppers, reached=arm.reached, rate=_rounded(arm.rate))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()

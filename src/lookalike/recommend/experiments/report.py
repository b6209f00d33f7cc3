"""The results of an experiment: the lift of variant B, its confidence, and whether to stop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from lookalike.database.event_store import Exposed
from lookalike.recommend.experiments.confidence_sequence import ALPHA, Monitored, monitored
from lookalike.recommend.experiments.experiment import Experiment, VariantName

# A split this uneven is almost certainly a mistake.
MISMATCH = 0.001

Verdict: TypeAlias = Literal["undecided", "a-better", "b-better", "no-difference"]


@dataclass(frozen=True, slots=True)
class Arm:
    """The participants of a variant, and how many reached the goal."""

    variant: VariantName
    shoppers: int
    reached: int

    @property
    def rate(self) -> float | None:
        """The share of participants who reached the goal; None without participants."""
        return self.reached / self.shoppers if self.shoppers else None


@dataclass(frozen=True, slots=True)
class ExperimentReport:
    """The state of an experiment.

    `lift` is B's rate relative to A's, minus one; `low` and `high` are its 95% interval, which remains
    valid under continuous monitoring: the probability that it is ever wrong is 5%. None means unknown.
    """

    experiment: Experiment
    at: float
    a: Arm
    b: Arm
    lift: float | None
    low: float | None
    high: float | None
    p_value: float
    verdict: Verdict
    mismatch: bool

    @property
    def winner(self) -> VariantName | None:
        """The better variant, once that is decided and the split was as planned."""
        if self.mismatch:
            return None
        return {"a-better": "A", "b-better": "B"}.get(self.verdict)  # pyright: ignore[reportReturnType]

    @property
    def confidence(self) -> float:
        """The confidence level of the interval."""
        return 1.0 - ALPHA


def report_of(experiment: Experiment, exposed: Sequence[Exposed], now: float) -> ExperimentReport:
    """Evaluate an experiment from its participants, in the order in which they joined.

    If A and B are equally good, the next shopper to reach the goal is B's with the probability that B was
    assigned, independent of the past and of how long shoppers take. The order of successes is therefore
    a sequence that can be evaluated at any time; see `confidence_sequence`.
    """
    share = experiment.share
    joined = list({each.shopper: each for each in reversed(exposed)}.values())
    successes = sorted(
        (each.reached, each.shopper, each.variant) for each in joined if each.reached is not None
    )
    found = monitored(np.array([variant == "B" for _, _, variant in successes], np.bool_), share)
    members = np.array([each.variant == "B" for each in reversed(joined)], np.bool_)
    a, b = (
        Arm(
            name,
            sum(each.variant == name for each in joined),
            sum(variant == name for _, _, variant in successes),
        )
        for name in ("A", "B")
    )
    low, high = _lift_of(found.low, share), _lift_of(found.high, share)
    return ExperimentReport(
        experiment=experiment,
        at=now,
        a=a,
        b=b,
        lift=b.rate / a.rate - 1.0 if a.rate and b.rate is not None else None,
        low=low,
        high=high if math.isfinite(high) else None,
        p_value=found.p_value,
        verdict=_verdict(found, low, high, experiment.smallest_lift),
        mismatch=monitored(members, share).p_value < MISMATCH,
    )


def _lift_of(chance: float, share: float) -> float:
    """Return the lift at which a success is B's with a given probability."""
    if chance >= 1.0:
        return math.inf
    return chance / (1.0 - chance) * (1.0 - share) / share - 1.0


def _verdict(found: Monitored, low: float, high: float, smallest: float) -> Verdict:
    if found.p_value < ALPHA and (low > 0 or high < 0):
        return "b-better" if low > 0 else "a-better"
    if -smallest < low and high < smallest:
        return "no-difference"
    return "undecided"

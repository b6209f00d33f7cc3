"""A confidence sequence: an interval that remains valid under continuous monitoring.

An ordinary 95% interval is wrong far more often than 5% of the time if it is monitored and the experiment
stops when the result looks good. This one bounds the probability of ever being wrong. It uses a
beta-binomial mixture: if each success is B's with a fixed probability, the ratio between the mixture's
likelihood and that probability's is a nonnegative martingale that starts at one, so it ever reaches
1 / alpha with a probability of at most alpha (Ville 1939; Robbins 1970; Howard et al., Annals of Statistics
2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

ALPHA = 0.05
# Each component of the mixture acts like prior observations of this many successes, split as planned. Small
# values suit a variant that sells nothing, large ones a lift of a few percent; any values are valid.
PRIOR_SUCCESSES = (2.0, 50.0, 1000.0)
BISECTIONS = 50


@dataclass(frozen=True, slots=True)
class Monitored:
    """Bounds on the probability that a success is B's, from a monitored sequence of successes.

    `low` and `high` bound the probability; `p_value` tests the planned one. All are valid at any time, and
    simultaneously at all earlier times.
    """

    low: float
    high: float
    p_value: float


def monitored(of_b: Mask, planned: float, alpha: float = ALPHA) -> Monitored:
    """Evaluate a sequence of successes as if it had been monitored from the first one.

    Args:
        of_b: for each success in order of time, whether it is B's.
        planned: the probability that a success is B's if A and B are equally good.
        alpha: the accepted risk of ever being wrong.
    """
    if not len(of_b):
        return Monitored(0.0, 1.0, 1.0)
    trials = np.arange(1.0, len(of_b) + 1)
    wins = np.cumsum(of_b).astype(np.float64)
    parts = [_log_predicted(of_b, wins, trials, planned, prior) for prior in PRIOR_SUCCESSES]
    mixture = np.logaddexp.reduce(parts, axis=0) - np.log(len(parts))
    evidence = mixture - _log_likelihood(wins, trials, np.full(len(of_b), planned))
    p_value = float(min(1.0, np.exp(-evidence.max())))
    low, high = _bounds(wins, trials, mixture - np.log(1.0 / alpha))
    # Once ruled out, a value stays ruled out, unless the probability has drifted and none would remain.
    lowest, highest = float(low.max()), float(high.min())
    if lowest > highest:
        lowest, highest = float(low[-1]), float(high[-1])
    return Monitored(lowest, highest, p_value)


def _log_predicted(of_b: Mask, wins: Floats, trials: Floats, planned: float, prior: float) -> Floats:
    """Return the log-likelihood of the sequence up to each success, for a beta prior around `planned`."""
    wins_before, trials_before = wins - of_b, trials - 1.0
    of_wins = prior * planned + wins_before
    of_losses = prior * (1.0 - planned) + trials_before - wins_before
    return np.cumsum(np.log(np.where(of_b, of_wins, of_losses) / (prior + trials_before)))


def _log_likelihood(wins: Floats, trials: Floats, chance: Floats) -> Floats:
    """Return the log-likelihood of the counts up to each success, for a given probability."""
    losses = trials - wins
    with np.errstate(divide="ignore", invalid="ignore"):
        of_wins = np.where(wins > 0, wins * np.log(chance), 0.0)
        of_losses = np.where(losses > 0, losses * np.log1p(-chance), 0.0)
    return of_wins + of_losses


def _bounds(wins: Floats, trials: Floats, least: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and highest probability with at least this likelihood, by bisection from the peak."""
    peak = wins / trials
    bounds: list[Floats] = []
    for end in (np.zeros(len(trials)), np.ones(len(trials))):
        outside, inside = end.copy(), peak.copy()
        for _ in range(BISECTIONS):
            middle = (outside + inside) / 2
            likely = _log_likelihood(wins, trials, middle) >= least
            inside, outside = np.where(likely, middle, inside), np.where(likely, outside, middle)
        bounds.append(np.where(peak == end, end, outside))
    return bounds[0], bounds[1]

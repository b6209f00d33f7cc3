"""Between the old weights and the new: how much of the training to keep.

Weights that were trained further lie on one valley with those they came from, and a mix of both often beats
either: it has learned the shop and forgotten less. Which mix is chosen on products that were not trained on.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch

from lookalike.adapt.training import Towers

MIXES = (0.0, 0.25, 0.5, 0.75, 1.0)


def mixed(old: Towers, new: Towers, share: float) -> Towers:
    """Return towers that lie a share of the way from the old to the new."""
    made = copy.deepcopy(old)
    later = new.state_dict()
    with torch.no_grad():
        for name, value in made.state_dict().items():
            if value.is_floating_point():
                value.lerp_(later[name], share)
    return made


def best_mix(old: Towers, new: Towers, judge: Callable[[Towers], float]) -> tuple[Towers, float]:
    """Return the mix that a judge likes best, and its share of the new."""
    judged = [(judge(mixed(old, new, share)), share) for share in MIXES]
    _, share = max(judged)
    return mixed(old, new, share), share

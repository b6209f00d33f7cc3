"""Between the old weights and the new: how much of the training to keep, and what pictures are drawn to.

Weights that were trained further lie in one valley with those they came from, and a mix of both often beats
either: it has learned the shop and forgotten less. Which mix is chosen on products that were not trained on;
the old encoder itself is among them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray

from lookalike.training.loop import Towers
from lookalike.training.towers import BLOCKS, Anchors, Block, join_image

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
# How much louder the colour and the traits of a product may become beside its type.
_COLOURS, _TRAITS = (1.0, 1.1, 0.9, 0.75), (1.0, 1.4)


@dataclass(frozen=True)
class Mix:
    """Towers between the old and the new, and the classes that their pictures are drawn to."""

    towers: Towers
    share: float
    drawn_to: str
    anchors: Anchors
    blocks: tuple[Block, ...] = BLOCKS


def best_mix(
    old: Towers,
    new: Towers,
    kept: Anchors,
    look: Callable[[Towers], torch.Tensor],
    judge: Callable[[Towers, NDArray[np.float32], tuple[Block, ...]], float],
) -> Mix:
    """Return the mix that a judge likes best of all shares, classes to be drawn to, and weights of blocks."""
    best, liked = Mix(old, 0.0, "old classes", kept), -1.0
    for share in SHARES:
        towers = mixed(old, new, share)
        raw = look(towers)
        for name, anchors in _anchors(kept, towers.heads.anchors).items():
            for blocks in _weighings():
                score = judge(towers, join_image(raw, blocks, anchors).numpy(), blocks)
                # Of equals the first wins, which is the nearest to the old.
                if score > liked:
                    best, liked = Mix(towers, share, name, anchors, blocks), score
    return best


def mixed(old: Towers, new: Towers, share: float) -> Towers:
    """Return towers that lie a share of the way from the old to the new."""
    made = copy.deepcopy(old)
    later = new.state_dict()
    with torch.no_grad():
        for name, value in made.state_dict().items():
            if value.is_floating_point():
                value.lerp_(later[name], share)
    return made


def _weighings() -> list[tuple[Block, ...]]:
    return [
        tuple(
            replace(block, weight=block.weight * {"colour": colour, "trait": trait}.get(block.name, 1.0))
            for block in BLOCKS
        )
        for colour, trait in product(_COLOURS, _TRAITS)
    ]


def _anchors(kept: Anchors, own: Anchors) -> dict[str, Anchors]:
    both = {
        name: torch.cat([_units(each[name]) for each in (kept, own) if name in each])
        for name in {**kept, **own}
    }
    return {"old classes": kept, "classes of the shop": own, "both": both}


def _units(prototypes: torch.Tensor) -> torch.Tensor:
    return prototypes / prototypes.norm(dim=1, keepdim=True)

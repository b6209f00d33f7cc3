"""What the towers are asked to get right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from lookalike.training.towers import BLOCKS, LIKELY

SCALE = LIKELY
_NAMED = {block.name: block for block in BLOCKS}


@dataclass(frozen=True)
class Task:
    """One label to read off one block of the vector."""

    name: str
    block: str
    weight: float
    classes: tuple[str, ...]


TASK_BLOCKS: dict[str, tuple[str, float]] = {
    "type": ("type", 1.3),
    "home": ("type", 1.0),
    "category": ("type", 0.3),
    "colour": ("colour", 1.0),
    "gender": ("trait", 0.5),
    "usage": ("trait", 0.3),
    "season": ("trait", 0.2),
    "pattern": ("detail", 0.6),
}

# The one task of a block whose classes its pictures are drawn to.
_ANCHORING = {"type": "type", "colour": "colour", "gender": "trait"}
# What a shop calls differently still says something of its products.
OTHER_TASK = ("trait", 0.3)


class Heads(nn.Module):
    """A prototype for every class of every task, shared by pictures and words."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        super().__init__()
        self.tasks = tuple(tasks)
        self.prototypes = nn.ParameterDict(
            {
                f"of {task.name}": nn.Parameter(
                    torch.randn(len(task.classes), _NAMED[task.block].stop - _NAMED[task.block].start)
                )
                for task in tasks
            }
        )

    @torch.no_grad()
    def start_from(self, raw: torch.Tensor, allowed: Mapping[str, torch.Tensor]) -> None:
        """Put every prototype where the pictures of its class already are."""
        for task in self.tasks:
            block = _NAMED[task.block]
            facet_text = functional.normalize(raw[:, block.start : block.stop], dim=1)
            members = allowed[task.name].float()
            middle = members.T @ facet_text
            known = members.sum(0) > 0
            self.prototypes[f"of {task.name}"][known] = functional.normalize(middle[known], dim=1)

    @property
    def anchors(self) -> dict[str, torch.Tensor]:
        """The prototypes that pictures are drawn to, by the name of the block."""
        return {
            _ANCHORING[task.name]: self.prototypes[f"of {task.name}"].detach()
            for task in self.tasks
            if task.name in _ANCHORING
        }

    def forward(self, raw: torch.Tensor, allowed: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Return the weighted loss of raw vectors against the classes each row may be."""
        total = raw.new_zeros(())
        for task in self.tasks:
            if task.name not in allowed:
                continue
            block = _NAMED[task.block]
            logits = cosine(raw[:, block.start : block.stop], self.prototypes[f"of {task.name}"]) * SCALE
            total = total + task.weight * any_of(logits, allowed[task.name])
        return total


class Pupil(nn.Module):
    """Guesses the teacher's features, and the kind of an unrelated object, from pooled features."""

    def __init__(self, inputs: int, taught: int, objects: int) -> None:
        super().__init__()
        self.guess = nn.Linear(inputs, taught)
        self.objects = nn.Linear(inputs, max(1, objects))

    def forward(self, pooled: torch.Tensor, taught: torch.Tensor) -> torch.Tensor:
        """Return how far the guesses are from the teacher, alone and among each other."""
        guessed = self.guess(pooled)
        apart = 1 - (functional.normalize(guessed, dim=1) * functional.normalize(taught, dim=1)).sum(1).mean()
        return 3 * apart + resemble(guessed, taught)


def resemble(said: torch.Tensor, taught: torch.Tensor) -> torch.Tensor:
    """Return how differently two sets of vectors see who is near whom in a batch."""
    mine, theirs = _others(cosine(said, said)) * 10, _others(cosine(taught, taught)) * 10
    wanted = functional.softmax(theirs, 1)
    return functional.kl_div(functional.log_softmax(mine, 1), wanted, reduction="batchmean")


def cosine(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return the cosine of every row with every row."""
    return functional.normalize(left, dim=1) @ functional.normalize(right, dim=1).T


def any_of(logits: torch.Tensor, allowed: torch.Tensor, smoothing: float = 0.05) -> torch.Tensor:
    """Return the loss of rows that may be any of their allowed classes; rows without one are silent."""
    known = allowed.any(1)
    if not known.any():
        return logits.new_zeros(())
    logits, allowed = logits[known], allowed[known]
    said = functional.log_softmax(logits, 1)
    right = torch.logsumexp(said.masked_fill(~allowed, -1e4), 1)
    return -((1 - smoothing) * right + smoothing * said.mean(1)).mean()


def attract(
    queries: torch.Tensor,
    others: torch.Tensor,
    same: torch.Tensor,
    scale: float | torch.Tensor,
    ignored: torch.Tensor | None = None,
    *,
    each: bool = False,
) -> torch.Tensor:
    """Pull queries to the others they belong with, all of them or any one, and from the rest."""
    logits = queries @ others.T * scale
    if ignored is not None:
        logits = logits.masked_fill(ignored, -1e4)
        same = same & ~ignored
    known = same.any(1) & ~same.all(1)
    if not known.any():
        return logits.new_zeros(())
    said = functional.log_softmax(logits[known], 1)
    same = same[known]
    if each:
        return -(said.masked_fill(~same, 0).sum(1) / same.sum(1)).mean()
    return -torch.logsumexp(said.masked_fill(~same, -1e4), 1).mean()


def _others(similar: torch.Tensor) -> torch.Tensor:
    return similar - torch.eye(len(similar)) * 1e4

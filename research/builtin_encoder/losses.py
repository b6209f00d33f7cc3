"""What the fashion branch and the words about fashion are asked to get right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from lookalike.training.losses import any_of, cosine
from lookalike.training.towers import FASHION_BLOCKS, SHARPNESS
from research.builtin_encoder.dataset import Example
from research.builtin_encoder.labels import HOME_TO_TYPES, home_labels_of

_NAMED = {block.name: block for block in FASHION_BLOCKS}


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
    "department": ("type", 0.2),
    "colour": ("colour", 1.0),
    "gender": ("trait", 0.5),
    "usage": ("trait", 0.3),
    "season": ("trait", 0.2),
    "pattern": ("trait", 0.4),
}
# The one task of a block whose classes its pictures are drawn to.
ANCHORING = {"type": "type", "colour": "colour", "gender": "trait"}


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

    @property
    def anchors(self) -> dict[str, torch.Tensor]:
        """The prototypes that pictures are drawn to, by the name of the block."""
        return {
            ANCHORING[task.name]: self.prototypes[f"of {task.name}"].detach()
            for task in self.tasks
            if task.name in ANCHORING
        }

    def forward(self, raw: torch.Tensor, allowed: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Return the weighted loss of raw vectors against the classes each row may be."""
        total = raw.new_zeros(())
        for task in self.tasks:
            if task.name in allowed:
                prototypes = self.prototypes[f"of {task.name}"]
                logits = cosine(raw[:, _NAMED[task.block].place], prototypes) * SHARPNESS
                total = total + task.weight * any_of(logits, allowed[task.name])
        return total


def tasks_of(examples: Sequence[Example]) -> list[Task]:
    """Return the tasks that the labels of the examples allow."""
    tasks: list[Task] = []
    for name, (block, weight) in TASK_BLOCKS.items():
        classes = sorted({e.labels[name] for e in examples if name in e.labels})
        if len(classes) > 1:
            tasks.append(Task(name, block, weight, tuple(classes)))
    return tasks


def allowed_classes(task: Task, labels: Sequence[Mapping[str, str]]) -> torch.Tensor:
    """Return which classes of a task each row may be."""
    place = {name: index for index, name in enumerate(task.classes)}
    allowed = torch.zeros(len(labels), len(task.classes), dtype=torch.bool)
    for row, each in enumerate(labels):
        for name in _may_be(task.name, each):
            if name in place:
                allowed[row, place[name]] = True
    return allowed


def _may_be(task: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    if task in labels:
        return (labels[task],)
    if task == "type" and "home" in labels:
        return HOME_TO_TYPES.get(labels["home"], ())
    if task == "home" and "type" in labels:
        return home_labels_of(labels["type"])
    return ()

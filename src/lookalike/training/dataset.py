"""Everything a training run draws from, as tensors."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from lookalike.training.labels import HOME_TO_TYPES, home_labels_of
from lookalike.training.losses import OTHER_TASK, TASK_BLOCKS, Task
from lookalike.training.phrases import SAYABLE, phrase
from lookalike.training.public_datasets import Example
from lookalike.training.teacher import views_of

# How strongly rare classes are drawn more often: 0 is as found, 1 is all classes alike.
_BALANCE = 0.4


class Library:
    """Pictures, titles and labels of the examples that a run may learn from."""

    def __init__(
        self,
        examples: Sequence[Example],
        pixels: torch.Tensor,
        boxes: NDArray[np.float32],
        taught: torch.Tensor | None,
    ) -> None:
        """Take examples with pictures first, in the order of pixels and boxes, then those without."""
        self.examples = list(examples)
        self.pixels, self.boxes, self.taught = pixels, torch.from_numpy(boxes), taught
        self.titles = [e.title for e in self.examples]
        kinds = np.array([e.kind for e in self.examples])
        self._kinds = {kind: torch.from_numpy(np.flatnonzero(kinds == kind)) for kind in set(kinds.tolist())}
        self.is_studio = torch.from_numpy(kinds == "studio")
        self.is_home = torch.from_numpy(kinds == "home")
        self.is_object = torch.from_numpy(kinds == "object")
        self.has_title = torch.tensor([bool(t) for t in self.titles])
        groups: dict[tuple[bool, str], int] = {}
        self.group = torch.tensor(
            [groups.setdefault((e.kind == "home", e.group), len(groups)) for e in self.examples]
        )
        self.tasks = _tasks(self.examples)
        self._allowed = {task.name: _allowed(task, self.examples) for task in self.tasks}
        self._places = {
            name: _places(name, self.examples) for name in (*TASK_BLOCKS, *_label_names(self.examples))
        }
        self._codes = {
            name: torch.tensor([place.get(e.labels.get(name, ""), -1) for e in self.examples])
            for name, place in self._places.items()
        }
        self.object_names = sorted({e.labels["object"] for e in self.examples if "object" in e.labels})
        place = {name: index for index, name in enumerate(self.object_names)}
        self.object_class = torch.tensor([place.get(e.labels.get("object", ""), 0) for e in self.examples])
        self._odds = {
            kind: _odds([self.examples[i] for i in rows.tolist()]) for kind, rows in self._kinds.items()
        }
        shelf = self.rows_of("studio")
        self.place_on_shelf = torch.zeros(len(self.examples), dtype=torch.long)
        self.place_on_shelf[shelf] = torch.arange(len(shelf))
        texts = torch.nonzero(self.has_title)[:, 0]
        self._texts = texts
        self._text_odds = _odds([self.examples[i] for i in texts.tolist()])
        scenery = torch.cat([self.rows_of("object"), self.rows_of("home")])
        self._scenery = scenery if len(scenery) else shelf
        # Only a studio photo with a background that could be told apart says where its product is.
        self.outlined = self.is_studio[: len(pixels)] & (pixels[:, 3].float().mean((1, 2)) < 250)
        types = self._places["type"]
        # One column more than types stays false: the place of products without a type, -1.
        self._type_of_home = torch.zeros(len(self.examples), len(types) + 1, dtype=torch.bool)
        for row in self.rows_of("home").tolist():
            for name in HOME_TO_TYPES.get(self.examples[row].labels["home"], ()):
                if name in types:
                    self._type_of_home[row, types[name]] = True

    @property
    def identity(self) -> str:
        """Known by what is learned from: other examples or labels make another library."""
        seen = hashlib.blake2b(digest_size=12)
        for example in self.examples:
            facts = (example.kind, example.group, example.title, sorted(example.labels.items()))
            seen.update(repr(facts).encode())
        return seen.hexdigest()

    def rows_of(self, kind: str) -> torch.Tensor:
        """Return the rows of one kind of example."""
        return self._kinds.get(kind, torch.zeros(0, dtype=torch.long))

    def views(self, kind: str) -> int:
        """Return how many crop boxes a kind of picture may be seen through."""
        return views_of(kind)

    def draw(self, kind: str, count: int) -> torch.Tensor:
        """Draw rows of one kind, rare classes more often than they occur."""
        rows = self.rows_of(kind)
        if not len(rows) or not count:
            return rows[:0]
        return rows[torch.multinomial(self._odds[kind], count, replacement=True)]

    def draw_scenery(self, count: int) -> torch.Tensor:
        """Draw pictures to stand behind products."""
        return self.pixels[self._scenery[torch.randint(len(self._scenery), (count,))]]

    def draw_titled(self, count: int) -> torch.Tensor:
        """Draw rows that have a picture and a title."""
        rows = self.rows_of("studio")
        rows = rows[self.has_title[rows]]
        return rows[torch.randint(len(rows), (count if len(rows) else 0,))] if len(rows) else rows

    def draw_texts(self, count: int) -> torch.Tensor:
        """Draw rows that have a title, with a picture or without."""
        if not len(self._texts):
            return self._texts
        return self._texts[torch.multinomial(self._text_odds, count, replacement=True)]

    def draw_phrases(self, count: int, dice: random.Random) -> tuple[list[str], list[dict[str, str]]]:
        """Make phrases about products that have a picture."""
        made = [phrase(self.examples[i].labels, dice) for i in self.draw("studio", count).tolist()]
        made = [(text, said) for text, said in made if said]
        return [text for text, _ in made], [said for _, said in made]

    def allowed_of(self, rows: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return which classes each row may be, for every task."""
        return {name: allowed[rows] for name, allowed in self._allowed.items()}

    def allowed_by_phrase(self, said: Sequence[dict[str, str]]) -> dict[str, torch.Tensor]:
        """Return which classes a phrase speaks of, for every task that it mentions."""
        facet_text = [Example("text", "", "train", labels=labels) for labels in said]
        return {task.name: _allowed(task, facet_text) for task in self.tasks if task.name in SAYABLE}

    def same(self, left: torch.Tensor, right: torch.Tensor, names: Sequence[str]) -> torch.Tensor:
        """Say which rows agree in all of the named labels."""
        agreed = torch.ones(len(left), len(right), dtype=torch.bool)
        for name in names:
            a, b = self._codes[name][left], self._codes[name][right]
            agreed &= (a[:, None] == b[None, :]) & (a >= 0)[:, None]
        return agreed

    def fits(self, home: torch.Tensor, studio: torch.Tensor) -> torch.Tensor:
        """Say which studio photos are of a type that a home photo may be."""
        return self._type_of_home[home][:, self._codes["type"][studio]]

    def fits_phrase(self, said: Sequence[dict[str, str]], studio: torch.Tensor) -> torch.Tensor:
        """Say which studio photos have every label that a phrase mentions."""
        fits = torch.ones(len(said), len(studio), dtype=torch.bool)
        for name in SAYABLE:
            codes = self._codes[name][studio]
            for row, labels in enumerate(said):
                if name in labels:
                    fits[row] &= codes == self._places[name][labels[name]]
        return fits


def _label_names(examples: Sequence[Example]) -> list[str]:
    return sorted({name for e in examples for name in e.labels} - {"object"})


def _tasks(examples: Sequence[Example]) -> list[Task]:
    tasks: list[Task] = []
    for name in _label_names(examples):
        block, weight = TASK_BLOCKS.get(name, OTHER_TASK)
        classes = sorted({e.labels[name] for e in examples if name in e.labels})
        if len(classes) > 1:
            tasks.append(Task(name, block, weight, tuple(classes)))
    return tasks


def _allowed(task: Task, examples: Sequence[Example]) -> torch.Tensor:
    place = {name: index for index, name in enumerate(task.classes)}
    allowed = torch.zeros(len(examples), len(task.classes), dtype=torch.bool)
    for row, example in enumerate(examples):
        for name in _may_be(task.name, example):
            if name in place:
                allowed[row, place[name]] = True
    return allowed


def _may_be(task: str, example: Example) -> tuple[str, ...]:
    if task in example.labels:
        return (example.labels[task],)
    if task == "type" and "home" in example.labels:
        return HOME_TO_TYPES.get(example.labels["home"], ())
    if task == "home" and "type" in example.labels:
        return home_labels_of(example.labels["type"])
    return ()


def _places(name: str, examples: Sequence[Example]) -> dict[str, int]:
    values = sorted({e.labels[name] for e in examples if name in e.labels})
    return {value: index for index, value in enumerate(values)}


def _odds(examples: Sequence[Example]) -> torch.Tensor:
    names = [e.labels.get("type") or e.labels.get("home") or e.labels.get("object") or "" for e in examples]
    counts = Counter(names)
    return torch.tensor([counts[name] ** -_BALANCE for name in names], dtype=torch.float64)

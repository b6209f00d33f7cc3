"""Trains the readout and the text tower on precomputed features: seeded and resumable."""

from __future__ import annotations

import copy
import math
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from lookalike.encoders.text.hashing import batch_ids
from lookalike.training.losses import any_of, attract, cosine
from lookalike.training.shop_dataset import Example
from lookalike.training.towers import DIM, PADDING, SHARPNESS, Readout, TextTower, join_text

CHECKPOINT = "checkpoint.pt"
BATCH = 256
_RATE = 4e-4
_KEPT = 40.0


class Heads(nn.Module):
    """A prototype vector for every value of every facet."""

    def __init__(self, examples: Sequence[Example], facets: Sequence[str]) -> None:
        super().__init__()
        self._values = {
            name: sorted({e.labels[name] for e in examples if name in e.labels}) for name in facets
        }
        self.prototypes = nn.ParameterList(
            [nn.Parameter(torch.zeros(len(values), DIM)) for values in self._values.values()]
        )
        self.allowed = [
            torch.tensor([[e.labels.get(name) == value for value in values] for e in examples])
            for name, values in self._values.items()
        ]

    @torch.no_grad()
    def start_from(self, vectors: torch.Tensor) -> None:
        """Initialize every prototype with the mean of its products."""
        for prototypes, allowed in zip(self.prototypes, self.allowed, strict=True):
            prototypes.copy_(functional.normalize(allowed.float().T @ vectors, dim=1))

    def loss(self, vectors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Return the classification loss over all facets."""
        total = vectors.new_zeros(())
        for prototypes, allowed in zip(self.prototypes, self.allowed, strict=True):
            here = allowed[rows]
            total = total + any_of(cosine(vectors, prototypes) * SHARPNESS, here)
            # Pull vectors of the same value together as well, because searches compare them.
            same = (here.float() @ here.float().T) > 0
            itself = torch.eye(len(rows), dtype=torch.bool)
            total = total + 0.5 * attract(vectors, vectors, same, SHARPNESS, itself, each=True)
        return total / max(1, len(self.allowed))


class Trainer:
    """A training run on one shop's features."""

    def __init__(
        self,
        readout: Readout,
        text: TextTower,
        features: torch.Tensor,
        examples: Sequence[Example],
        facets: Sequence[str],
        steps: int,
        seed: int,
    ) -> None:
        self._seed, self._features, self._examples = seed, features, list(examples)
        self.steps, self.step = steps, 0
        self.readout, self.text = copy.deepcopy(readout), copy.deepcopy(text)
        self.readout.gate.requires_grad_(False)
        self._heads = Heads(examples, facets)
        with torch.no_grad():
            self._before = readout(features)
        self._heads.start_from(self._before)
        groups: dict[str, int] = {}
        self._group = torch.tensor([groups.setdefault(e.group, len(groups)) for e in examples])
        self._ids = [batch_ids([e.title], text.buckets)[0] for e in examples]
        self._titled = torch.tensor([bool(e.title.strip()) for e in examples])
        self._modules = nn.ModuleList([self.readout, self.text, self._heads])
        trained = [p for p in self._modules.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(trained, lr=_RATE, weight_decay=0.0)

    def resume(self, folder: Path) -> bool:
        """Resume a stopped run with the same data."""
        file = folder / CHECKPOINT
        if not file.exists():
            return False
        state = torch.load(file, weights_only=True)
        if state["photos"] != len(self._examples):
            return False
        self._modules.load_state_dict(state["modules"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.step, self.steps = state["step"], state["steps"]
        return True

    def save(self, folder: Path) -> None:
        """Write the whole state atomically."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            "photos": len(self._examples),
            "modules": self._modules.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": self.step,
            "steps": self.steps,
        }
        partial = folder / f"{CHECKPOINT}.partial"
        try:
            torch.save(state, partial)
            partial.replace(folder / CHECKPOINT)
        except RuntimeError as error:
            # torch raises RuntimeError if the disk is full.
            raise OSError(str(error).splitlines()[0]) from error

    def run(
        self, folder: Path, until: float, stop: threading.Event | None, say: Callable[[str], None]
    ) -> None:
        """Train to the last step or the time limit; a stopped run is saved."""
        begun, started = self.step, time.monotonic()
        done = self.step / self.steps
        while done < 1:
            if stop is not None and stop.is_set():
                self.save(folder)
                return
            loss = self.learn(done)
            self.step += 1
            # If time will run out before the last step, the learning rate still has to decay in time.
            spent = (time.monotonic() - started) / max(1e-6, until - started)
            done = max(self.step / self.steps, begun / self.steps + spent * (1 - begun / self.steps))
            if self.step % 50 == 0:
                say(f"step {self.step} of {self.steps}, loss {loss:.3f}")

    def learn(self, done: float) -> float:
        """Take one step, given the progress of the run, and return its loss."""
        # Every step has its own seed, so that a resumed run draws the same samples.
        torch.manual_seed(self._seed * 1_000_003 + self.step)
        for group in self._optimizer.param_groups:
            group["lr"] = _RATE * (0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, done))) / 2)
        self._optimizer.zero_grad(set_to_none=True)
        rows = torch.randperm(len(self._examples))[:BATCH]
        vectors = self.readout(self._features[rows])
        loss = self._heads.loss(vectors, rows)
        # Neighbors stay neighbors unless the shop's own facets disagree.
        before = self._before[rows]
        loss = loss + _KEPT * (vectors @ vectors.T - before @ before.T).square().mean()
        loss = loss + self._words(rows, vectors)
        loss.backward()
        nn.utils.clip_grad_norm_(self._modules.parameters(), 3.0)
        self._optimizer.step()
        return float(loss.detach())

    def _words(self, rows: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        titled = self._titled[rows]
        if int(titled.sum()) < 2:
            return vectors.new_zeros(())
        rows, vectors = rows[titled], vectors[titled]
        width = max(len(self._ids[row]) for row in rows.tolist())
        padded = np.full((len(rows), width), PADDING, np.int64)
        for place, row in enumerate(rows.tolist()):
            padded[place, : len(self._ids[row])] = self._ids[row]
        ids = torch.from_numpy(padded)
        said = join_text(self.text(ids.masked_fill(torch.rand(ids.shape) < 0.08, PADDING)))
        same = self._group[rows][:, None] == self._group[rows][None, :]
        return 0.5 * (attract(vectors, said, same, SHARPNESS) + attract(said, vectors, same, SHARPNESS))

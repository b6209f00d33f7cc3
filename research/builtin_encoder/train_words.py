"""Teach the text tower the words of goods of every kind, without losing what it knows of fashion."""

from __future__ import annotations

import copy
import logging
import math
import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from lookalike.training.towers import DIM, FASHION_DIM, PADDING, TextTower
from research.builtin_encoder.tokens import TokenRows

log = logging.getLogger(__name__)

LOUD = 3.0
_COMMON, _RARE, _LABELS, _TITLES, _PHRASES = 256, 192, 64, 64, 64
# The share of the tokens of a text that are not heard.
_MISSED = 0.05
_TABLE_RATE, _RATE = 4e-3, 1.5e-3


@dataclass(frozen=True)
class Lessons:
    """What the tower hears: words with their place among general photos, and fashion texts.

    `common` are the rows of words that shoppers use, heard more often than the others. `labels` name classes
    of clothes, and `fashion` says where the photos of each class are.
    """

    words: TokenRows
    general: NDArray[np.float32]
    worn: NDArray[np.bool_]
    common: NDArray[np.int64]
    labels: TokenRows
    fashion: NDArray[np.float32]
    titles: TokenRows
    phrases: TokenRows


class Teacher:
    """From sentence vectors to the general block: kernel ridge regression on names whose photos are known.

    A name is where the photos of its kind are. Between names, and beyond them, the sentence vectors decide.
    """

    def __init__(
        self,
        sentences: NDArray[np.float32],
        targets: NDArray[np.float32],
        weights: NDArray[np.float32],
        *,
        sharpness: float = 4.0,
        ridge: float = 0.3,
    ) -> None:
        self._sentences, self._sharpness = sentences, sharpness
        kernel = self._kernel(sentences)
        kernel[np.diag_indices_from(kernel)] += ridge / weights
        self._weights = np.linalg.solve(kernel, targets - targets.mean(0))

    def __call__(self, sentences: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return where words lie; the less is known of them, the nearer to nothing."""
        return self._kernel(sentences) @ self._weights

    def _kernel(self, sentences: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.exp(self._sharpness * (sentences @ self._sentences.T - 1))


def widened(fashion: TextTower, seed: int) -> TextTower:
    """Return a tower that says what the fashion tower says, and next to nothing in the general block."""
    torch.manual_seed(seed)
    made = TextTower(fashion.buckets, fashion.table.embedding_dim, fashion.inner.out_features, DIM)
    with torch.no_grad():
        made.table.weight.copy_(fashion.table.weight)
        made.inner.load_state_dict(fashion.inner.state_dict())
        made.outer.weight.mul_(0.1)
        made.outer.bias.zero_()
        made.outer.weight[:FASHION_DIM] = fashion.outer.weight
        made.outer.bias[:FASHION_DIM] = fashion.outer.bias
    return made


def teach(
    fashion: TextTower,
    lessons: Lessons,
    steps: int,
    seed: int,
    until: float = math.inf,
    *,
    device: torch.device | None = None,
) -> TextTower:
    """Train to the last step, or to a moment by which the rate has come down."""
    device = device or torch.device("cpu")
    tower = widened(fashion, seed).to(device)
    tower.table.sparse = True
    fashion = copy.deepcopy(fashion).eval().requires_grad_(False).to(device)
    rest = [*tower.inner.parameters(), *tower.outer.parameters()]
    rows = torch.optim.SparseAdam([tower.table.weight], lr=_TABLE_RATE)
    dense = torch.optim.Adam(rest, lr=_RATE)
    general = torch.from_numpy(lessons.general).to(device)
    worn = torch.from_numpy(lessons.worn).to(device)
    named = torch.from_numpy(lessons.fashion).to(device)
    dice = np.random.default_rng(seed)
    started, done, step = time.monotonic(), 0.0, 0
    while done < 1:
        falling = 0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2
        for optimizer, rate in ((rows, _TABLE_RATE), (dense, _RATE)):
            for group in optimizer.param_groups:
                group["lr"] = rate * falling
        chosen = np.concatenate(
            [dice.choice(lessons.common, _COMMON), dice.integers(0, len(lessons.words), _RARE)]
        )
        labels = dice.integers(0, len(lessons.labels), _LABELS)
        heard = [
            rows_of.bags(kept)
            for rows_of, kept in (
                (lessons.words, chosen),
                (lessons.labels, labels),
                (lessons.titles, dice.integers(0, len(lessons.titles), _TITLES)),
                (lessons.phrases, dice.integers(0, len(lessons.phrases), _PHRASES)),
            )
        ]
        tokens = torch.from_numpy(np.concatenate([each for each, _ in heard])).to(device)
        counts = torch.from_numpy(np.concatenate([each for _, each in heard])).to(device)
        with torch.no_grad():
            known = _said(fashion, tokens, counts)
            known[: len(chosen)] = torch.where(worn[chosen][:, None], known[: len(chosen)], 0.0)
            known[len(chosen) : len(chosen) + _LABELS] = named[labels]
        missed = torch.rand(tokens.shape, device=device) < _MISSED
        said = _said(tower, tokens.masked_fill(missed, PADDING), counts)
        elsewhere = general.new_zeros(_LABELS + _TITLES + _PHRASES, general.shape[1])
        places = torch.cat([general[chosen], elsewhere])
        loss = _far(said[:, :FASHION_DIM], known) + _far(said[:, FASHION_DIM:], places)
        for optimizer in (rows, dense):
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(rest, 3.0)
        for optimizer in (rows, dense):
            optimizer.step()
        step += 1
        done = max(step / steps, (time.monotonic() - started) / (until - started))
        if step % 50 == 0:
            log.info("words: step %d (%.0f%%), loss %.4f", step, done * 100, float(loss.detach()))
    tower.table.sparse = False
    return tower.eval()


def _said(tower: TextTower, tokens: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """What the tower says of texts whose tokens lie end to end: padding would cost as much as tokens do."""
    text = torch.repeat_interleave(torch.arange(len(counts), device=tokens.device), counts)
    heard = torch.zeros(len(counts), device=tokens.device).index_add_(0, text, (tokens != PADDING).float())
    bag = functional.embedding_bag(
        tokens,
        tower.table.weight,
        counts.cumsum(0) - counts,
        mode="sum",
        sparse=tower.table.sparse,
        padding_idx=PADDING,
    )
    hidden = tower.inner(bag / heard.clamp(min=1).sqrt()[:, None])
    return tower.outer(functional.gelu(hidden, approximate="tanh"))


def _far(said: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """How far vectors are from where they should be: direction and length; nothing is wanted of some."""
    apart = (said - wanted).square().sum(1) / (1 + wanted.square().sum(1))
    loud = wanted.norm(dim=1)
    turned = 1 - (functional.normalize(said, dim=1) * functional.normalize(wanted, dim=1)).sum(1)
    return apart.mean() + (turned * (loud > 0.1)).mean()

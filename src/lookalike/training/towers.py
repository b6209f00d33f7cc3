"""The trainable models: the readout of the image tower, and the text tower. Both produce named blocks."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

PADDING = 0


@dataclass(frozen=True)
class Block:
    """A slice of the vector for one aspect, its weight, and how strongly classes attract it."""

    name: str
    start: int
    stop: int
    weight: float
    pull: float = 0.0

    @property
    def place(self) -> slice:
        """The slice of a vector."""
        return slice(self.start, self.stop)


FASHION_BLOCKS = (
    Block("type", 0, 96, 1.0, pull=3.0),
    Block("colour", 96, 144, 0.95, pull=2.0),
    Block("trait", 144, 192, 0.7, pull=1.0),
)
GENERAL = Block("general", 192, 384, 1.0)
BLOCKS = (*FASHION_BLOCKS, GENERAL)
FASHION_DIM = 192
DIM = 384
# The inverse temperature of the class probabilities.
SHARPNESS = 16.0

Anchors = Mapping[str, torch.Tensor]


class Readout(nn.Module):
    """Turns pooled features into one vector: fashion and general blocks, weighted by a gate."""

    def __init__(self, general: int, fashion: int, anchors: Anchors, most: float) -> None:
        super().__init__()
        self.general = nn.Linear(general, GENERAL.stop - GENERAL.start)
        self.fashion = nn.Linear(fashion, FASHION_DIM)
        self.gate = nn.Linear(general + fashion, 1)
        self.anchors = {name: functional.normalize(rows, dim=1) for name, rows in anchors.items()}
        self.most = most

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return unit vectors of features [photos, general + fashion]."""
        general, fashion = features.split([self.general.in_features, self.fashion.in_features], dim=1)
        gate = torch.sigmoid(self.gate(features)) * self.most
        worn = join_fashion(self.fashion(fashion), self.anchors)
        rest = functional.normalize(self.general(general), dim=1)
        return torch.cat([worn * gate.sqrt(), rest * (1 - gate).sqrt()], 1)

    def mixed(self, other: Readout, share: float) -> Readout:
        """Interpolate linearly with another readout."""
        made = copy.deepcopy(self)
        _blend(made, other, share)
        return made


class TextTower(nn.Module):
    """Turns hashed words, word pairs and character n-grams into a vector with a small network."""

    def __init__(self, buckets: int, width: int = 128, hidden: int = 512, outputs: int = DIM) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(buckets, width, mode="sum", padding_idx=PADDING)
        nn.init.normal_(self.table.weight, std=0.1)
        self.table.weight.data[PADDING] = 0
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, outputs)

    @property
    def buckets(self) -> int:
        """The number of hash buckets."""
        return self.table.num_embeddings

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return raw vectors of padded token ids [texts, tokens]."""
        count = (ids != PADDING).sum(1, keepdim=True).clamp(min=1)
        bag = self.table(ids) / torch.sqrt(count.float())
        return self.outer(functional.gelu(self.inner(bag), approximate="tanh"))

    def mixed(self, other: TextTower, share: float) -> TextTower:
        """Interpolate linearly with another tower."""
        made = copy.deepcopy(self)
        _blend(made, other, share)
        return made


def join_fashion(
    raw: torch.Tensor, anchors: Anchors | None = None, blocks: Sequence[Block] = FASHION_BLOCKS
) -> torch.Tensor:
    """Normalize raw fashion vectors: each block to unit length, drawn to its classes, times its weight.

    A block with anchors is drawn towards its possible classes by their probability. Products of a class
    thereby come closer to each other than noise in their photos would allow.
    """
    parts: list[torch.Tensor] = []
    for block in blocks:
        part = functional.normalize(raw[..., block.place], dim=-1)
        if anchors and block.name in anchors:
            prototypes = functional.normalize(anchors[block.name], dim=1)
            likely = torch.softmax(part @ prototypes.T * SHARPNESS, -1)
            part = functional.normalize(part + block.pull * (likely @ prototypes), dim=-1)
        parts.append(part * block.weight)
    return functional.normalize(torch.cat(parts, -1), dim=-1)


def join_text(raw: torch.Tensor, blocks: Sequence[Block] = BLOCKS) -> torch.Tensor:
    """Normalize raw text vectors; a block that the words do not determine stays small."""
    parts: list[torch.Tensor] = []
    for block in blocks:
        part = raw[..., block.place]
        loudness = torch.rsqrt(1 + part.square().sum(-1, keepdim=True))
        parts.append(part * loudness * block.weight)
    return functional.normalize(torch.cat(parts, -1), dim=-1)


def _blend(made: nn.Module, other: nn.Module, share: float) -> None:
    later = other.state_dict()
    with torch.no_grad():
        for name, value in made.state_dict().items():
            value.lerp_(later[name], share)

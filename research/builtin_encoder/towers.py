"""The towers while they train: a fashion branch on a frozen trunk, and a bag of hashed words."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from research.builtin_encoder.lite2 import MEAN, STAGES, STD, ConvUnit, Lite2, blocks_before

BUCKETS = 65_536
PADDING = 0
FASHION_HEAD = 512
# The last stage and the wide head of ImageNet are left out: fashion does not need a thousand classes.
FASHION_STAGES = 6


@dataclass(frozen=True)
class Block:
    """A slice of the vector that speaks of one thing, how loud it is, and how strongly classes draw it."""

    name: str
    start: int
    stop: int
    weight: float
    pull: float = 0.0

    @property
    def slice(self) -> slice:
        """Where the block lies in a vector."""
        return slice(self.start, self.stop)


FASHION_BLOCKS = (
    Block("type", 0, 96, 1.0, pull=3.0),
    Block("colour", 96, 144, 0.95, pull=2.0),
    Block("trait", 144, 192, 0.7, pull=1.0),
)
FASHION_DIM = 192
GENERAL_DIM = 192
DIM = FASHION_DIM + GENERAL_DIM
# The sharpness at which classes are told apart.
SHARPNESS = 16.0


class Trunk(nn.Module):
    """The stem and first stages of Lite2, which both branches share and nobody changes."""

    def __init__(self, network: Lite2, stages: int) -> None:
        super().__init__()
        self.stem = copy.deepcopy(network.stem)
        self.blocks = copy.deepcopy(network.blocks[: blocks_before(stages)])
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Trunk:
        """Stay as it is, whatever the rest does."""
        return super().train(False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the shared map of images in 0..255."""
        return self.blocks(self.stem((images - MEAN) / STD))


class FashionBranch(nn.Module):
    """The later stages of Lite2 trained on clothes, with attention pooling and a gate."""

    def __init__(self, network: Lite2, start: int) -> None:
        super().__init__()
        first, last = blocks_before(start), blocks_before(FASHION_STAGES)
        self.blocks = copy.deepcopy(network.blocks[first:last])
        self.head = ConvUnit(STAGES[FASHION_STAGES - 1].channels, FASHION_HEAD, 1)
        self.attention = nn.Conv2d(FASHION_HEAD, 1, 1)
        self.project = nn.Linear(FASHION_HEAD, FASHION_DIM)
        self.gate = nn.Linear(FASHION_HEAD, 1)

    def map(self, shared: torch.Tensor) -> torch.Tensor:
        """Return the branch's last map."""
        return self.head(self.blocks(shared))

    def pooled(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the features averaged by attention, and the attention logits."""
        logits = self.attention(features)
        weight = torch.sigmoid(logits) + 1e-3
        return (features * weight).sum((2, 3)) / weight.sum((2, 3)), logits[:, 0]


class TextTower(nn.Module):
    """A bag of hashed words, pairs and character n-grams through a small network."""

    def __init__(self, outputs: int = DIM, width: int = 128, hidden: int = 512) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, width, mode="sum", padding_idx=PADDING)
        nn.init.normal_(self.table.weight, std=0.1)
        self.table.weight.data[PADDING] = 0
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, outputs)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return raw vectors of padded token numbers [texts, tokens]."""
        count = (ids != PADDING).sum(1, keepdim=True).clamp(min=1)
        bag = self.table(ids) / torch.sqrt(count.float())
        return self.outer(functional.gelu(self.inner(bag), approximate="tanh"))


def join_fashion(
    raw: torch.Tensor,
    anchors: dict[str, torch.Tensor] | None = None,
    blocks: Sequence[Block] = FASHION_BLOCKS,
) -> torch.Tensor:
    """Make unit vectors of raw fashion vectors: every block a unit, drawn to its classes, times its weight."""
    parts: list[torch.Tensor] = []
    for block in blocks:
        part = functional.normalize(raw[..., block.slice], dim=-1)
        if anchors and block.name in anchors:
            prototypes = functional.normalize(anchors[block.name], dim=1)
            likely = torch.softmax(part @ prototypes.T * SHARPNESS, -1)
            part = functional.normalize(part + block.pull * (likely @ prototypes), dim=-1)
        parts.append(part * block.weight)
    return functional.normalize(torch.cat(parts, -1), dim=-1)


def join_text(raw: torch.Tensor, blocks: Sequence[Block] = FASHION_BLOCKS) -> torch.Tensor:
    """Make unit vectors of raw text vectors: a block that the words leave open stays quiet."""
    parts: list[torch.Tensor] = []
    for block in blocks:
        part = raw[..., block.slice]
        loudness = torch.rsqrt(1 + part.square().sum(-1, keepdim=True))
        parts.append(part * loudness * block.weight)
    return functional.normalize(torch.cat(parts, -1), dim=-1)

"""The two towers: pictures and words into one unit space of named blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import nn
from torch.nn import functional

from lookalike.encoders.text.hashing import BUCKETS, PADDING


@dataclass(frozen=True)
class Block:
    """A slice of the vector that speaks of one thing, and how loud it speaks."""

    name: str
    start: int
    stop: int
    weight: float
    pull: float = 0.0


Anchors: TypeAlias = Mapping[str, torch.Tensor]

BLOCKS = (
    Block("type", 0, 96, 1.0, pull=3.0),
    Block("colour", 96, 144, 0.95, pull=2.0),
    Block("trait", 144, 192, 0.7, pull=1.0),
    Block("detail", 192, 256, 0.5),
)
# The sharpness at which classes were told apart in training.
LIKELY = 16.0
DETAIL = BLOCKS[-1]
DIM = 256
MIDDLE, SPREAD = 127.5, 64.0


class Unit(nn.Module):
    """A plain 3x3 convolution, with a shortcut where the shape stays the same."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.shortcut = inputs == outputs and stride == 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve, normalise, add the shortcut and cut below zero."""
        y = self.norm(self.conv(x))
        return torch.relu(y + x if self.shortcut else y)

    def fused(self) -> nn.Conv2d:
        """Return one biased convolution that computes the same, shortcut included."""
        mean, variance = self.norm.running_mean, self.norm.running_var
        assert mean is not None
        assert variance is not None
        scale = self.norm.weight / torch.sqrt(variance + self.norm.eps)
        kernel = self.conv.weight * scale[:, None, None, None]
        if self.shortcut:
            kernel = kernel.clone()
            kernel[:, :, 1, 1] += torch.eye(kernel.shape[0])
        out = nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, self.conv.stride[0], 1)
        out.weight.data.copy_(kernel)
        assert out.bias is not None
        out.bias.data.copy_(self.norm.bias - mean * scale)
        return out


class ImageTower(nn.Module):
    """Sixteenfold reduced features, a map of what matters in them, and one vector of it all."""

    def __init__(self, widths: Sequence[int], depths: Sequence[int]) -> None:
        super().__init__()
        units = [Unit(3, widths[0], 2)]
        strides = (2, 2, 2, 1)
        for index, (width, depth) in enumerate(zip(widths[1:], depths, strict=True)):
            units.append(Unit(widths[index], width, strides[index]))
            units.extend(Unit(width, width) for _ in range(depth))
        self.trunk = nn.Sequential(*units)
        self.width = widths[-1]
        self.attention = nn.Conv2d(self.width, 1, 1)
        self.project = nn.Linear(self.width, DIM)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return raw vectors, pooled features and attention logits of images in 0..255."""
        return self.read(self.trunk((images - MIDDLE) / SPREAD))

    def read(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return raw vectors, pooled features and attention logits of a map of features."""
        logits = self.attention(features)
        weight = torch.sigmoid(logits) + 1e-3
        pooled = (features * weight).sum((2, 3)) / weight.sum((2, 3))
        return self.project(pooled), pooled, logits[:, 0]


class TextTower(nn.Module):
    """A bag of hashed words, pairs and character n-grams through a small network."""

    def __init__(self, width: int = 96, hidden: int = 320) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, width, mode="sum", padding_idx=PADDING)
        nn.init.normal_(self.table.weight, std=0.1)
        self.table.weight.data[PADDING] = 0
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, DIM)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return raw vectors of padded token numbers [texts, tokens]."""
        count = (ids != PADDING).sum(1, keepdim=True).clamp(min=1)
        bag = self.table(ids) / torch.sqrt(count.float())
        return self.outer(functional.gelu(self.inner(bag), approximate="tanh"))


def join_image(
    raw: torch.Tensor, blocks: Sequence[Block] = BLOCKS, anchors: Anchors | None = None
) -> torch.Tensor:
    """Make unit vectors of raw picture vectors: every block a unit, times its weight.

    A block with anchors is drawn towards the classes it may be, each as much as it is likely: products of a
    class come closer to each other than noise in their photos would let them.
    """
    parts: list[torch.Tensor] = []
    for b in blocks:
        part = functional.normalize(raw[..., b.start : b.stop], dim=-1)
        if anchors and b.name in anchors:
            prototypes = functional.normalize(anchors[b.name], dim=1)
            likely = torch.softmax(part @ prototypes.T * LIKELY, -1)
            part = functional.normalize(part + b.pull * (likely @ prototypes), dim=-1)
        parts.append(part * b.weight)
    return functional.normalize(torch.cat(parts, -1), dim=-1)


def join_text(raw: torch.Tensor, blocks: Sequence[Block] = BLOCKS) -> torch.Tensor:
    """Make unit vectors of raw text vectors: a block that the words leave open stays quiet."""
    parts: list[torch.Tensor] = []
    for b in blocks:
        part = raw[..., b.start : b.stop]
        loudness = torch.rsqrt(1 + part.square().sum(-1, keepdim=True))
        parts.append(part * loudness * b.weight)
    return functional.normalize(torch.cat(parts, -1), dim=-1)


def settle(tower: ImageTower) -> None:
    """Keep the normalisation as it is while the tower trains: it is already part of the kernels."""
    for module in tower.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()

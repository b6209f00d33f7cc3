"""The image tower while it trains: a fashion branch on a frozen trunk."""

from __future__ import annotations

import copy

import torch
from torch import nn

from lookalike.training.towers import FASHION_DIM
from research.builtin_encoder.lite2 import MEAN, STAGES, STD, ConvUnit, Lite2, blocks_before

BUCKETS = 65_536
FASHION_HEAD = 512
# The last stage and the wide head of ImageNet are left out: fashion does not need a thousand classes.
FASHION_STAGES = 6


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

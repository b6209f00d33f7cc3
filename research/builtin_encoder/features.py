"""What the networks see in whole photos, as they are served: no crops, no changes."""

from __future__ import annotations

import torch
from torch.nn import functional

from research.builtin_encoder.corpus import Corpus
from research.builtin_encoder.lite2 import Lite2
from research.builtin_encoder.towers import FashionBranch, Trunk

_BATCH = 512


def resized(pixels: torch.Tensor, side: int) -> torch.Tensor:
    """Return squares at the side that the network is served."""
    images = pixels.float()
    if images.shape[-1] == side:
        return images
    return functional.interpolate(
        images, size=(side, side), mode="bicubic", antialias=True, align_corners=False
    ).clamp(0, 255)


@torch.no_grad()
def imagenet_features(network: Lite2, corpus: Corpus, rows: torch.Tensor, side: int) -> torch.Tensor:
    """Return the pooled features of the untouched network."""
    network = network.to(corpus.device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    found: list[torch.Tensor] = []
    for part in rows.split(_BATCH):
        images = resized(corpus.squares(part, masked=False)[0], side)
        found.append(network(images.contiguous(memory_format=torch.channels_last)).mean((2, 3)))
    return torch.cat(found)


@torch.no_grad()
def fashion_features(
    trunk: Trunk, branch: FashionBranch, corpus: Corpus, rows: torch.Tensor, side: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the raw fashion vectors and the logits of the gate."""
    branch.eval()
    raw: list[torch.Tensor] = []
    gates: list[torch.Tensor] = []
    for part in rows.split(_BATCH):
        images = resized(corpus.squares(part, masked=False)[0], side)
        shared = trunk(images.contiguous(memory_format=torch.channels_last))
        pooled, _ = branch.pooled(branch.map(shared))
        raw.append(branch.project(pooled))
        gates.append(branch.gate(pooled)[:, 0])
    return torch.cat(raw), torch.cat(gates)

"""Loss functions."""

from __future__ import annotations

import torch
from torch.nn import functional


def cosine(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return the cosine of every row with every row."""
    return functional.normalize(left, dim=1) @ functional.normalize(right, dim=1).T


def any_of(logits: torch.Tensor, allowed: torch.Tensor, smoothing: float = 0.05) -> torch.Tensor:
    """Return the loss of rows with a set of allowed classes each; rows without any are ignored."""
    known = allowed.any(1).float()
    said = functional.log_softmax(logits, 1)
    right = torch.logsumexp(said.masked_fill(~allowed, -1e4), 1)
    each = -((1 - smoothing) * right + smoothing * said.mean(1))
    return (each * known).sum() / known.sum().clamp(min=1)


def attract(
    queries: torch.Tensor,
    others: torch.Tensor,
    same: torch.Tensor,
    scale: float | torch.Tensor,
    ignored: torch.Tensor | None = None,
    *,
    each: bool = False,
) -> torch.Tensor:
    """Pull queries to their positives, all of them or any one, and push them from the others."""
    logits = queries @ others.T * scale
    if ignored is not None:
        logits = logits.masked_fill(ignored, -1e4)
        same = same & ~ignored
    known = (same.any(1) & ~same.all(1)).float()
    said = functional.log_softmax(logits, 1)
    if each:
        loss = -said.masked_fill(~same, 0).sum(1) / same.sum(1).clamp(min=1)
    else:
        loss = -torch.logsumexp(said.masked_fill(~same, -1e4), 1)
    return (loss * known).sum() / known.sum().clamp(min=1)

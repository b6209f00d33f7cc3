"""What shoppers' cameras do to a product, done to whole batches of tensors at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass(frozen=True)
class Strength:
    """How far one kind of picture is bent."""

    scenery: float
    turn: float
    light: float
    tint: float
    soften: float
    hide: float


STUDIO = Strength(scenery=0.5, turn=0.14, light=0.3, tint=0.05, soften=0.25, hide=0.2)
# Bent this little, the photos of a shop keep their colours and their fine differences.
MILD = Strength(scenery=0.3, turn=0.1, light=0.18, tint=0.02, soften=0.15, hide=0.12)
HOME = Strength(scenery=0.0, turn=0.26, light=0.35, tint=0.07, soften=0.25, hide=0.3)


def uniform(count: int, low: float, high: float) -> torch.Tensor:
    """Return random numbers between two bounds."""
    return torch.rand(count) * (high - low) + low


def chance(count: int, probability: float) -> torch.Tensor:
    """Return random yes or no as 1.0 or 0.0."""
    return (torch.rand(count) < probability).float()


def shoot(
    pixels: torch.Tensor, boxes: torch.Tensor, scenery: torch.Tensor, size: int, how: Strength
) -> tuple[torch.Tensor, torch.Tensor]:
    """Photograph the crops anew: return images in 0..255 and masks of what is product."""
    count = len(pixels)
    staged = chance(count, how.scenery)
    alpha = pixels[:, 3:].float() / 255
    # A mask that kept next to nothing is a white product on white: take the whole picture.
    lost = (alpha.mean((1, 2, 3)) < 0.06).float()[:, None, None, None]
    alpha = alpha + lost * (1 - alpha)
    layers = torch.cat([pixels[:, :3].float() * alpha, alpha], 1)
    zoom = 1 + staged * uniform(count, -0.25, 0.4)
    layers = functional.grid_sample(
        layers, _grid(boxes, zoom, how.turn, size), padding_mode="zeros", align_corners=False
    )
    product, mask = layers[:, :3], layers[:, 3:].clamp(0, 1)
    chosen = scenery[torch.randint(len(scenery), (count,))]
    backdrop = _sight(chosen, size)
    plain = torch.full_like(backdrop, 255.0) if how.scenery else backdrop
    backdrop = torch.where(staged[:, None, None, None] > 0, backdrop, plain)
    images = product + (1 - mask) * backdrop
    images, mask = _hide(images, mask, backdrop.flip(0), how.hide)
    mild = (0.35 + 0.65 * staged) if how.scenery else torch.ones(count)
    images = _light(images, how, mild)
    images = _soften(images, how.soften)
    return images.clamp(0, 255), mask[:, 0]


def _grid(boxes: torch.Tensor, zoom: torch.Tensor, turn: float, size: int) -> torch.Tensor:
    count = len(boxes)
    left, top, right, bottom = (boxes * 2 - 1).unbind(1)
    across, down = (right - left) / 2 * zoom, (bottom - top) / 2 * zoom
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    angle = torch.randn(count).clamp(-2, 2) * turn * 0.7
    mirror = 1 - 2 * chance(count, 0.5)
    lean = uniform(count, -turn, turn) * 0.5
    cos, sin = torch.cos(angle), torch.sin(angle)
    first = torch.stack([across * cos * mirror, across * (lean - sin), middle_x], 1)
    second = torch.stack([down * sin * mirror, down * cos, middle_y], 1)
    return functional.affine_grid(
        torch.stack([first, second], 1), [count, 4, size, size], align_corners=False
    )


def _sight(pixels: torch.Tensor, size: int) -> torch.Tensor:
    count = len(pixels)
    scale = uniform(count, 0.3, 1.0)
    room = 1 - scale
    x, y = room * uniform(count, -1, 1), room * uniform(count, -1, 1)
    zero = torch.zeros(count)
    theta = torch.stack([torch.stack([scale, zero, x], 1), torch.stack([zero, scale, y], 1)], 1)
    grid = functional.affine_grid(theta, [count, 3, size, size], align_corners=False)
    sight = functional.grid_sample(pixels[:, :3].float(), grid, padding_mode="border", align_corners=False)
    # Walls and table tops are as common behind a product as cluttered rooms.
    flat = sight.mean((2, 3), keepdim=True) + torch.randn(count, 3, 1, 1) * 25
    return torch.where(chance(count, 0.3)[:, None, None, None] > 0, flat + 0.15 * (sight - flat), sight)


def _hide(
    images: torch.Tensor, mask: torch.Tensor, cover: torch.Tensor, probability: float
) -> tuple[torch.Tensor, torch.Tensor]:
    count, _, size, _ = images.shape
    side_x, side_y = uniform(count, 0.12, 0.45), uniform(count, 0.12, 0.45)
    left, top = uniform(count, -0.1, 1) * size, uniform(count, -0.1, 1) * size
    steps = torch.arange(size, dtype=torch.float32)
    in_x = (steps >= left[:, None]) & (steps < (left + side_x * size)[:, None])
    in_y = (steps >= top[:, None]) & (steps < (top + side_y * size)[:, None])
    hidden = (in_y[:, :, None] & in_x[:, None, :]).float() * chance(count, probability)[:, None, None]
    hidden = hidden[:, None]
    return images + hidden * (cover - images), mask * (1 - hidden)


def _light(images: torch.Tensor, how: Strength, mild: torch.Tensor) -> torch.Tensor:
    count, _, size, _ = images.shape
    gain = torch.exp(uniform(count, -how.light, how.light * 0.8) * mild)
    tint = torch.randn(count, 3) * how.tint * mild[:, None]
    gains = (gain[:, None] * torch.exp(tint - tint.mean(1, keepdim=True)))[:, :, None, None]
    slope = uniform(count, -0.35, 0.35) * chance(count, 0.4) * mild
    angle = uniform(count, 0, 2 * math.pi)
    ramp = torch.linspace(-1, 1, size)
    across = (slope * torch.cos(angle))[:, None, None] * ramp[None, None, :]
    down = (slope * torch.sin(angle))[:, None, None] * ramp[None, :, None]
    images = images * gains * (1 + across + down)[:, None]
    contrast = torch.exp(uniform(count, -0.25, 0.2) * mild)[:, None, None, None]
    grey = images.mean((1, 2, 3), keepdim=True)
    saturation = torch.exp(uniform(count, -0.2, 0.15) * mild)[:, None, None, None]
    own = images.mean(1, keepdim=True)
    images = own + (images - own) * saturation
    return (grey + (images - grey) * contrast).clamp(0, 255)


def _soften(images: torch.Tensor, probability: float) -> torch.Tensor:
    count, _, size, _ = images.shape
    chosen = torch.nonzero(torch.rand(count) < probability)[:, 0]
    if len(chosen):
        small = int(size * float(uniform(1, 0.35, 0.8)))
        part = functional.interpolate(images[chosen], size=(small, small), mode="bilinear", antialias=True)
        images[chosen] = functional.interpolate(part, size=(size, size), mode="bilinear")
    grainy = chance(count, 0.3)[:, None, None, None] * 5
    return images + torch.randn_like(images) * grainy

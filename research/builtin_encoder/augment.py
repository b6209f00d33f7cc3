"""What shoppers' cameras do to a product, done to whole batches of tensors at once, on any device."""

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
    crop: float
    light: float
    tint: float
    soften: float
    hide: float


SHOP = Strength(scenery=0.4, turn=0.12, crop=0.35, light=0.22, tint=0.03, soften=0.2, hide=0.15)
HOME = Strength(scenery=0.0, turn=0.26, crop=0.5, light=0.35, tint=0.06, soften=0.25, hide=0.25)
SMALL = Strength(scenery=0.25, turn=0.08, crop=0.25, light=0.15, tint=0.02, soften=0.0, hide=0.1)


def uniform(count: int, low: float, high: float, device: torch.device) -> torch.Tensor:
    """Return random numbers between two bounds."""
    return torch.rand(count, device=device) * (high - low) + low


def chance(count: int, probability: float, device: torch.device) -> torch.Tensor:
    """Return random yes or no as 1.0 or 0.0."""
    return (torch.rand(count, device=device) < probability).float()


def shoot(
    pixels: torch.Tensor, masks: torch.Tensor | None, scenery: torch.Tensor, size: int, how: Strength
) -> tuple[torch.Tensor, torch.Tensor]:
    """Photograph squares [n, 3, side, side] anew: return images in 0..255 and masks of what is product."""
    count, device = len(pixels), pixels.device
    staged = chance(count, how.scenery, device)
    if masks is None:
        alpha = torch.ones_like(pixels[:, :1], dtype=torch.float32)
        staged = torch.zeros_like(staged)
    else:
        alpha = masks[:, None].float() / 255
        # A mask that kept next to nothing is a white product on white: take the whole picture.
        lost = (alpha.mean((1, 2, 3)) < 0.06).float()[:, None, None, None]
        alpha = alpha + lost * (1 - alpha)
    layers = torch.cat([pixels.float() * alpha, alpha], 1)
    layers = functional.grid_sample(
        layers, _grid(count, staged, how, size, device), padding_mode="zeros", align_corners=False
    )
    product, mask = layers[:, :3], layers[:, 3:].clamp(0, 1)
    backdrop = _sight(scenery[torch.randint(len(scenery), (count,), device=device)], size)
    plain = torch.full_like(backdrop, 255.0) if masks is not None else backdrop
    backdrop = torch.where(staged[:, None, None, None] > 0, backdrop, plain)
    images = product + (1 - mask) * backdrop
    images, mask = _hide(images, mask, backdrop.flip(0), how.hide)
    mild = (0.35 + 0.65 * staged) if masks is not None else torch.ones(count, device=device)
    images = _light(images, how, mild)
    images = _soften(images, how.soften)
    return images.clamp(0, 255), mask[:, 0]


def _grid(count: int, staged: torch.Tensor, how: Strength, size: int, device: torch.device) -> torch.Tensor:
    # Half of the pictures are cut, the others moved a little; staged products also stand further away.
    cut = chance(count, 0.5, device)
    area = 1 - cut * uniform(count, 0.0, how.crop, device)
    zoom = torch.sqrt(area) * (1 + staged * uniform(count, -0.2, 0.4, device))
    stretch = torch.exp(uniform(count, -0.18, 0.18, device))
    across, down = zoom * stretch, zoom / stretch
    room = (1 - torch.sqrt(area)) + 0.04
    middle_x, middle_y = room * uniform(count, -1, 1, device), room * uniform(count, -1, 1, device)
    angle = torch.randn(count, device=device).clamp(-2, 2) * how.turn * 0.7
    mirror = 1 - 2 * chance(count, 0.5, device)
    lean = uniform(count, -how.turn, how.turn, device) * 0.5
    cos, sin = torch.cos(angle), torch.sin(angle)
    first = torch.stack([across * cos * mirror, across * (lean - sin), middle_x], 1)
    second = torch.stack([down * sin * mirror, down * cos, middle_y], 1)
    theta = torch.stack([first, second], 1)
    return functional.affine_grid(theta, [count, 4, size, size], align_corners=False)


def _sight(pixels: torch.Tensor, size: int) -> torch.Tensor:
    count, device = len(pixels), pixels.device
    scale = uniform(count, 0.3, 1.0, device)
    room = 1 - scale
    x, y = room * uniform(count, -1, 1, device), room * uniform(count, -1, 1, device)
    zero = torch.zeros(count, device=device)
    theta = torch.stack([torch.stack([scale, zero, x], 1), torch.stack([zero, scale, y], 1)], 1)
    grid = functional.affine_grid(theta, [count, 3, size, size], align_corners=False)
    sight = functional.grid_sample(pixels.float(), grid, padding_mode="border", align_corners=False)
    # Walls and table tops are as common behind a product as cluttered rooms.
    flat = sight.mean((2, 3), keepdim=True) + torch.randn(count, 3, 1, 1, device=device) * 25
    plain = chance(count, 0.3, device)[:, None, None, None] > 0
    return torch.where(plain, flat + 0.15 * (sight - flat), sight)


def _hide(
    images: torch.Tensor, mask: torch.Tensor, cover: torch.Tensor, probability: float
) -> tuple[torch.Tensor, torch.Tensor]:
    count, _, size, _ = images.shape
    device = images.device
    side_x, side_y = uniform(count, 0.12, 0.45, device), uniform(count, 0.12, 0.45, device)
    left, top = uniform(count, -0.1, 1, device) * size, uniform(count, -0.1, 1, device) * size
    steps = torch.arange(size, dtype=torch.float32, device=device)
    in_x = (steps >= left[:, None]) & (steps < (left + side_x * size)[:, None])
    in_y = (steps >= top[:, None]) & (steps < (top + side_y * size)[:, None])
    covered = (in_y[:, :, None] & in_x[:, None, :]).float()
    hidden = (covered * chance(count, probability, device)[:, None, None])[:, None]
    return images + hidden * (cover - images), mask * (1 - hidden)


def _light(images: torch.Tensor, how: Strength, mild: torch.Tensor) -> torch.Tensor:
    count, _, size, _ = images.shape
    device = images.device
    gain = torch.exp(uniform(count, -how.light, how.light * 0.8, device) * mild)
    tint = torch.randn(count, 3, device=device) * how.tint * mild[:, None]
    gains = (gain[:, None] * torch.exp(tint - tint.mean(1, keepdim=True)))[:, :, None, None]
    slope = uniform(count, -0.35, 0.35, device) * chance(count, 0.4, device) * mild
    angle = uniform(count, 0, 2 * math.pi, device)
    ramp = torch.linspace(-1, 1, size, device=device)
    across = (slope * torch.cos(angle))[:, None, None] * ramp[None, None, :]
    down = (slope * torch.sin(angle))[:, None, None] * ramp[None, :, None]
    images = images * gains * (1 + across + down)[:, None]
    contrast = torch.exp(uniform(count, -0.25, 0.2, device) * mild)[:, None, None, None]
    grey = images.mean((1, 2, 3), keepdim=True)
    saturation = torch.exp(uniform(count, -0.2, 0.15, device) * mild)[:, None, None, None]
    own = images.mean(1, keepdim=True)
    images = own + (images - own) * saturation
    return (grey + (images - grey) * contrast).clamp(0, 255)


def _soften(images: torch.Tensor, probability: float) -> torch.Tensor:
    count, _, size, _ = images.shape
    device = images.device
    # What a photo of 60 x 80 pixels looks like at this size, and everything between it and a sharp one.
    small = int(size * float(uniform(1, 0.3, 0.8, device)))
    part = functional.interpolate(images, size=(small, small), mode="bilinear", antialias=True)
    soft = functional.interpolate(part, size=(size, size), mode="bilinear")
    images = torch.where(chance(count, probability, device)[:, None, None, None] > 0, soft, images)
    grainy = chance(count, 0.3, device)[:, None, None, None] * 5
    return images + torch.randn_like(images) * grainy

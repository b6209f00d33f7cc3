"""The input of every shape, and parts that many garments share."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from lookalike_sample_shop.colours import RGB, deeper, luminance, mixed, paler
from lookalike_sample_shop.drawing import Item, Piece, Seam
from lookalike_sample_shop.fabrics import Fabric
from lookalike_sample_shop.outlines import MIDDLE, Points, ellipse, mirrored
from lookalike_sample_shop.relief import Body, Fold

FLAT = Body(rim=2, rim_height=0.5, swell=8, swell_height=0.1, unrest=0, occlusion=0.06)
STRAP = Body(rim=3, rim_height=0.9, swell=5, swell_height=0.4, unrest=0, occlusion=0.14)
BEAD = Body(rim=1.6, rim_height=1.1, swell=3, swell_height=0.8, unrest=0, occlusion=0.2)


@dataclass(frozen=True, slots=True)
class Order:
    """The main cloth, a second one, the metal of the hardware, the wearer, and the random generator."""

    main: Fabric
    trim: Fabric
    hardware: RGB = (196, 198, 204)
    woman: bool = False
    seed: int = 0

    def dice(self, purpose: str) -> Random:
        """A random generator that is the same for every color of a design."""
        return Random(f"{self.seed} {purpose}")


def both(piece: Points) -> tuple[Points, Points]:
    """An outline and its mirror image."""
    return piece, mirrored(piece)


def buttons(places: list[tuple[float, float]], colour: RGB, size: float = 3.6) -> Item:
    """Sewn buttons with their holes."""
    item: Item = []
    for x, y in places:
        item.append(
            Piece(
                ellipse(x, y, size, size), Fabric((colour,), texture="smooth", gloss=0.3), body=BEAD, lift=0.4
            )
        )
        hole = size * 0.32
        dots = tuple(ellipse(x + dx * hole, y + dy * hole, 0.35, 0.35) for dx in (-1, 1) for dy in (-1, 1))
        item.append(Seam(dots, width=0.9, strength=0.5))
    return item


def button_colour(cloth: RGB) -> RGB:
    """Buttons that go with the cloth: pale on pale, tonal on dark."""
    return (
        mixed(cloth, (250, 246, 238), 0.75) if luminance(cloth) > 120 else mixed(cloth, (180, 176, 170), 0.3)
    )


def stitching(cloth: RGB) -> RGB:
    """Thread that shows a little."""
    return deeper(cloth, 0.3) if luminance(cloth) > 90 else paler(cloth, 0.25)


def hanging(
    dice: Random, left: float, right: float, top: float, bottom: float, count: int, depth: float
) -> list[Fold]:
    """Folds that fall from above and deepen towards the hem."""
    folds: list[Fold] = []
    for index in range(count):
        x = left + (right - left) * (index + 0.5 + dice.uniform(-0.3, 0.3)) / count
        fan = (x - MIDDLE) * 0.12
        start = (x - fan, top + dice.uniform(0, (bottom - top) * 0.45))
        end = (x + fan, bottom + (bottom - top) * 0.35)
        sign = -1 if index % 2 else 1
        folds.append(
            Fold(start, end, dice.uniform(5, 9), sign * depth * dice.uniform(0.6, 1.1), dice.uniform(-5, 5))
        )
    return folds


def pulled(dice: Random, x: float, y: float, count: int, length: float, depth: float) -> list[Fold]:
    """Creases that run from an armpit or a knee towards the middle, on both sides."""
    folds: list[Fold] = []
    for index in range(count):
        dx = length * dice.uniform(0.6, 1.0)
        dy = length * (0.15 + 0.35 * index) * dice.uniform(0.8, 1.2)
        for side in (-1, 1):
            start = (MIDDLE + side * (x - MIDDLE), y + index * 9)
            end = (start[0] - side * dx, start[1] + dy)
            folds.append(
                Fold(
                    start,
                    end,
                    dice.uniform(3.5, 6),
                    -depth * dice.uniform(0.6, 1.1),
                    side * dice.uniform(2, 9),
                )
            )
    return folds

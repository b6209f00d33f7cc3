"""The colors that the sample shop knows by name."""

from __future__ import annotations

from typing import TypeAlias

RGB: TypeAlias = "tuple[int, int, int]"

COLOURS: dict[str, RGB] = {
    "Black": (36, 36, 40),
    "Charcoal": (72, 74, 80),
    "Grey": (148, 150, 155),
    "White": (240, 240, 238),
    "Cream": (240, 229, 205),
    "Beige": (214, 192, 160),
    "Tan": (190, 140, 90),
    "Brown": (108, 70, 46),
    "Red": (196, 36, 44),
    "Maroon": (116, 28, 44),
    "Orange": (226, 112, 42),
    "Yellow": (240, 200, 66),
    "Mustard": (204, 152, 46),
    "Olive": (106, 108, 66),
    "Green": (44, 126, 76),
    "Teal": (32, 122, 128),
    "Light Blue": (156, 192, 226),
    "Blue": (44, 92, 176),
    "Navy Blue": (34, 46, 84),
    "Purple": (110, 66, 144),
    "Lavender": (190, 174, 220),
    "Pink": (234, 148, 170),
    "Silver": (196, 200, 206),
    "Gold": (212, 174, 96),
}


def mixed(one: RGB, other: RGB, share: float) -> RGB:
    """A color between two, `share` of the way to the other."""
    r, g, b = (round(a + (z - a) * share) for a, z in zip(one, other, strict=True))
    return r, g, b


def paler(colour: RGB, share: float = 0.35) -> RGB:
    """The color on its way to white."""
    return mixed(colour, (255, 255, 255), share)


def deeper(colour: RGB, share: float = 0.35) -> RGB:
    """The color on its way to black."""
    return mixed(colour, (8, 8, 14), share)


def luminance(colour: RGB) -> float:
    """How bright the color looks, 0 to 255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]

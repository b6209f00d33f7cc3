"""The building blocks of articles: cuts, cloths and lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from lookalike_sample_shop.drawing import Item
from lookalike_sample_shop.shapes.cut import Order

Shape: TypeAlias = "Callable[[Order], Item]"


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to make a kind of article, in words and as a shape."""

    words: str
    shape: Shape
    gender: str = ""
    printed: bool = False
    cloths: tuple[Cloth, ...] = ()


@dataclass(frozen=True, slots=True)
class Cloth:
    """A material in a pattern; with `on_pale` the named color is printed on a pale ground."""

    material: str
    texture: str
    pattern: str = "solid"
    gloss: float = 0.0
    scale: float = 1.0
    on_pale: bool = False
    palette: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of goods: how many designs of it there are, in what cuts, cloths and colors, at what price."""

    category: str
    kind: str
    noun: str
    designs: int
    cuts: tuple[Cut, ...]
    cloths: tuple[Cloth, ...]
    palette: tuple[str, ...]
    prices: tuple[float, float]
    seasons: tuple[str, ...]
    genders: tuple[str, ...] = ("Men", "Women")
    colourways: tuple[int, ...] = (2, 1, 3, 1, 2)
    trim: str = "same"
    sizes: str = "letters"
    standing: bool = False

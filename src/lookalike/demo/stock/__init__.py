"""What the sample shop stocks, as data: one file for each department."""

from __future__ import annotations

from lookalike.demo.assortment import Line
from lookalike.demo.stock.accessories import ACCESSORIES
from lookalike.demo.stock.bags import BAGS
from lookalike.demo.stock.bottoms import BOTTOMS
from lookalike.demo.stock.dresses import DRESSES
from lookalike.demo.stock.outerwear import OUTERWEAR
from lookalike.demo.stock.shoes import SHOES
from lookalike.demo.stock.tops import TOPS

LINES: tuple[Line, ...] = (*TOPS, *OUTERWEAR, *DRESSES, *BOTTOMS, *SHOES, *BAGS, *ACCESSORIES)

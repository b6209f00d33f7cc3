"""What the sample shop stocks, as data: one file for each department."""

from __future__ import annotations

from lookalike_sample_shop.goods import Line
from lookalike_sample_shop.stock.accessories import ACCESSORIES
from lookalike_sample_shop.stock.bags import BAGS
from lookalike_sample_shop.stock.bottoms import BOTTOMS
from lookalike_sample_shop.stock.dresses import DRESSES
from lookalike_sample_shop.stock.outerwear import OUTERWEAR
from lookalike_sample_shop.stock.shoes import SHOES
from lookalike_sample_shop.stock.tops import TOPS

LINES: tuple[Line, ...] = (*TOPS, *OUTERWEAR, *DRESSES, *BOTTOMS, *SHOES, *BAGS, *ACCESSORIES)

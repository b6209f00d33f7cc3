"""Recognizes the field of a column by its cells alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lookalike.feeds.values import is_photo_name, price_of, text_of

MOST = 0.9
FEWEST = 3
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")
_SIGN = re.compile(r"[€$£¥₹]|\b(?:EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK)\b", re.IGNORECASE)
_URL = re.compile(r"https?://\S+", re.IGNORECASE)


def field_by_content(cells: Sequence[object]) -> str:
    """The field whose values look like these cells; empty if that is uncertain."""
    texts = [text for cell in cells if isinstance(cell, str | int | float) and (text := text_of(cell))]
    if len(texts) < FEWEST or len(texts) < MOST * len(cells):
        return ""
    if _share(texts, is_photo_name) >= MOST:
        return "photos"
    if _share(texts, lambda text: bool(_SIGN.search(text)) and _is_price(text)) >= MOST:
        return "price"
    if _share(texts, lambda text: bool(_URL.fullmatch(text))) >= MOST:
        return "link" if len(set(texts)) == len(texts) else ""
    mean = sum(map(len, texts)) / len(texts)
    words = sum(len(text.split()) for text in texts) / len(texts)
    distinct = len(set(texts)) / len(texts)
    if distinct == 1 and all(_CODE.fullmatch(text) and any(c.isdigit() for c in text) for text in texts):
        return "id"
    if distinct >= MOST and mean >= 120 and words >= 15:
        return "description"
    if distinct >= MOST and 2 <= words <= 15 and 8 <= mean < 120:
        return "title"
    return ""


def _share(texts: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(1 for text in texts if holds(text)) / len(texts)


def _is_price(text: str) -> bool:
    try:
        return price_of(text)[0] is not None
    except ValueError:
        return False

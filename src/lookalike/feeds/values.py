"""Parses cells: prices, stock, numbers and lists of photos."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import cast

from lookalike.feeds.currencies import CODES
from lookalike.feeds.text import json_of
from lookalike.media.fetch import is_url
from lookalike.types import FacetValue

# Blanks around a value are ignored; a TAB may be part of it.
_BLANKS = " \u00a0"
_EXACT = 10**15
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
_ABSENT = frozenset({"", "-", "--", "n/a", "na", "none", "null", "nan"})
_PRICE = re.compile(
    r"(?P<before>[^\W\d_]{0,4}\.?[^\w\s.,'’+-]?)\s*"
    r"(?P<amount>[0-9](?:[0-9.,'’\s]*[0-9])?)(?:[.,][-–—]{1,2})?[.,]?\s*"
    r"(?P<after>[^\w\s.,'’+-]?[^\W\d_]{0,4}\.?)"
)
_CURRENCIES = {
    "$": "USD",
    "us$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "rs": "INR",
    "₩": "KRW",
    "₽": "RUB",
    "₺": "TRY",
    "₴": "UAH",
    "₪": "ILS",
    "₫": "VND",
    "฿": "THB",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "fr": "CHF",
    "r$": "BRL",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "euro": "EUR",
    # Three countries write kr, so the sign alone names none of them.
    "kr": "",
    "": "",
}
_SOLD_OUT = frozenset(
    {"outofstock", "ausverkauft", "épuisé", "agotado", "soldout", "discontinued", "unavailable"}
)
_NOT_AVAILABLE = frozenset(
    {"0", "no", "false", "nein", "non", "nichtlieferbar", "ausverkauft", "epuise", "épuisé", "agotado"}
)
_ON_SALE = frozenset({"instock", "available", "preorder", "backorder", "limitedavailability", "onlineonly"})
_PHOTO_SEPARATOR = re.compile(r"[|\r\n;,]|^\[")
PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".avif"})
OTHER_PICTURE_SUFFIXES = frozenset({".heic", ".heif", ".tif", ".tiff", ".jp2", ".jxl", ".svg", ".psd"})


def text_of(cell: object) -> str:
    """A cell as text, without leading and trailing blanks."""
    if isinstance(cell, str):
        return cell.strip(_BLANKS)
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    return str(cell)


def number_of(text: str) -> int | float | None:
    """The number in a text that is written as one: `007`, `+1` and `1e5` are not."""
    if not _NUMBER.fullmatch(text) or text == "-0":
        return None
    return float(text) if "." in text else int(text)


def facet_of_text(cell: object) -> FacetValue | None:
    """A facet from a cell of a format that has only text."""
    if not isinstance(cell, str):
        return facet_of_value(cell)
    text = text_of(cell)
    if not text:
        return None
    first = text[0]
    if first.isdigit() or first == "-":
        number = number_of(text)
        return text if number is None else number
    if text.startswith('["'):
        return tuple(listed(text)) or text
    return text


def facet_of_value(cell: object) -> FacetValue | None:
    """A facet from a cell that has a type."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float):
        # A larger number is a code, and two codes may become the same number.
        return cell if -_EXACT < cell < _EXACT else text_of(cell) if isinstance(cell, int) else None
    if isinstance(cell, list | tuple):
        values = cast("list[object] | tuple[object, ...]", cell)
        return tuple(text for one in values if (text := text_of(one))) or None
    return text_of(cell) or None


def decimal_of(cells: Iterable[object]) -> str:
    """The decimal separator that a column of prices uses: "," or ".", or nothing where no cell shows it.

    A separator is the decimal one where it follows another kind, or where other than three digits follow it.
    A separator that stands several times in one price separates thousands.
    """
    votes = {",": 0, ".": 0}
    for cell in cells:
        found = _PRICE.fullmatch(text_of(cell)) if isinstance(cell, str) and len(cell) <= 64 else None
        if found is None:
            continue
        digits = re.sub(r"['’\s]", "", found["amount"])
        signs = [sign for sign in digits if sign in votes]
        if not signs:
            continue
        if len(set(signs)) == 2:
            votes[signs[-1]] += 1
        elif len(signs) > 1:
            votes["." if signs[0] == "," else ","] += 1
        elif len(digits) - digits.rfind(signs[0]) != 4 or digits[0] == "0":
            votes[signs[0]] += 1
    if votes[","] == votes["."]:
        return ""
    return "," if votes[","] > votes["."] else "."


def price_of(cell: object, decimal: str = "") -> tuple[float | None, str]:
    """The amount and the currency of a cell, as far as it has them. Raises ValueError if it is not a price.

    `decimal` is the separator that the column uses. Without it, the last of several kinds of separator is the
    decimal one; a single comma before exactly three digits separates thousands; a single dot is a decimal
    point.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if not 0 <= cell < _EXACT:
            raise ValueError(f"{cell!r:.64} is not a price")
        return float(cell), ""
    if isinstance(cell, dict):
        amount, code = _money(cast("dict[str, object]", cell))
        return price_of(amount, decimal)[0], code
    text = text_of(cell)
    if text.lower() in _ABSENT:
        return None, ""
    found = _PRICE.fullmatch(text) if len(text) <= 64 else None
    if found is None:
        raise ValueError(f"{text[:64]!r} is not a price")
    codes = {_currency(found["before"]), _currency(found["after"])} - {""}
    if len(codes) > 1 or None in codes:
        raise ValueError(f"{text!r} is not a price")
    code = next((code for code in codes if code), "")
    return _amount(found["amount"], decimal), currency_of(code)


def currency_of(cell: object) -> str:
    """The ISO code of a currency. Raises ValueError if it does not exist."""
    code = text_of(cell).upper()
    if code.lower() in _ABSENT:
        return ""
    known = code if code in CODES else _CURRENCIES.get(code.casefold(), "")
    if not known:
        raise ValueError(f"{code[:64]!r} is not a currency of ISO 4217")
    return known


def _money(fields: Mapping[str, object]) -> tuple[object, str]:
    """An amount and its currency, as programs write them: {"amount": "12.50", "currencyCode": "EUR"}."""
    named = {re.sub(r"[\W_]", "", name).casefold(): value for name, value in fields.items()}
    amount = next((named[name] for name in ("amount", "value", "price") if name in named), None)
    code = next((named[name] for name in ("currency", "currencycode") if name in named), "")
    return amount, currency_of(code)


def _currency(sign: str) -> str | None:
    sign = sign.strip(" .").casefold()
    known = _CURRENCIES.get(sign)
    if known is None and len(sign) == 3 and sign.isascii() and sign.isalpha():
        return sign.upper()
    return known


def _amount(digits: str, column: str) -> float:
    digits = re.sub(r"['’\s]", "", digits)
    comma, dot = digits.rfind(","), digits.rfind(".")
    ambiguous = len(digits) - max(comma, dot) == 4 and digits.count(",") + digits.count(".") == 1
    if column and ambiguous and digits[0] != "0":
        decimal = column if column in digits else ""
    elif comma >= 0 and dot >= 0:
        decimal = "," if comma > dot else "."
    elif comma >= 0:
        thousands = digits.count(",") > 1 or (len(digits) - comma == 4 and digits[0] != "0")
        decimal = "" if thousands else ","
    else:
        decimal = "." if digits.count(".") == 1 else ""
    whole, _, part = digits.rpartition(decimal) if decimal else (digits, "", "")
    return float(re.sub(r"[.,]", "", whole) + "." + (part or "0"))


def stock_of(cell: object) -> int | None:
    """The number in stock; None if the cell does not give it. Raises ValueError for an unknown text."""
    text = text_of(cell)
    word = re.sub(r"[\W_]", "", text.lower())
    if text.lower() in _ABSENT or word in _ON_SALE:
        return None
    if word in _SOLD_OUT:
        return 0
    number = number_of(text.rstrip("+"))
    if number is None or number != int(number):
        raise ValueError(f"{text[:64]!r} is not a number of pieces")
    return int(number)


def sold_out(cell: object) -> bool:
    """Whether a word of availability means out of stock."""
    return re.sub(r"[\W_]", "", text_of(cell).lower()) in _SOLD_OUT | _NOT_AVAILABLE


def category_path(text: str) -> tuple[str, ...]:
    """The levels of a path such as "A > B > C": "A", "A > B", "A > B > C"; none for any other text.

    Each step has a letter: "5 > 3" is no path.
    """
    steps = [step.strip() for step in text.split(">")]
    if len(steps) < 2 or len(text) > 500 or not all(re.search(r"[^\W\d_]", step) for step in steps):
        return ()
    return tuple(" > ".join(steps[: depth + 1]) for depth in range(len(steps)))


def is_photo_name(text: str) -> bool:
    """Whether a text is the name or the URL of a picture."""
    return not any(c.isspace() for c in text) and _is_picture_name(text.partition("?")[0])


def listed(text: str) -> list[str]:
    """The texts of a list written as JSON; none for any other text."""
    try:
        values = json_of(text)
    except ValueError:
        return []
    return [text_of(one) for one in cast("list[object]", values)] if isinstance(values, list) else []


def photo_names(cell: object) -> list[str]:
    """The names of one or several photos in a cell of text."""
    text = text_of(cell)
    if text and not _PHOTO_SEPARATOR.search(text):
        return [text]
    if text.startswith("["):
        return [name for name in listed(text) if name] or [text]
    names = [name for part in re.split(r"[|\r\n]+", text) if (name := part.strip())]
    return [name for one in names for name in _apart(one)]


def _apart(text: str) -> list[str]:
    """Split at `;` or `,` only if every part is a photo: both may be part of a name."""
    for separator in (";", ","):
        parts = [name for part in text.split(separator) if (name := part.strip())]
        links = [is_url(part) for part in parts]
        if len(parts) > 1 and (all(links) or (not any(links) and all(map(_is_picture_name, parts)))):
            return parts
    return [text]


def _is_picture_name(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES | OTHER_PICTURE_SUFFIXES

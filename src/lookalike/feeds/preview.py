"""Shows how a feed would be imported, without writing anything."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from lookalike.feeds.base import Feed
from lookalike.feeds.columns import FIELDS, Column
from lookalike.feeds.records_to_products import RecordFeed, Understanding
from lookalike.feeds.values import text_of
from lookalike.types import Product, RowProblem

PRODUCTS = 10
PROBLEMS = 100
EXAMPLES = 3
LONGEST_EXAMPLE = 120


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A mapped column: its field, how it was recognized, some cells, and the share of rows with a cell."""

    column: str
    field: str
    name: str
    reason: str
    examples: tuple[str, ...]
    filled: float


@dataclass(slots=True)
class Preview:
    """The mapped columns, the first products, and what is ignored or invalid."""

    rows: int = 0
    failed: int = 0
    currency: str = ""
    decimal: str = ""
    columns: list[PreviewColumn] = field(default_factory=list[PreviewColumn])
    products: list[Product] = field(default_factory=list[Product])
    ignored: list[tuple[str, str]] = field(default_factory=list["tuple[str, str]"])
    warnings: list[str] = field(default_factory=list[str])
    problems: list[RowProblem] = field(default_factory=list[RowProblem])


def preview(feed: Feed) -> Preview:
    """Read a feed once and report how it would be imported."""
    shown = Preview()
    if isinstance(feed, RecordFeed):
        understood = feed.understanding()
        shown.columns = [
            _column(column, understood, feed.recalled) for column in understood.columns.understood
        ]
        shown.decimal = next((sign for sign in understood.decimals.values() if sign), "")
    currencies: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for row in feed:
        shown.rows += 1
        if row.problem and len(shown.problems) < PROBLEMS:
            id = row.product.id if row.product else row.raw_id
            shown.problems.append(RowProblem(feed.name, row.line, id, row.problem))
        if row.product is None:
            shown.failed += 1
            continue
        _count(row.product, currencies, counts)
        if len(shown.products) < PRODUCTS:
            shown.products.append(row.product)
    shown.currency = currencies.most_common(1)[0][0] if currencies else ""
    shown.ignored = _ignored(shown.columns)
    shown.warnings = _warnings(shown, currencies, counts)
    return shown


def _column(column: Column, understood: Understanding, recalled: frozenset[str]) -> PreviewColumn:
    cells = [text_of(row[column.at]) for row in understood.sample if column.at < len(row)]
    filled = [cell for cell in cells if cell]
    examples = tuple(cell[:LONGEST_EXAMPLE] for cell in list(dict.fromkeys(filled))[:EXAMPLES])
    share = round(len(filled) / len(cells), 3) if cells else 0.0
    reason = "remembered" if column.column in recalled else column.reason
    return PreviewColumn(column.column, column.field, column.name, reason, examples, share)


def _count(product: Product, currencies: Counter[str], counts: Counter[str]) -> None:
    counts["products"] += 1
    counts["without a title"] += not product.title
    counts["without a photo"] += not product.photos
    counts["without a price"] += product.price is None
    if product.price is not None and product.currency:
        currencies[product.currency] += 1


def _ignored(columns: list[PreviewColumn]) -> list[tuple[str, str]]:
    reasons = ((column, _reason(column)) for column in columns)
    return [(column.column, reason) for column, reason in reasons if reason]


def _reason(column: PreviewColumn) -> str:
    if column.field == "ignore":
        return "The mapping leaves it out."
    return "Every cell is empty." if column.filled == 0 else ""


def _warnings(shown: Preview, currencies: Counter[str], counts: Counter[str]) -> list[str]:
    said: list[str] = []
    total = counts["products"]
    if not total:
        return ["No row of this feed can be imported."]
    fields = {column.field for column in shown.columns}
    if shown.columns and "id" not in fields:
        said.append("No column holds product ids. Each product is named after its photo. Map one to 'id'.")
    for what, name in (("title", "titles"), ("photo", "photos"), ("price", "prices")):
        missing = counts[f"without a {what}"]
        if missing == total:
            target = "photos" if what == "photo" else what
            said.append(f"No product has a {what}. If the feed has {name}, map their column to '{target}'.")
        elif missing > total / 2:
            said.append(f"{missing} of {total} products have no {what}.")
    if len(currencies) > 1:
        listed = ", ".join(f"{code} ({count})" for code, count in currencies.most_common())
        said.append(f"Prices are in several currencies: {listed}. They are not converted.")
    return said


def fields() -> list[tuple[str, str, bool]]:
    """The fields that a column can be mapped to: name, title, and whether it is required."""
    return [(name, title, name == "id") for name, title in FIELDS.items()]

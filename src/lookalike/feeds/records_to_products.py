"""Turns records into products, for all readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeVar, cast

from lookalike.errors import BadImage, NotFound
from lookalike.feeds.base import Cell, Record
from lookalike.feeds.columns import Columns, assign, require_id
from lookalike.feeds.html_text import plain_text
from lookalike.feeds.photo_folder import PhotoFinder, PhotosOfDownload
from lookalike.feeds.text import json_of
from lookalike.feeds.values import (
    category_path,
    currency_of,
    decimal_of,
    facet_of_value,
    photo_names,
    price_of,
    sold_out,
    stock_of,
    text_of,
)
from lookalike.types import FacetValue, FeedRow, Photo, Product

MAX_ID = 200
PACKED = frozenset({"facets", "attributes"})
SAMPLED = 1_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Understanding:
    """How the columns of a feed are read: which field each fills, and the decimal separator of each price."""

    columns: Columns
    decimals: Mapping[int, str]
    sample: Sequence[Sequence[Cell]] = ()

    @classmethod
    def of(
        cls, names: Sequence[str], mapping: Mapping[str, str], sample: Sequence[Sequence[Cell]]
    ) -> Understanding:
        """Read the columns by their names and by some rows."""
        columns = assign(names, mapping, sample)
        prices = {columns.price, columns.sale_price, columns.former_price} - {-1}
        decimals = {at: decimal_of(row[at] for row in sample) for at in prices}
        # If one price column shows its separator, the others use the same.
        shown = set(decimals.values()) - {""}
        if len(shown) == 1:
            decimals = dict.fromkeys(prices, shown.pop())
        return cls(columns, decimals, sample)


class RecordFeed:
    """A feed whose rows are records with named cells."""

    def __init__(
        self,
        name: str,
        records: Callable[[], Iterator[Record]],
        mapping: Mapping[str, str],
        photos: PhotoFinder,
        facet: Callable[[Cell], FacetValue | None] = facet_of_value,
    ) -> None:
        self.name = name
        self._records = records
        self._mapping = mapping
        self._finder = photos
        self._facet = facet
        self.recalled: frozenset[str] = frozenset()
        """The columns that are mapped as in an earlier import."""

    @property
    def mapping(self) -> Mapping[str, str]:
        """The fields that columns are mapped to, by the caller or by an earlier import."""
        return self._mapping

    def columns(self) -> tuple[str, ...]:
        """The names of the columns of the first row."""
        return next((record.names for record in self._records() if not record.problem), ())

    def came_from(self, url: str) -> None:
        """Look for photos that the feed does not contain relative to the URL it was downloaded from."""
        self._finder = PhotosOfDownload(self._finder, url)

    def recall(self, known: Mapping[str, str]) -> None:
        """Map columns as in an earlier import, except those that the caller maps."""
        given = {column.strip().casefold() for column in self._mapping}
        added = {column: field for column, field in known.items() if column.strip().casefold() not in given}
        self._mapping = {**self._mapping, **added}
        self.recalled = frozenset(added)

    def understanding(self, names: tuple[str, ...] = ()) -> Understanding:
        """How these columns are read, or those of the first row.

        Raises BadFeed if no column holds ids or photos.
        """
        first = list(islice(self._records(), SAMPLED))
        names = names or next((record.names for record in first if not record.problem), ())
        understood = self._understood(names, first)
        require_id(names, understood.columns)
        return understood

    def _understood(self, names: tuple[str, ...], records: Sequence[Record]) -> Understanding:
        same = [record.cells for record in records if record.names == names and not record.problem]
        return Understanding.of(names, self._mapping, same)

    def __iter__(self) -> Iterator[FeedRow]:
        return (row for row, _, _ in self.rows())

    def rows(self) -> Iterator[tuple[FeedRow, Record, Columns]]:
        """The rows with their records, and the column of each field."""
        lines: dict[str, int] = {}
        records = self._records()
        first = list(islice(records, SAMPLED))
        known: dict[tuple[str, ...], Understanding] = {}
        for record in chain(first, records):
            if record.names not in known:
                known[record.names] = self._understood(record.names, first)
            understood = known[record.names]
            columns = understood.columns
            if record.problem:
                # The id is kept if it can be read: a product with an invalid row was not removed.
                id = text_of(record.cells[columns.id]) if 0 <= columns.id < len(record.cells) else ""
                raw_id = id[:MAX_ID] if id.isprintable() else ""
                yield FeedRow(record.line, None, record.problem, raw_id, record.last), record, columns
                continue
            row = self._row(record, understood)
            if row.product is not None:
                first_line = lines.setdefault(row.raw_id, row.line)
                if first_line != row.line:
                    row = FeedRow(row.line, None, _taken(row.raw_id, first_line), row.raw_id)
            yield row, record, columns

    def _row(self, record: Record, understood: Understanding) -> FeedRow:
        line, cells, columns = record.line, record.cells, understood.columns
        id = text_of(_cell(cells, columns.id))
        if not id:
            return FeedRow(line, None, "The row has no id.")
        if len(id) > MAX_ID or not id.isprintable():
            return FeedRow(line, None, f"The id is not printable or above {MAX_ID} characters.", id[:MAX_ID])
        problems: list[str] = []
        price, former, currency = _prices(cells, understood, problems)
        stock = _value(stock_of, _cell(cells, columns.stock), problems)
        if stock is None and columns.availability >= 0 and sold_out(cells[columns.availability]):
            stock = 0
        product = Product(
            id=id,
            title=plain_text(text_of(_cell(cells, columns.title))),
            description=plain_text(text_of(_cell(cells, columns.description))),
            facets=self._facets(cells, columns),
            price=price,
            former_price=former,
            currency=_value(currency_of, _cell(cells, columns.currency), problems) or currency,
            stock=stock,
            group=text_of(_cell(cells, columns.group)),
            link=text_of(_cell(cells, columns.link)),
            photos=self._photos(cells, columns, problems) if columns.photos else (),
        )
        return FeedRow(line, product, " ".join(problems), id)

    def _facets(self, cells: Sequence[Cell], columns: Columns) -> dict[str, FacetValue]:
        facets: dict[str, FacetValue] = {}
        facet = self._facet
        for at, name in columns.facets:
            cell = cells[at]
            inner = None if isinstance(cell, str) and cell[:1] != "{" else _inner(name, cell)
            if inner is None:
                value = facet(cell)
                if isinstance(value, str) and (">" in value or "&" in value):
                    text = plain_text(value)
                    value = category_path(text) or text
                if value is not None:
                    facets[name] = value
                continue
            for key, one in inner.items():
                value = facet_of_value(one)
                if value is not None:
                    facets[key] = value
        return facets

    def _photos(self, cells: Sequence[Cell], columns: Columns, problems: list[str]) -> tuple[Photo, ...]:
        photos: dict[str | bytes, Photo] = {}
        for at in columns.photos:
            for item in _items(cells[at]):
                if isinstance(item, bytes):
                    photos[item] = Photo(data=item)
                    continue
                try:
                    photo = self._finder.photo(item)
                except (NotFound, BadImage) as error:
                    problems.append(str(error))
                else:
                    photos[photo.source] = photo
        return tuple(photos.values())


def _taken(id: str, first: int) -> str:
    return f"The id {id} is already on line {first}."


def _cell(cells: Sequence[Cell], at: int) -> Cell:
    return cells[at] if at >= 0 else None


def _prices(
    cells: Sequence[Cell], understood: Understanding, problems: list[str]
) -> tuple[float | None, float | None, str]:
    """The price, the former price if it was higher, and the currency."""
    columns = understood.columns
    currency = ""
    amounts: list[float | None] = []
    for at in (columns.price, columns.sale_price, columns.former_price):
        decimal = understood.decimals.get(at, "")
        amount, named = _value(lambda cell, d=decimal: price_of(cell, d), _cell(cells, at), problems) or (
            None,
            "",
        )
        currency = currency or named
        amounts.append(amount)
    regular, sale, former = amounts
    # Shops write 0 if there is no sale.
    price = sale if sale and (regular is None or sale < regular) else regular
    if price is None:
        price, former = former, None
    before = max((each for each in (regular, former) if each is not None), default=None)
    return price, before if before is not None and price is not None and before > price else None, currency


def _value(read: Callable[[Cell], T], cell: Cell, problems: list[str]) -> T | None:
    """The value of a cell, or None and a problem."""
    if cell is None:
        return None
    try:
        return read(cell)
    except ValueError as error:
        problems.append(f"{error}: the product goes in without it.")
        return None


def _inner(name: str, cell: Cell) -> Mapping[str, Cell] | None:
    """The facets in a cell that is an object or one written as JSON; None for any other cell."""
    pack_vector = name.casefold() in PACKED
    if pack_vector and isinstance(cell, str):
        try:
            cell = json_of(cell)
        except ValueError:
            return None
    if not isinstance(cell, dict):
        return None
    fields = cast("dict[str, Cell]", cell)
    return fields if pack_vector else {f"{name}.{key}": value for key, value in fields.items()}


def _items(cell: Cell) -> Iterator[str | bytes]:
    """The photos in a cell: their names or their bytes."""
    if isinstance(cell, str):
        yield from photo_names(cell)
    elif isinstance(cell, bytes) and cell:
        yield cell
    elif isinstance(cell, list | tuple):
        for one in cast("list[Cell]", cell):
            yield from [one] if isinstance(one, str) and one else _items(one)
    elif isinstance(cell, dict):
        fields = cast("dict[str, Cell]", cell)
        for key in ("bytes", "source", "url", "src", "link", "path"):
            if fields.get(key):
                yield from _items(fields[key])
                return

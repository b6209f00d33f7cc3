"""From records to products: the part that all readers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar, cast

from lookalike.errors import BadImage, NotFound
from lookalike.feeds.base import Cell, Record
from lookalike.feeds.columns import Columns, assign
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.text import json_of
from lookalike.feeds.values import facet_of_value, photo_names, price_of, sold_out, stock_of, text_of
from lookalike.types import FacetValue, FeedRow, Photo, Product

MAX_ID = 200
PACKED = frozenset({"facets", "attributes"})
T = TypeVar("T")


class RecordFeed:
    """A feed whose rows are records with named cells."""

    def __init__(
        self,
        name: str,
        records: Callable[[], Iterator[Record]],
        mapping: Mapping[str, str],
        folder: PhotoFolder,
        facet: Callable[[Cell], FacetValue | None] = facet_of_value,
    ) -> None:
        self.name = name
        self._records = records
        self._mapping = mapping
        self._folder = folder
        self._facet = facet

    def __iter__(self) -> Iterator[FeedRow]:
        lines: dict[str, int] = {}
        names: tuple[str, ...] = ()
        columns = assign(names, {})
        for record in self._records():
            if record.names != names:
                names = record.names
                columns = assign(names, self._mapping)
            if record.problem:
                # The id is still told where it can be: a product with a wrong row is not one that is gone.
                id = text_of(record.cells[columns.id]) if 0 <= columns.id < len(record.cells) else ""
                yield FeedRow(record.line, None, record.problem, id[:MAX_ID] if id.isprintable() else "")
                continue
            row = self._row(record, columns)
            if row.product is not None:
                first = lines.setdefault(row.raw_id, row.line)
                if first != row.line:
                    row = FeedRow(row.line, None, _taken(row.raw_id, first), row.raw_id)
            yield row

    def _row(self, record: Record, columns: Columns) -> FeedRow:
        line, cells = record.line, record.cells
        id = text_of(_cell(cells, columns.id))
        if not id:
            return FeedRow(line, None, "The row has no id.")
        if len(id) > MAX_ID or not id.isprintable():
            return FeedRow(line, None, f"The id is not printable or above {MAX_ID} characters.", id[:MAX_ID])
        problems: list[str] = []
        price, currency = _told(price_of, _cell(cells, columns.price), problems) or (None, "")
        stock = _told(stock_of, _cell(cells, columns.stock), problems)
        if stock is None and columns.availability >= 0 and sold_out(cells[columns.availability]):
            stock = 0
        product = Product(
            id=id,
            title=text_of(_cell(cells, columns.title)),
            description=text_of(_cell(cells, columns.description)),
            facets=self._facets(cells, columns),
            price=price,
            currency=text_of(_cell(cells, columns.currency)).upper() or currency,
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
                    photo = self._folder.photo(item)
                except (NotFound, BadImage) as error:
                    problems.append(str(error))
                else:
                    photos[photo.source] = photo
        return tuple(photos.values())


def _taken(id: str, first: int) -> str:
    return f"The id {id} is already on line {first}."


def _cell(cells: Sequence[Cell], at: int) -> Cell:
    return cells[at] if at >= 0 else None


def _told(read: Callable[[Cell], T], cell: Cell, problems: list[str]) -> T | None:
    """What a cell says, or nothing and a problem."""
    if cell is None:
        return None
    try:
        return read(cell)
    except ValueError as error:
        problems.append(f"{error}: the product goes in without it.")
        return None


def _inner(name: str, cell: Cell) -> Mapping[str, Cell] | None:
    """The facets that one cell holds together, if it does: an object, or one written as JSON."""
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
    """The photos in a cell: names, or the pictures themselves."""
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

"""Google Merchant feeds in XML: RSS 2.0 and Atom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.parsers import expat

from lookalike.errors import BadFeed
from lookalike.feeds.base import Cell, FeedFile, Record
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.text import MAX_LINE
from lookalike.feeds.values import facet_of_text

CHUNK = 65_536
_ITEMS = frozenset({"item", "entry", "product"})


def merchant_feed(file: FeedFile, mapping: Mapping[str, str], images: Path) -> RecordFeed:
    """The feed in an XML file. Raises BadFeed if it contains no product."""
    first = next(_records(file), None)
    if first is None:
        raise BadFeed(f"{file.name} has no <item> and no <entry>: give a Google Merchant feed.")
    if first.problem and not first.names:
        raise BadFeed(f"{file.name} cannot be read. {first.problem}")
    return RecordFeed(file.name, lambda: _records(file), mapping, PhotoFolder(images), facet_of_text)


def _records(file: FeedFile) -> Iterator[Record]:
    """The items of a feed, each with the line it starts on."""
    items = _Items()
    fed = 0
    with file.path.open("rb") as opened:
        while True:
            chunk = opened.read(CHUNK)
            fed += len(chunk)
            try:
                items.parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                yield from items.taken()
                problem = f"The XML breaks here, the rest was not read ({error})."
                yield Record(error.lineno, problem=problem, last=True)
                return
            yield from items.taken()
            if not chunk:
                return
            # A tag without end would be kept in memory until its end comes.
            if fed - items.parser.CurrentByteIndex > CHUNK + MAX_LINE:
                raise BadFeed(f"{file.name} has a tag of more than {MAX_LINE:,} bytes: write the feed again.")


class _Items:
    """Collects the direct children of each item; deeper ones get dotted names."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        # Without a document type there are no entities, so no entity bombs and no reads of local files.
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._done: list[Record] = []
        self._path: list[str] = []
        self._inside = False
        self._line = 0
        self._size = 0
        self._words: list[str] = []
        self._fields: dict[str, list[str]] = {}

    def taken(self) -> list[Record]:
        """The items that are complete since the last call."""
        done, self._done = self._done, []
        return done

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self._inside:
            if name in _ITEMS:
                self._inside = True
                self._line = self.parser.CurrentLineNumber
                self._size = 0
                self._fields = {}
            return
        self._path.append(name)
        self._words = []
        if name == "link" and "href" in attributes:
            self._words.append(attributes["href"])

    def _text(self, text: str) -> None:
        if self._path:
            self._size += len(text)
            if self._size <= MAX_LINE:
                self._words.append(text)

    def _end(self, tag: str) -> None:
        if not self._inside:
            return
        if self._path:
            text = "".join(self._words).strip()
            if text:
                self._fields.setdefault(".".join(self._path), []).append(text)
            self._path.pop()
            self._words = []
            return
        self._inside = False
        cells: list[Cell] = [texts[0] if len(texts) == 1 else texts for texts in self._fields.values()]
        problem = f"The item is longer than {MAX_LINE:,} characters." if self._size > MAX_LINE else ""
        self._done.append(Record(self._line, tuple(self._fields), cells, problem))

    def _refuse(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        raise BadFeed(f"The XML declares a document type ({name}), which no product feed needs: remove it.")

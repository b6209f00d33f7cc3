"""One JSON array of products, at the top level or in an object, read one element at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from lookalike.feeds.base import FeedFile, Record
from lookalike.feeds.json_objects import object_records
from lookalike.feeds.photo_folder import PhotoFolder
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.text import MAX_LINE, check_json, encoding_of, flaw_of, refuse_constant, sample_of

CHUNK = 65_536
_BETWEEN = re.compile(r"[\s,]*")
_OPENING = re.compile(r"\s*\[")
# Names that shops and marketplaces give the member of an object with the products.
_MEMBER = re.compile(
    r'"(?:products|items|data|entries|results|offers|articles|feed)"\s*:\s*\[(?=\s*(?:\{|\]))', re.I
)


def array_start(text: str) -> int:
    """Where the elements of the array begin, given the start of a text; -1 if there is no array."""
    found = _OPENING.match(text) or _MEMBER.search(text)
    return found.end() if found else -1


def json_array_feed(file: FeedFile, mapping: Mapping[str, str], images: Path) -> RecordFeed:
    """The feed in a JSON array."""
    return RecordFeed(file.name, lambda: _records(file), mapping, PhotoFolder(images))


def _records(file: FeedFile) -> Iterator[Record]:
    """The objects of the array, each with the line it starts on."""
    decoder = json.JSONDecoder(parse_constant=refuse_constant)
    encoding = encoding_of(sample_of(file.path))
    with file.path.open(encoding=encoding, errors="surrogateescape") as text:
        buffer = text.read(CHUNK)
        at = array_start(buffer)
        line = 1 + buffer.count("\n", 0, at)
        while True:
            begin = _BETWEEN.match(buffer, at)
            line += buffer.count("\n", at, begin.end()) if begin else 0
            at = begin.end() if begin else at
            if buffer[at : at + 1] == "]":
                return
            try:
                value, end = cast("tuple[object, int]", decoder.raw_decode(buffer, at))
            except (ValueError, RecursionError) as error:
                # The element may continue in the next piece of the file.
                more = text.read(CHUNK) if len(buffer) - at <= MAX_LINE else ""
                if more:
                    buffer, at = buffer[at:] + more, 0
                    continue
                reason = f"The JSON breaks here, the rest was not read ({error})."
                yield Record(line, problem=reason, last=True)
                return
            yield from _element(line, buffer[at:end], value)
            line += buffer.count("\n", at, end)
            at = end


def _element(line: int, text: str, value: object) -> Iterator[Record]:
    problem = flaw_of(text)
    if not problem:
        try:
            check_json(text, value)
        except ValueError as error:
            problem = str(error)
    if problem:
        yield Record(line, problem=problem)
    else:
        yield from object_records(line, value)

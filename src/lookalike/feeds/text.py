"""Text files as shops write them: their encoding, their lines, and which lines are damaged."""

from __future__ import annotations

import codecs
import json
import re
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import cast

MAX_LINE = 1_000_000
SAMPLE_BYTES = 1_000_000

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_UNDECODED = re.compile("[\ud800-\udfff]")
# Bytes that are invalid UTF-8 and are letters or signs in Western European encodings.
_WESTERN = re.compile(
    "(?<=[A-Za-z])[\udcc0-\udcfd]|[\udcc0-\udcfd](?=[A-Za-z])"
    "|[\udc80\udc85\udc91-\udc97\udc99\udca3\udca9\udcab\udcae\udcb0\udcbb]"
)


def sample_of(path: Path) -> bytes:
    """The beginning of a file."""
    with path.open("rb") as file:
        return file.read(SAMPLE_BYTES)


def encoding_of(sample: bytes) -> str:
    """The encoding of a text, given its start. UTF-8 with some damage is still UTF-8."""
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    # Not final: the sample may end inside a character.
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    stray = len(_UNDECODED.findall(text))
    letters = 0 if text.isascii() else sum(1 for letter in text if not letter.isascii()) - stray
    if stray > letters and 2 * len(_WESTERN.findall(text)) > stray:
        return "cp1252"
    return "utf-8"


def flaw_of(text: str) -> str:
    """Why a text cannot be stored; empty if it can."""
    if "\0" in text:
        return "The row has a NUL character."
    if not text.isascii() and _UNDECODED.search(text):
        return "The row has bytes that are no text in the encoding of the feed: save it as UTF-8."
    return ""


def json_of(text: str) -> object:
    """The JSON value in a text. Raises ValueError if it is invalid or cannot be stored."""
    try:
        value = cast(object, json.loads(text, parse_constant=refuse_constant))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    check_json(text, value)
    return value


def check_json(text: str, value: object) -> None:
    """Raise ValueError if a JSON value contains text that cannot be stored."""
    # Escapes can produce characters that a text must not contain.
    if "\\u" in text and (flaw := flaw_of(json.dumps(value, ensure_ascii=False).replace("\\u0000", "\0"))):
        raise ValueError(flaw)


def refuse_constant(constant: str) -> float:
    """Raise ValueError for NaN and infinities, which JSON does not have."""
    raise ValueError(f"{constant} is not a number")


class Lines:
    """The lines of a file with their numbers. The lines of a row can be read again from the second one on."""

    def __init__(self, path: Path, encoding: str) -> None:
        errors = "replace" if encoding == "utf-16" else "surrogateescape"
        self._file = path.open(encoding=encoding, errors=errors, newline="")
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self.number = 0
        self.flaw = ""
        self.ended = False

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if self._again:
            line = self._again.popleft()
        else:
            line = self._file.readline(MAX_LINE)
            if not line:
                self.ended = True
                raise StopIteration
        self.number += 1
        self._taken.append(line)
        if len(line) == MAX_LINE:
            line = self._cut(line)
        flaw = flaw_of(line)
        if flaw:
            self.flaw = flaw
        return line

    def begin(self) -> int:
        """Start a row. Its first line is the one after this number."""
        self._taken.clear()
        self.flaw = ""
        return self.number

    @property
    def taken(self) -> int:
        """The number of lines of the row so far."""
        return len(self._taken)

    @property
    def cut(self) -> bool:
        """Whether the row ends with the file and without a line break, as in a truncated feed."""
        return bool(self._taken) and not self._taken[-1].endswith(("\n", "\r"))

    @property
    def row(self) -> list[str]:
        """The lines of the row, unchanged."""
        return list(self._taken)

    def go_back(self) -> None:
        """Read the lines of the row again, except the first, which is the invalid one."""
        again = self._taken[1:]
        self._again.extendleft(reversed(again))
        self.number -= len(again)
        self._taken.clear()
        self.ended = False

    def _cut(self, line: str) -> str:
        """Discard the rest of an endless line in pieces."""
        while line and not line.endswith(("\n", "\r")):
            line = self._file.readline(MAX_LINE)
        self.flaw = f"The line is longer than {MAX_LINE:,} characters."
        self._taken[-1] = "\n"
        return "\n"

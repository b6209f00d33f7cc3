"""Finds the photos that a feed names: in one folder and nowhere outside it, or relative to the feed's URL."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urljoin

from lookalike.errors import BadImage, NotFound
from lookalike.media.fetch import is_url
from lookalike.types import Photo

# A name such as "none" is no address: it would be a photo that fails in every run.
_FILE_NAME = re.compile(r"[^/]\.[a-z0-9]{2,5}$", re.IGNORECASE)
# Where photos often lie that a feed names without their folder.
_BESIDE = ("images", "photos", "pictures", "img")
# Characters that a URL may contain unquoted.
_SAFE = "%/:?#[]@!$&'()*+,;=~"


class PhotoFinder(Protocol):
    """Finds photos by the names that a feed gives them."""

    def photo(self, name: str) -> Photo:
        """The photo of that name.

        Raises NotFound if there is none, and BadImage if the name leads elsewhere.
        """
        ...


class PhotosOfDownload:
    """The photos of a downloaded feed: in its ZIP file, or relative to its URL."""

    def __init__(self, packed: PhotoFinder, url: str) -> None:
        self._packed = packed
        self._url = url

    def photo(self, name: str) -> Photo:
        """The photo of that name: the one in the ZIP file, else its URL."""
        try:
            return self._packed.photo(name)
        except (NotFound, BadImage):
            url = urljoin(self._url, quote(name.strip().replace("\\", "/"), safe=_SAFE))
            if not is_url(url) or not _FILE_NAME.search(name.strip().partition("?")[0]):
                raise
            return Photo(url)


class PhotoFolder:
    """Finds photos below one folder. Names come from a feed and may point outside it."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._beside = [name for name in _BESIDE if (root / name).is_dir()]
        self._folders: dict[str, str | None] = {}

    def photo(self, name: str) -> Photo:
        """The photo of that name: a URL unchanged, a file by its absolute path."""
        if is_url(name):
            return Photo(name)
        try:
            return self._file(name)
        except NotFound:
            for beside in self._beside:
                try:
                    return self._file(f"{beside}/{name}")
                except NotFound:
                    continue
            raise

    def _file(self, name: str) -> Photo:
        # Strings, not Paths: this runs for every photo of a feed, and Path takes ten times as long.
        path = os.path.join(self._root, name.replace("\\", "/"))  # noqa: PTH118
        folder, file = os.path.split(path)
        inside = self._inside(folder)
        if inside is None or file in ("", ".", ".."):
            raise self._outside(name)
        path = f"{inside}/{file}"
        try:
            mode = os.lstat(path).st_mode
        except (OSError, ValueError) as error:
            raise NotFound(f"There is no photo {name}.") from error
        if stat.S_ISLNK(mode):
            path = os.path.realpath(path)
            if not self._holds(path):
                raise self._outside(name)
            mode = os.stat(path).st_mode if os.path.exists(path) else 0  # noqa: PTH110, PTH116
        if not stat.S_ISREG(mode):
            raise NotFound(f"{name} is not a photo.")
        return Photo(path)

    def _inside(self, folder: str) -> str | None:
        if folder not in self._folders:
            try:
                real = os.path.realpath(folder)
            except ValueError:
                real = ""
            self._folders[folder] = real if self._holds(real) else None
        return self._folders[folder]

    def _holds(self, path: str) -> bool:
        return path == self._root or path.startswith(self._root.rstrip("/") + "/")

    def _outside(self, name: str) -> BadImage:
        return BadImage(f"The photo {name} is outside {self._root}: say where photos lie with --images.")

"""Feeds: a shop's products as a stream, from any file format.

`read_feed` recognises the kind of a feed by its content; each kind is one file here.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from lookalike.errors import BadFeed
from lookalike.feeds.base import Feed, FeedFile, Recall
from lookalike.feeds.delimited import open_table, table_feed
from lookalike.feeds.download import Validators, download, shown_url
from lookalike.feeds.export import export_csv
from lookalike.feeds.fashion_product_images import fashion_feed, is_fashion
from lookalike.feeds.folders import folder_feed
from lookalike.feeds.json_array import array_start, json_array_feed
from lookalike.feeds.jsonl import json_lines_feed
from lookalike.feeds.merchant import merchant_feed
from lookalike.feeds.packed import GZIP, TABLES, ZIP, unpacked
from lookalike.feeds.parquet import parquet_feed
from lookalike.feeds.records_to_products import RecordFeed
from lookalike.feeds.shopify import is_shopify, shopify_feed
from lookalike.feeds.woocommerce import WooCommerceTable, is_woocommerce
from lookalike.media.fetch import is_url
from lookalike.settings import settings

__all__ = ["Feed", "RecordFeed", "Validators", "export_csv", "read_changed_feed", "read_feed"]

_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV (UTF-8)"),
    (b"%PDF", "a PDF: give a CSV, JSON, XML or Parquet file"),
    (b"\x80\x04", "a pickle, which is never opened: write it as Parquet"),
)
_HTML = (b"<!doctype html", b"<html")
_HEAD = 65_536
# How many rows of a folder's table say whether it is the feed of the photos beside it.
_LOOKED_AT = 50


def nothing_known(_: Sequence[str]) -> Mapping[str, str]:
    """A `Recall` without earlier imports."""
    return {}


def read_feed(
    source: str | Path,
    mapping: Mapping[str, str] | None = None,
    images: Path | None = None,
    recall: Recall = nothing_known,
) -> RecordFeed:
    """The feed in a file, in a folder or at a URL, as a stream that can be read again.

    The mapping leads from columns to the fields of a product and wins over what their names suggest;
    `images` is the folder of photos that are named without one. A feed at a URL is downloaded first.
    `recall` gives the mapping of an earlier import of a feed with the same columns; it fills what `mapping`
    leaves open.
    """
    if is_url(str(source)):
        found = read_changed_feed(str(source), Validators(), mapping, recall)
        assert found is not None  # only a feed that is known already can be unchanged
        return found[0]
    path, mapping = Path(source), mapping or {}
    if path.is_dir():
        return _folder(path, mapping, images, recall)
    if not _head(FeedFile(path, str(path))).startswith((GZIP, ZIP)):
        return _read(FeedFile(path, str(path)), mapping, images, recall)
    folder = Path(tempfile.mkdtemp(prefix="lookalike-feed-"))
    try:
        feed = _opened(path, folder, str(path), mapping, images or path.parent, recall)
    except BaseException:
        shutil.rmtree(folder)
        raise
    weakref.finalize(feed, shutil.rmtree, folder, ignore_errors=True)
    return feed


def read_changed_feed(
    url: str,
    known: Validators,
    mapping: Mapping[str, str] | None = None,
    recall: Recall = nothing_known,
) -> tuple[RecordFeed, Validators] | None:
    """The feed at a URL and the validators of this download; None if it has not changed since `known`.

    Photos without a scheme are in the feed's ZIP file, or relative to its URL.
    """
    folder = Path(tempfile.mkdtemp(prefix="lookalike-feed-"))
    try:
        validators = download(url, folder / "feed", known)
        if validators is None:
            shutil.rmtree(folder)
            return None
        feed = _opened(folder / "feed", folder, shown_url(url), mapping or {}, None, recall)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    feed.came_from(shown_url(url))
    weakref.finalize(feed, shutil.rmtree, folder, ignore_errors=True)
    return feed, validators


def _folder(path: Path, mapping: Mapping[str, str], images: Path | None, recall: Recall) -> RecordFeed:
    """The feed in a folder: its only table, if that has photos; else the photos themselves."""
    styles = path / "styles.csv"
    if styles.is_file():
        return _table(FeedFile(styles, str(styles)), mapping, images, recall)
    tables = [file for file in path.glob("[!.]*") if file.suffix.lower() in TABLES and file.is_file()]
    if len(tables) == 1:
        # Notes and settings of other programs lie beside photos, too.
        with suppress(BadFeed):
            feed = _read(FeedFile(tables[0], str(tables[0])), mapping, images, recall)
            if any(row.product and row.product.photos for row in islice(feed, _LOOKED_AT)):
                return feed
    return folder_feed(path, mapping)


def _opened(
    file: Path, folder: Path, name: str, mapping: Mapping[str, str], images: Path | None, recall: Recall
) -> RecordFeed:
    """The feed in a file that may be compressed; its content is unpacked into the folder."""
    content = unpacked(file, folder / "unpacked", settings().max_import_bytes)
    if content.is_dir():
        feed = folder_feed(content, mapping)
        feed.name = name
        return feed
    return _read(FeedFile(content, name), mapping, images, recall)


def _read(file: FeedFile, mapping: Mapping[str, str], images: Path | None, recall: Recall) -> RecordFeed:
    head = _head(file)
    for magic, advice in _REFUSED:
        if head.startswith(magic):
            raise BadFeed(f"{file.name} is {advice}.")
    if head[:20].lower().startswith(_HTML):
        raise BadFeed(
            f"{file.name} is an HTML page, not a feed. Open it in a browser: it may be a login or error page."
        )
    folder = images or file.path.parent
    if head.startswith(b"PAR1"):
        feed = parquet_feed(file, mapping, folder)
    elif head.startswith(b"<"):
        feed = merchant_feed(file, mapping, folder)
    elif head.startswith(b"[") or (head.startswith(b"{") and _holds_array(head)):
        feed = json_array_feed(file, mapping, folder)
    elif head.startswith(b"{"):
        feed = json_lines_feed(file, mapping, folder)
    else:
        return _table(file, mapping, images, recall)
    feed.recall(recall(feed.columns()))
    return feed


def _head(file: FeedFile) -> bytes:
    """The first bytes, without a byte order mark and leading blanks."""
    try:
        with file.path.open("rb") as opened:
            head = opened.read(_HEAD)
    except OSError as error:
        raise BadFeed(f"No feed can be read at {file.name} ({error.strerror}): check the path.") from error
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")[2:]
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _holds_array(head: bytes) -> bool:
    """Whether a text that begins with a brace is one object around a list, not one product per line."""
    first, _, rest = head.partition(b"\n")
    if rest.strip():
        try:
            json.loads(first)
        except ValueError:
            pass
        else:
            return False
    return array_start(head.decode("utf-8", "replace")) >= 0


def _table(file: FeedFile, mapping: Mapping[str, str], images: Path | None, recall: Recall) -> RecordFeed:
    table = open_table(file)
    path = file.path
    known = recall(table.names)
    if is_fashion(table) and (images or path.with_name("images").is_dir() or path.name == "styles.csv"):
        return fashion_feed(table, mapping, images)
    # A mapping names the columns of the file. The reader for Shopify renames them.
    if is_shopify(table) and not mapping and not known:
        return shopify_feed(table, images or path.parent)
    if is_woocommerce(table):
        table = WooCommerceTable(table.file, table.encoding, table.delimiter, table.names)
    return table_feed(table, mapping, images or path.parent, known)

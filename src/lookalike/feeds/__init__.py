"""Feeds: what a shop has, read as a stream of products.

`read_feed` recognises the kind of a feed by its content; each kind is one file here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lookalike.errors import BadFeed
from lookalike.feeds.base import Feed
from lookalike.feeds.delimited import open_table, table_feed
from lookalike.feeds.export import export_csv
from lookalike.feeds.fashion_product_images import fashion_feed, is_fashion
from lookalike.feeds.folders import folder_feed
from lookalike.feeds.jsonl import json_feed
from lookalike.feeds.merchant import merchant_feed
from lookalike.feeds.parquet import parquet_feed
from lookalike.feeds.shopify import is_shopify, shopify_feed
from lookalike.media.fetch import is_url

__all__ = ["Feed", "export_csv", "read_feed"]

_REFUSED = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP file: save the sheet as CSV (UTF-8), or unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV (UTF-8)"),
    (b"\x1f\x8b", "compressed: unpack it first"),
    (b"%PDF", "a PDF: give a CSV, JSONL or Parquet file"),
    (b"\x80\x04", "a pickle, which is never opened: write it as Parquet"),
)


def read_feed(path: str | Path, mapping: Mapping[str, str] | None = None, images: Path | None = None) -> Feed:
    """The feed in a file or a folder, as a stream that can be read again.

    The mapping leads from columns to the fields of a product and wins over what their names suggest;
    `images` is the folder of photos that are named without one.
    """
    if is_url(str(path)):
        raise BadFeed(f"{path} is a URL: download the feed and give the file.")
    path, mapping = Path(path), mapping or {}
    if path.is_dir():
        styles = path / "styles.csv"
        return _table(styles, mapping, images) if styles.is_file() else folder_feed(path, mapping)
    head = _head(path)
    folder = images or path.parent
    if head.startswith(b"PAR1"):
        return parquet_feed(path, mapping, folder)
    if head.startswith(b"<"):
        return merchant_feed(path, mapping, folder)
    if head.startswith(b"["):
        raise BadFeed(f"{path} is one JSON list: write one object a line (JSONL).")
    if head.startswith(b"{"):
        return json_feed(path, mapping, folder)
    return _table(path, mapping, images)


def _head(path: Path) -> bytes:
    """The first bytes, without what may stand before the content of a text."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise BadFeed(f"No feed can be read at {path} ({error.strerror}): check the path.") from error
    for magic, advice in _REFUSED:
        if head.startswith(magic):
            raise BadFeed(f"{path} is {advice}.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")[2:]
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _table(path: Path, mapping: Mapping[str, str], images: Path | None) -> Feed:
    table = open_table(path)
    if is_fashion(table) and (images or path.with_name("images").is_dir() or path.name == "styles.csv"):
        return fashion_feed(table, mapping, images)
    # A mapping speaks of the file's own columns, and those of Shopify become others.
    if is_shopify(table) and not mapping:
        return shopify_feed(table, images or path.parent)
    return table_feed(table, mapping, images or path.parent)

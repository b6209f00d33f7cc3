"""Missing fields, broken links and outliers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import numpy as np

from lookalike.analysis.doctor.findings import Finding
from lookalike.analysis.snapshot import Snapshot
from lookalike.errors import LookalikeError
from lookalike.media.fetch import fetch
from lookalike.settings import settings
from lookalike.text import label
from lookalike.types import Product
from lookalike.vectors.neighbours import nearest

NEARLY_ALL = 0.9
FAR_OUT = 6.0
VOTERS = 5
LINKS_AT_ONCE = 8


def missing(snapshot: Snapshot) -> Iterator[Finding]:
    """Missing fields and photos."""
    count = len(snapshot)
    names = ("title", "description", "price", "link", *snapshot.facets())
    absent = {name: [product for product in snapshot.products if not _value(product, name)] for name in names}
    for name, lacking in absent.items():
        if lacking and len(lacking) <= (1 - NEARLY_ALL) * count:
            for product in lacking:
                yield Finding("missing field", product.id, 1 - len(lacking) / count, field=name)
    bare = [
        product
        for product, seen in zip(snapshot.products, snapshot.has_photo(), strict=True)
        if not seen and not any(photo.id for photo in product.photos)
    ]
    if len(bare) < count:
        for product in bare:
            yield Finding("missing photo", product.id, 1.0, field="photo")


def links(snapshot: Snapshot, ask: bool) -> Iterator[Finding]:
    """Malformed links; with `ask`, also links that do not respond."""
    linked = [product for product in snapshot.products if product.link]
    good: list[Product] = []
    for product in linked:
        parts = urlsplit(product.link)
        if parts.scheme in ("http", "https") and parts.netloc:
            good.append(product)
        else:
            yield Finding(
                "broken link", product.id, 1.0, field="link", now=product.link, likely="not a web address"
            )
    if ask:
        with ThreadPoolExecutor(LINKS_AT_ONCE) as pool:
            for product, problem in zip(good, pool.map(_problem, good), strict=True):
                if problem:
                    yield Finding(
                        "broken link", product.id, 0.9, field="link", now=product.link, likely=problem
                    )


def outliers(snapshot: Snapshot) -> Iterator[Finding]:
    """Products so far from all others that they may not belong here."""
    seen = np.flatnonzero(snapshot.has_photo())
    if len(seen) <= 4 * VOTERS:
        return
    _, similar = nearest(snapshot.looks()[seen], VOTERS)
    near = similar.mean(axis=1)
    middle = float(np.median(near))
    # Estimate the spread from the near half only: the far half is under suspicion.
    spread = 1.4826 * float(np.median(np.abs(near[near >= middle] - middle)))
    if spread <= 0:
        return
    for place in np.flatnonzero(near < middle - FAR_OUT * spread):
        confidence = min(1.0, (middle - float(near[place])) / (2 * FAR_OUT * spread))
        yield Finding("outlier", snapshot.products[seen[place]].id, confidence)


def _value(product: Product, name: str) -> bool:
    match name:
        case "title" | "description" | "link":
            return bool(getattr(product, name).strip())
        case "price":
            return product.price is not None
        case _:
            return bool(label(product.facets.get(name)))


def _problem(product: Product) -> str:
    try:
        fetch(product.link, settings().max_image_bytes)
    except LookalikeError as error:
        return str(error)
    return ""

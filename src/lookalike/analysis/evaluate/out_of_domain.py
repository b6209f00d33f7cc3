"""Photos of things that the shop does not sell: how they are told from its own, and how well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lookalike.analysis.evaluate.augmentations import ALTERATIONS, altered
from lookalike.analysis.evaluate.intervals import sample
from lookalike.analysis.evaluate.tasks import AT_ONCE, Progress
from lookalike.analysis.snapshot import Snapshot
from lookalike.errors import BadQuery, LookalikeError, NotFound
from lookalike.media.images import read_image
from lookalike.search.out_of_domain import OutOfDomainClassifier, shipped
from lookalike.shop import Shop
from lookalike.types import Query, Vector

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp"})
LEARNED_FROM = 400


def known_outsiders(shop: Shop) -> OutOfDomainClassifier | None:
    """What is known about the vectors of this catalogue's encoder without showing it any other photo."""
    encoding = shop.catalog.pipeline.encoding
    return None if encoding.learned or not encoding.image_space else shipped(encoding.image_space)


def learned_outsiders(
    shop: Shop,
    snapshot: Snapshot,
    inside: Sequence[Path],
    outside: Sequence[Path],
    progress: Progress,
) -> OutOfDomainClassifier:
    encoding = shop.catalog.pipeline.encoding
    if encoding.learned:
        raise BadQuery("Outsiders are not learned for reduced vectors: use a recipe without components.")
    own = [snapshot.images, altered_rows(shop, snapshot, "outsiders", LEARNED_FROM, progress)]
    if inside:
        home = photo_rows(shop, inside, "photos of what is sold", progress)
        # The few photos as shoppers take them weigh as much as the many of the shop's studio.
        own += [home] * max(1, round(len(snapshot.images) / max(len(home), 1)))
    other = photo_rows(shop, outside, "photos of other things", progress)
    return OutOfDomainClassifier.fit(encoding.image_space, np.concatenate(own), other)


def altered_rows(shop: Shop, snapshot: Snapshot, purpose: str, count: int, progress: Progress) -> Vector:
    """Vectors of some of the shop's photos, altered in every manner in turn."""
    first = dict(zip(snapshot.ids, snapshot.first_photos(), strict=True))
    chosen = sample([id for id, photo in first.items() if photo], count, purpose)
    stored = shop.catalog.database.stored_photos([first[id] for id in chosen])
    manners = list(ALTERATIONS)
    pictures = (
        altered(read_image(stored[first[id]].data), manners[(place + turn) % len(manners)], id)
        for place, id in enumerate(chosen)
        for turn in (0, len(manners) // 2)
    )
    return _encoded(shop, pictures, 2 * len(chosen), "altered photos", progress)


def photo_rows(shop: Shop, photos: Sequence[Path], what: str, progress: Progress) -> Vector:
    """Vectors of photos on this machine; those that cannot be read are passed over."""
    encoder = shop.catalog.pipeline.image_encoder()
    if encoder is None:
        raise BadQuery(f"The recipe '{shop.recipe.name}' does not look at photos.")
    return _encoded(shop, _readable(photos, encoder.input_side), len(photos), what, progress)


def refused(shop: Shop, photos: Sequence[Path], progress: Progress) -> float:
    """The share of photos of which search says that the shop has nothing like it."""
    rows = photo_rows(shop, photos, "photos to refuse", progress)
    answers = [shop.answer(Query(vector=row, image_weight=1.0, k=1)).good for row in rows]
    return sum(good is False for good in answers) / max(len(answers), 1)


def photos_in(folder: Path) -> list[Path]:
    """The photos of a folder and the folders in it."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    if not found:
        raise NotFound(f"There are no photos in {folder}: name a folder of JPEG, PNG or WebP files.")
    return found


def _readable(photos: Sequence[Path], side: int) -> Iterable[Image]:
    for photo in photos:
        try:
            picture = read_image(photo, side)
        except LookalikeError:
            continue
        yield picture


def _encoded(shop: Shop, pictures: Iterable[Image], total: int, what: str, progress: Progress) -> Vector:
    rows: list[Vector] = []
    piece: list[Image] = []
    done = 0
    for picture in pictures:
        piece.append(picture)
        if len(piece) == AT_ONCE:
            rows.append(_encode(shop, piece))
            done += len(piece)
            progress(what, done, total)
            piece = []
    if piece:
        rows.append(_encode(shop, piece))
    return (
        np.concatenate(rows) if rows else np.zeros((0, shop.catalog.pipeline.encoding.image_dim), np.float32)
    )


def _encode(shop: Shop, pictures: Sequence[Image]) -> Vector:
    rows = shop.catalog.pipeline.encode_images(pictures)
    assert rows is not None
    return rows

"""Photos of the same picture, even if it was re-saved, resized, brightened or cropped.

The encoder proposes pairs, 8 x 8 thumbnails rule out nearly all of them, and fine details decide: two black
wallets look alike, but their edges differ.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from lookalike.analysis.snapshot import Snapshot
from lookalike.media.images import read_image
from lookalike.shop import Shop
from lookalike.vectors.neighbours import Places, near_pairs
from lookalike.vectors.pca import unit

View: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"

PROBES = 64
# A copy may be cut by that share on every side; between two steps half a pixel of 100 is lost.
CUTS = tuple(step / 200 for step in range(11))
COARSE_CUTS = CUTS[::2]
LEAST_LIKE = 0.8
SKETCH_SIDE = 8
# Of 200 photos and their copies none had sketches less alike than 0.994; of other near pairs 2% reach this.
SKETCHES_ALIKE = 0.99
SIDE = 64
# Of 190 photos and their copies none had details less alike than 0.93; of other pairs none reached 0.91.
DETAILS_ALIKE = 0.92
SMOOTHED = 2
# A picture whose colors were changed shows a variant.
PATCH = 4
SAME_COLOURS = 0.012
MOST_BRIGHTENED = 1.25
# Blank photos are reported separately, and all look the same.
BLANK = 4.0
READ_AT_ONCE = 500
PAIRS_AT_ONCE = 8192
LOOKS_HELD = 200


def copies(shop: Shop, snapshot: Snapshot) -> Iterator[tuple[int, int, float]]:
    """Pairs of positions in the snapshot's photos that show the same picture, with the confidence."""
    first: dict[str, int] = {}
    for place, photo in enumerate(snapshot.photos):
        known = first.setdefault(photo, place)
        if known != place:
            yield known, place, 1.0
    # One file under a thousand products would make half a million pairs.
    kept = np.array(sorted(first.values()), np.int64)
    pairs, _ = near_pairs(unit(snapshot.images[kept]), _least_like(shop, snapshot))
    pairs = kept[pairs]
    pairs = pairs[snapshot.owners[pairs[:, 0]] != snapshot.owners[pairs[:, 1]]]
    looks = _Looks(shop, snapshot)
    for one, other in _alike_in_sketch(shop, snapshot, pairs).tolist():
        alike = _alike(looks.at(one), looks.at(other))
        if alike >= DETAILS_ALIKE:
            yield one, other, 0.5 + 0.5 * (alike - DETAILS_ALIKE) / (1 - DETAILS_ALIKE)


def _least_like(shop: Shop, snapshot: Snapshot) -> float:
    """The lowest similarity between a photo and its copy, measured on the shop's own photos."""
    step = max(1, len(snapshot.photos) // PROBES)
    stored = shop.catalog.database.stored_photos(snapshot.photos[::step])
    # Photos may be removed while they are compared.
    probes = [place for place in range(0, len(snapshot.photos), step) if snapshot.photos[place] in stored]
    if not probes:
        return 1.0
    alike: list[float] = []
    for manner in (_resaved, _trimmed, _smaller):
        pictures = [manner(read_image(stored[snapshot.photos[place]].data)) for place in probes]
        rows = shop.catalog.pipeline.encode_images(pictures)
        if rows is None:
            return 1.0
        learned = shop.catalog.pipeline.learned()
        rows = rows if learned is None else learned.reduced(rows)
        alike += np.einsum("ij,ij->i", unit(rows), unit(snapshot.images[probes])).tolist()
    return max(LEAST_LIKE, float(np.quantile(alike, 0.01)) - 0.01)


def _resaved(picture: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=40)
    return read_image(buffer.getvalue())


def _trimmed(picture: Image.Image) -> Image.Image:
    wide, high = int(picture.width * 0.045), int(picture.height * 0.045)
    return picture.crop(
        (wide, high, max(wide + 1, picture.width - wide), max(high + 1, picture.height - high))
    )


def _smaller(picture: Image.Image) -> Image.Image:
    return picture.resize((max(1, int(picture.width * 0.65)), max(1, int(picture.height * 0.65))))


def _alike_in_sketch(shop: Shop, snapshot: Snapshot, pairs: Places) -> Places:
    """The pairs whose sketches agree, one of them trimmed at best."""
    used, numbers = np.unique(pairs, return_inverse=True)
    numbers = numbers.reshape(pairs.shape)
    # A photo that was deleted meanwhile matches nothing.
    sketches = np.zeros((len(used), len(COARSE_CUTS), SKETCH_SIDE * SKETCH_SIDE * 3), np.float16)
    for start in range(0, len(used), READ_AT_ONCE):
        photos = [snapshot.photos[place] for place in used[start : start + READ_AT_ONCE].tolist()]
        stored = shop.catalog.database.stored_photos(photos)
        for offset, photo in enumerate(photos):
            if photo not in stored:
                continue
            sketches[start + offset] = unit(_sketch(read_image(stored[photo].data)))
    alike = np.empty(len(pairs), np.bool_)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        piece = numbers[start : start + PAIRS_AT_ONCE]
        left, right = (sketches[piece[:, side]].astype(np.float32) for side in (0, 1))
        best = np.maximum(
            np.einsum("pd,pcd->pc", left[:, 0], right).max(axis=1),
            np.einsum("pcd,pd->pc", left, right[:, 0]).max(axis=1),
        )
        alike[start : start + len(piece)] = best >= SKETCHES_ALIKE
    return pairs[alike]


@dataclass(frozen=True, slots=True)
class _Look:
    """A photo trimmed a little more each time: its details as unit rows, its colors about their mean."""

    details: View
    colours: View
    blank: bool


class _Looks:
    """Details for comparing photos, computed on first use; recent ones are cached."""

    def __init__(self, shop: Shop, snapshot: Snapshot) -> None:
        self._shop = shop
        self._photos = snapshot.photos
        self.at = lru_cache(LOOKS_HELD)(self._made)

    def _made(self, place: int) -> _Look:
        picture = read_image(self._shop.photo(self._photos[place]).data)
        small = _trimmed_views(picture, SIDE, CUTS)
        planes = np.stack([np.asarray(each, np.float32) for each in small])
        soft = [np.asarray(each.filter(ImageFilter.BoxBlur(SMOOTHED)), np.float32) for each in small]
        patches = planes.reshape(len(CUTS), SIDE // PATCH, PATCH, SIDE // PATCH, PATCH, 3).mean(axis=(2, 4))
        return _Look(
            details=unit((planes - np.stack(soft)).reshape(len(CUTS), -1)),
            colours=_about_mean(patches),
            blank=float(planes[0].std()) < BLANK,
        )


def _alike(one: _Look, other: _Look) -> float:
    """The best similarity of details with one photo cropped; 0 if the colors differ."""
    if one.blank or other.blank:
        return 0.0
    cut = other.details @ one.details[0]
    cut_back = one.details @ other.details[0]
    if cut.max() >= cut_back.max():
        same = _same_colours(one.colours[0], other.colours[int(cut.argmax())])
    else:
        same = _same_colours(one.colours[int(cut_back.argmax())], other.colours[0])
    return min(1.0, float(max(cut.max(), cut_back.max()))) if same else 0.0


def _same_colours(one: View, other: View) -> bool:
    gain = float((one * other).sum() / max(float((one * one).sum()), 1e-6))
    gain = min(max(gain, 1 / MOST_BRIGHTENED), MOST_BRIGHTENED)
    return float(np.abs(gain * one - other).mean() / 255) <= SAME_COLOURS


def _sketch(picture: Image.Image) -> View:
    small = _trimmed_views(picture, SKETCH_SIDE, COARSE_CUTS)
    return _about_mean(np.stack([np.asarray(each, np.float32) for each in small]))


def _trimmed_views(picture: Image.Image, side: int, cuts: Sequence[float]) -> list[Image.Image]:
    wide, high = picture.size
    boxes = [(wide * cut, high * cut, wide * (1 - cut), high * (1 - cut)) for cut in cuts]
    return [picture.resize((side, side), Image.Resampling.BOX, box=box) for box in boxes]


def _about_mean(planes: View) -> View:
    """One row for each plane, each color about its mean."""
    return (planes - planes.mean(axis=(1, 2), keepdims=True)).reshape(len(planes), -1)

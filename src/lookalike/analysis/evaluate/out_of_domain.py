"""Out-of-domain photos: the share without a good match."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lookalike.analysis.evaluate.tasks import Progress
from lookalike.errors import LookalikeError, NotFound
from lookalike.shop import Shop
from lookalike.types import Query

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp"})


def refused(shop: Shop, photos: Sequence[Path], progress: Progress) -> float:
    """The share of the readable photos that have no good match in the shop."""
    answers: list[bool] = []
    for done, photo in enumerate(photos):
        try:
            answers.append(shop.answer(Query(image=photo, k=1)).good is False)
        except LookalikeError:
            continue
        progress("photos", done + 1, len(photos))
    return sum(answers) / max(len(answers), 1)


def photos_in(folder: Path) -> list[Path]:
    """The photos of a folder and its subfolders. Raises NotFound if there are none."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    if not found:
        raise NotFound(f"There are no photos in {folder}. Name a folder of JPEG, PNG or WebP files.")
    return found

"""The examples of a training run with their decoded photos and tokens, on the device that trains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from research.builtin_encoder.pack import read_pack, read_table
from research.builtin_encoder.photos import Squares, decode, with_masks
from research.builtin_encoder.tokens import TokenRows

# The size at which the photos of a set are kept: what their files hold.
SIDES = {
    "fashion": 224,
    "fashion-more": 224,
    "goods": 224,
    "fashion-small": 80,
    "clothing": 224,
    "grocery": 192,
    "objects": 160,
}
_STUDIO = ("fashion", "fashion-more", "fashion-small", "goods")
_GROUPS = (
    ("fashion", "fashion-more", "goods"),
    ("fashion-small",),
    ("clothing",),
    ("grocery",),
    ("objects",),
)
_SCENERY = 96


class Corpus:
    """Photos by the number of their example."""

    def __init__(self, folder: Path, device: torch.device, workers: int) -> None:
        """Decode every pack of a folder; a set without a pack has no photos."""
        self.examples = read_table(folder / "table.json.gz")
        self.device = device
        self.stores: dict[str, Squares] = {}
        source = np.array([e.source for e in self.examples])
        self._place = torch.full((len(self.examples),), -1, device=device)
        self._store = np.full(len(self.examples), "", dtype=object)
        for group in _GROUPS:
            stores: list[Squares] = []
            count = 0
            for name in group:
                pack = folder / f"{name}.pack"
                if not pack.exists():
                    continue
                made = decode(read_pack(pack), SIDES[name], workers)
                made = Squares(made.pixels.to(device), made.ratio.to(device))
                stores.append(with_masks(made) if name in _STUDIO else made)
                rows = np.flatnonzero(source == name)
                self._place[torch.from_numpy(rows).to(device)] = torch.arange(
                    count, count + len(rows), device=device
                )
                self._store[rows] = group[0]
                count += len(rows)
            if stores:
                self.stores[group[0]] = _joined(stores)
        learned = np.array([e.split == "train" for e in self.examples])
        self._learned = {
            name: self._place[torch.from_numpy(np.flatnonzero(learned & (source == name))).to(device)]
            for name in ("objects", "clothing")
        }

    def squares(self, rows: torch.Tensor, *, masked: bool) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return the photos of rows, which may come from stores of different sizes, and their masks."""
        names = self._store[rows.cpu().numpy()]
        kinds = sorted(set(names.tolist()))
        if len(kinds) == 1:
            store = self.stores[kinds[0]]
            place = self._place[rows]
            return store.pixels[place], store.masks[place] if masked and store.masks is not None else None
        side = max(SIDES[kind] for kind in kinds)
        pixels = torch.empty(len(rows), 3, side, side, dtype=torch.uint8, device=self.device)
        for kind in kinds:
            chosen = torch.from_numpy(names == kind).to(self.device)
            found = self.stores[kind].pixels[self._place[rows[chosen]]]
            if found.shape[-1] != side:
                found = torch.nn.functional.interpolate(
                    found.float(), size=(side, side), mode="bilinear", align_corners=False
                ).to(torch.uint8)
            pixels[chosen] = found
        return pixels, None

    def ratios(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the width over the height of each photo."""
        names = self._store[rows.cpu().numpy()]
        return torch.stack([self.stores[n].ratio[self._place[r]] for n, r in zip(names, rows, strict=True)])

    def scenery(self) -> torch.Tensor:
        """Return some pictures to stand behind products."""
        name = "objects" if torch.rand(()) < 0.6 else "clothing"
        places = self._learned[name]
        chosen = places[torch.randint(len(places), (_SCENERY,), device=self.device)]
        return self.stores[name].pixels[chosen]


class Texts:
    """Tokens of titles, by the number of their example, and of phrases."""

    def __init__(self, file: Path) -> None:
        held = np.load(file)
        self._titles = TokenRows(held["title_tokens"], held["title_ends"])
        self._phrases = TokenRows(held["phrase_tokens"], held["phrase_ends"])
        self.said = held["said"]
        self.phrases = len(self._phrases)

    def batch(self, rows: torch.Tensor, phrases: torch.Tensor) -> torch.Tensor:
        """Return the tokens of titles, then those of phrases, as one padded batch."""
        titles = self._titles.batch(rows.cpu().numpy())
        said = self._phrases.batch(phrases.cpu().numpy())
        width = max(titles.shape[1], said.shape[1])
        padded = [np.pad(each, ((0, 0), (0, width - each.shape[1]))) for each in (titles, said)]
        return torch.from_numpy(np.concatenate(padded))


def _joined(stores: Sequence[Squares]) -> Squares:
    masks = [each.masks for each in stores if each.masks is not None]
    return Squares(
        torch.cat([each.pixels for each in stores]),
        torch.cat([each.ratio for each in stores]),
        torch.cat(masks) if masks else None,
    )

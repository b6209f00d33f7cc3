"""Photos of other things against photos of clothes: how many of each are refused, and what is shipped for it.

    python benchmarks/outsiders.py CATALOGUE.DB --home FOLDER --home-list images.csv --other FOLDER [--ship]

Learned from one half of the senders of home photos and one half of the kinds of other things, measured on the
other halves. With --ship the same is learned from all of them and laid beside the built-in encoder.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

import lookalike
from lookalike.analysis.evaluate import calibration as calibrating
from lookalike.analysis.evaluate.intervals import seed_of
from lookalike.analysis.evaluate.out_of_domain import LEARNED_FROM, altered_rows, photo_rows, photos_in
from lookalike.analysis.snapshot import Snapshot
from lookalike.search.confidence import SAME_PHOTO
from lookalike.search.out_of_domain import SHIPPED, OutOfDomainClassifier
from lookalike.types import Query, Vector


def silent(what: str, done: int, total: int) -> None:
    """Say nothing."""


def main() -> None:
    """Learn, measure, and with --ship write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("catalogue")
    asked.add_argument("--home", type=Path, required=True)
    asked.add_argument("--home-list", type=Path, required=True)
    asked.add_argument("--other", type=Path, required=True)
    asked.add_argument("--ship", action="store_true")
    given = asked.parse_args()
    with given.home_list.open(encoding="utf-8") as file:
        senders = {row["image"]: row["sender_id"] for row in csv.DictReader(file)}
    home = [path for path in photos_in(given.home) if path.stem in senders]
    other = photos_in(given.other)
    with lookalike.open(given.catalogue) as shop:
        snapshot = Snapshot.of(shop)
        own = np.concatenate(
            [snapshot.images, altered_rows(shop, snapshot, "outsiders", LEARNED_FROM, silent)]
        )
        home_rows, other_rows = photo_rows(shop, home, "", silent), photo_rows(shop, other, "", silent)
        home_half = np.array([seed_of("sender", senders[path.stem]) % 2 == 0 for path in home])
        other_half = np.array([seed_of("kind", path.parent.name) % 2 == 0 for path in other])
        space = shop.catalog.encoding.image_space

        def learned(home_known: Vector, other_known: Vector) -> OutOfDomainClassifier:
            times = max(1, round(len(snapshot.images) / max(len(home_known), 1)))
            return OutOfDomainClassifier.fit(space, np.concatenate([own, *[home_known] * times]), other_known)

        for name, outsiders in (
            ("nearest products", None),
            ("learned", learned(home_rows[home_half], other_rows[other_half])),
        ):
            found = calibrating.calibrate(shop, snapshot, silent, outsiders)
            assert found is not None
            calibrating.keep(shop, found)
            shares = [
                np.mean([shop.answer(Query(vector=row, image_weight=1.0, k=1)).good is False for row in rows])
                for rows in (home_rows[~home_half], other_rows[~other_half])
            ]
            print(
                f"{name}: refused of home photos of clothes {shares[0]:.3f}, of other things {shares[1]:.3f}"
            )
        print(
            f"measured on {int((~home_half).sum())} home photos "
            f"and {int((~other_half).sum())} of other things"
        )
        nearest = (other_rows @ snapshot.images.T).max(axis=1)
        print(f"as near to a product as {SAME_PHOTO}, of {len(nearest)} photos of other things:", end=" ")
        print(f"{int((nearest >= SAME_PHOTO).sum())}, the nearest {nearest.max():.3f}")
        if given.ship:
            place = Path(lookalike.__file__).parent / "encoders" / "builtin" / SHIPPED
            place.write_text(learned(home_rows, other_rows).dumps() + "\n", "utf-8")
            print(f"written to {place}")


if __name__ == "__main__":
    main()

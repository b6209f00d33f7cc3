"""Whether match percentages and "No good match" can be trusted, over five kinds of shop.

    python -m benchmarks.confidence ../shared/data WORK

The shops are built from halves of the collections that the shipped prior was not fitted on. The other
collections' photos and words are the strangers. WORK keeps shops and vectors between runs.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
from research.confidence_prior.shops import MOST_PRODUCTS, SHOPS, WORN, Builder, BuiltShop, Trial

import lookalike
from lookalike import Results
from lookalike.analysis.evaluate.reliability import calibration_error
from lookalike.search.confidence import GOOD
from lookalike_sample_shop import offer
from lookalike_sample_shop.assortment import articles

GROUP = 200
HEADER = "shop      kind   queries strangers   error  worst  refused  strangers refused  P@5   descending"


def main() -> None:
    """Build, calibrate as an import does, measure."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", type=Path)
    asked.add_argument("work", type=Path)
    asked.add_argument("--products", type=int, default=MOST_PRODUCTS)
    given = asked.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    builder = Builder(given.data, given.work, "measure")
    print(HEADER)
    for name in SHOPS:
        built = builder.build(name, given.products)
        began = time.perf_counter()
        built.shop.engine.recalibrate()
        seconds = time.perf_counter() - began
        answers = [(trial, built.shop.answer(trial.query)) for trial in built.trials]
        for sort in ("photo", "text", "both"):
            report(name, sort, [(trial, answer) for trial, answer in answers if trial.sort == sort])
        print(f"{name}: {len(built.shop)} products, {seconds:.1f} s to learn, {judging(built):.2f} ms each")
        built.shop.close()
    phone_photos(builder, given.work / "sample-shop.db")


def phone_photos(builder: Builder, place: Path) -> None:
    """Whether phone photos of clothes find their kind among the first five of the whole sample shop."""
    with lookalike.open(place) as shop:
        if not len(shop):
            shop.add(offer(article) for article in articles())
        kinds = {product.facets["type"] for product in shop.products(limit=1000)}
        found: dict[str, list[float]] = defaultdict(list)
        asked = [item for item in builder.items("clothing") if kinds & set(WORN.get(item.kind, ()))]
        falling = 0
        for item in asked:
            hits = shop.search(image=item.photo, k=5)
            found[item.kind].append(
                float(np.mean([hit.product.facets["type"] in WORN[item.kind] for hit in hits]))
            )
            falling += all((one.match or 0) >= (other.match or 0) for one, other in pairwise(hits))
        all_of_them = float(np.mean([share for shares in found.values() for share in shares]))
        by_kind = float(np.mean([np.mean(shares) for shares in found.values()]))
        print(
            f"{len(asked)} phone photos in the sample shop of {len(shop)}: type P@5 {all_of_them:.3f}, "
            f"mean of kinds {by_kind:.3f}, matches descend in {falling}"
        )


def report(name: str, sort: str, answers: list[tuple[Trial, Results]]) -> None:
    """One line for one way of searching."""
    sold = [(trial, answer) for trial, answer in answers if trial.sold]
    strange = [(trial, answer) for trial, answer in answers if not trial.sold]
    if not sold:
        return
    groups: dict[str, list[tuple[Trial, Results]]] = defaultdict(list)
    for trial, answer in answers:
        groups[trial.group].append((trial, answer))
    worst = max(
        error(found[start : start + GROUP])
        for found in groups.values()
        for start in range(0, len(found), GROUP)
    )
    falling = all(
        first.match is not None and second.match is not None and first.match >= second.match
        for _, answer in answers
        for first, second in pairwise(answer)
    )
    agree = all(
        answer.good == bool(answer[0].match is not None and answer[0].match >= GOOD)
        for _, answer in answers
        if answer
    )
    right = float(
        np.mean([np.mean([trial.right(hit) for hit in answer[:5]]) for trial, answer in sold if answer])
    )
    print(
        f"{name:9} {sort:6} {len(sold):7} {len(strange):9}  {error(answers):6.3f} {worst:6.3f}"
        f"  {refused(sold):7.3f}  {refused(strange):17.3f}  {right:.3f}  {falling and agree}"
        f"   without strangers {error(sold):.3f}",
        flush=True,
    )
    for group, found in groups.items():
        promised = np.mean([hit.match for _, answer in found for hit in answer])
        came = np.mean([trial.right(hit) for trial, answer in found for hit in answer])
        print(
            f"             {group}: {len(found)} queries, error {error(found):.3f}, "
            f"refused {refused(found):.3f}, promised {promised:.2f}, came true {came:.2f}"
        )


def error(answers: list[tuple[Trial, Results]]) -> float:
    """The expected calibration error over the hits."""
    pairs = [(hit.match or 0.0, trial.right(hit)) for trial, answer in answers for hit in answer]
    return calibration_error(pairs) if pairs else 0.0


def refused(answers: list[tuple[Trial, Results]]) -> float:
    """The share of queries without a good match."""
    return float(np.mean([answer.good is False for _, answer in answers])) if answers else 0.0


def judging(built: BuiltShop) -> float:
    """What judging adds to a query, in milliseconds."""
    taken: list[float] = []
    engine = built.shop.engine
    for trial in built.trials[::5]:
        found = engine.find(trial.query)
        if found.head:
            began = time.perf_counter()
            engine.assess(found)
            taken.append(time.perf_counter() - began)
    return float(np.median(taken)) * 1000


if __name__ == "__main__":
    main()

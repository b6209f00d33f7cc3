"""How well products are recommended, to shoppers whose tastes are known: hit rate and NDCG at 10.

    python benchmarks/recommending.py CATALOG --seeds 7 8 9

CATALOG is a catalog of the Fashion Product Images layout (`lookalike import fashion/styles.csv`); it is
copied, not written to. Each seed makes its own shop: a crowd whose events everybody learns from, and
shoppers with 0, 1, 3, 10 and 50 events, whose next five products are to be found. `pip install implicit`
gives ALS, BPR and its item-kNN; the sources of the blend are also measured alone. The weights of the blend
were chosen on seeds 0, 10 and 20, and seeds 1 to 6 were seen in development; the published figures
are of seeds that were measured once, at the end.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from simulated_shop import NOW, Past, SimulatedShop

from lookalike.catalog.catalog import Catalog
from lookalike.catalog.state import ENCODING_STATE, EncodingState
from lookalike.database import open_database
from lookalike.recommend.blend import MIXING, Mixing
from lookalike.shop import Shop
from lookalike.types import Product

RUNGS = (0, 1, 3, 10, 50)
CROWD = 3000
MEAN_EVENTS = 15.0
K = 10
WORTH = {"view": 1.0, "like": 3.0, "cart": 4.0, "purchase": 6.0}

NOTHING = Mixing(content=0, facts=0, behaviour=0, models=0, lookalikes=0, popular=0, sameness=0, explored=0)
ALONE = {
    "popular": replace(NOTHING, popular=1),
    "content only": replace(NOTHING, content=1),
    "facts only": replace(NOTHING, facts=1),
    # The item models and the walk.
    "behaviour only": replace(NOTHING, behaviour=1, models=MIXING.models),
}
UNEXPLORED = "blend, no place for discovery"
ALONE[UNEXPLORED] = replace(MIXING, explored=0)
NEEDING_NOTHING = ("popular", UNEXPLORED)

Lists = Mapping[str, Sequence[str]]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    parser.add_argument("--shoppers", type=int, default=300, help="shoppers on each rung, for each seed")
    options = parser.parse_args()
    results: dict[str, dict[int, list[tuple[float, float]]]] = {}
    for seed in options.seeds:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "shop.db"
            shutil.copy(options.catalog, copy)
            measure(str(copy), seed, options.shoppers, results)
    print_table(results)


def measure(
    path: str, seed: int, shoppers: int, results: dict[str, dict[int, list[tuple[float, float]]]]
) -> None:
    """Make a shop, let every recommender answer for the same shoppers, and add up what was found."""
    database = open_database(path)
    with Shop(
        Catalog(database, EncodingState.loads(database.settings()[ENCODING_STATE])), clock=lambda: NOW
    ) as shop:
        products = list(every_product(shop))
        simulated = SimulatedShop(products, seed)
        crowd = simulated.crowd(CROWD, MEAN_EVENTS)
        tested = simulated.pasts("tested", shoppers * len(RUNGS), RUNGS)
        for pasts in batched((*crowd, *tested)):
            shop.record(event for past in pasts for event in past.events)
        answers = {
            "blend": {past.shopper: [hit.id for hit in shop.recommend(past.shopper)] for past in tested}
        }
        answers |= sources_alone(shop, tested)
        answers |= factors(crowd, tested)
    for name, lists in answers.items():
        for past in tested:
            if past.shopper in lists:
                score = hit_and_ndcg(lists[past.shopper], past.future)
                results.setdefault(name, {}).setdefault(len(past.events), []).append(score)


def batched(pasts: Sequence[Past], size: int = 100) -> Iterable[Sequence[Past]]:
    """Shoppers a hundred at a time."""
    return (pasts[start : start + size] for start in range(0, len(pasts), size))


def every_product(shop: Shop) -> Iterable[Product]:
    """The products of a catalog."""
    after = ""
    while page := shop.products(after, 1000):
        yield from page
        after = page[-1].id


def sources_alone(shop: Shop, tested: Sequence[Past]) -> dict[str, Lists]:
    """What each source of the blend finds by itself; nothing where it has nothing to start from."""
    found: dict[str, Lists] = {}
    blended = shop.recommender.mixing
    for name, mixing in ALONE.items():
        shop.recommender.mixing = mixing
        starting = [past for past in tested if past.events or name in NEEDING_NOTHING]
        found[name] = {past.shopper: [hit.id for hit in shop.recommend(past.shopper)] for past in starting}
    shop.recommender.mixing = blended
    return found


def factors(crowd: Sequence[Past], tested: Sequence[Past]) -> dict[str, Lists]:
    """What the models of `implicit` find, fitted to everybody's events."""
    from implicit.als import AlternatingLeastSquares
    from implicit.bpr import BayesianPersonalizedRanking
    from implicit.nearest_neighbours import CosineRecommender
    from scipy.sparse import csr_matrix

    everybody = [*crowd, *tested]
    ids = sorted({event.product for past in everybody for event in past.events})
    column = {id: place for place, id in enumerate(ids)}
    cells = [
        (row, column[event.product], WORTH[event.kind])
        for row, past in enumerate(everybody)
        for event in past.events
    ]
    rows, columns, worth = (np.array(values) for values in zip(*cells, strict=True))
    matrix = csr_matrix((worth.astype(np.float32), (rows, columns)), shape=(len(everybody), len(ids)))
    models = {
        "item-kNN (implicit)": CosineRecommender(K=100),
        "ALS (implicit)": AlternatingLeastSquares(factors=64, iterations=15, random_state=0),
        "BPR (implicit)": BayesianPersonalizedRanking(factors=64, iterations=100, random_state=0),
    }
    return {name: recommended(model, matrix, ids, len(crowd), tested) for name, model in models.items()}


def recommended(model, matrix, ids: Sequence[str], offset: int, tested: Sequence[Past]) -> Lists:
    """The lists of one fitted model."""
    model.fit(matrix, show_progress=False)
    found: dict[str, list[str]] = {}
    for place, past in enumerate(tested, offset):
        if past.events:
            columns, _ = model.recommend(place, matrix[place], N=K)
            found[past.shopper] = [ids[column] for column in columns if column >= 0]
    return found


def hit_and_ndcg(found: Sequence[str], future: Sequence[str]) -> tuple[float, float]:
    """Whether any of the next products was found, and NDCG, both at 10."""
    gains = [1.0 / np.log2(place + 2) for place, id in enumerate(found[:K]) if id in future]
    ideal = sum(1.0 / np.log2(place + 2) for place in range(min(K, len(future))))
    return float(bool(gains)), float(sum(gains) / ideal)


def print_table(results: Mapping[str, Mapping[int, list[tuple[float, float]]]]) -> None:
    """Mean and 95% interval of both measures on each rung, and the blend against the best of the others."""
    for measure, title in enumerate(("hit rate@10", "NDCG@10")):
        click.echo(f"\n| {title} | " + " | ".join(f"{rung} events" for rung in RUNGS) + " |")
        click.echo("|---" * (len(RUNGS) + 1) + "|")
        for name, rungs in results.items():
            click.echo(
                f"| {name} | " + " | ".join(interval(rungs.get(rung, []), measure) for rung in RUNGS) + " |"
            )
        click.echo(
            "| blend against the best other | "
            + " | ".join(advantage(results, rung, measure) for rung in RUNGS)
            + " |"
        )


def interval(scores: Sequence[tuple[float, float]], measure: int) -> str:
    """A mean and its 95% interval."""
    if not scores:
        return "-"
    values = np.array(scores)[:, measure]
    return f"{values.mean():.3f} ± {1.96 * values.std() / np.sqrt(len(values)):.3f}"


def advantage(results: Mapping[str, Mapping[int, list[tuple[float, float]]]], rung: int, measure: int) -> str:
    """By how much the blend is better than the best other one, with the 95% interval of paired shoppers."""
    blend = np.array(results["blend"][rung])[:, measure]
    others = {
        name: np.array(rungs[rung])[:, measure]
        for name, rungs in results.items()
        if name not in ("blend", UNEXPLORED) and rung in rungs
    }
    best = max(others, key=lambda name: others[name].mean())
    difference = blend - others[best]
    base = max(others[best].mean(), 1e-9)
    spread = 1.96 * difference.std() / np.sqrt(len(difference))
    return f"{difference.mean() / base:+.0%} ± {spread / base:.0%} ({best})"


if __name__ == "__main__":
    main()

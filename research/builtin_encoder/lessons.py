"""Where the words of the vocabulary lie among general photos: what the text tower is taught."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from lookalike.training.towers import FASHION_BLOCKS, Block
from research.builtin_encoder.dataset import FASHION, Example
from research.builtin_encoder.general_block import GeneralBlock
from research.builtin_encoder.labels import COLOUR_WORDS, GENDER_WORDS, TYPE_WORDS, names_of
from research.builtin_encoder.pack import read_table
from research.builtin_encoder.readout import UNSURE, WORN, Rows
from research.builtin_encoder.texts import tokenize
from research.builtin_encoder.tokens import TokenRows
from research.builtin_encoder.train_words import LOUD, Lessons, Teacher
from research.builtin_encoder.vocabulary import imagenet_names, shoppers_words, vocabulary

# Words for clothes speak in the fashion blocks, and only softly in the general one.
_SOFT = 0.4
_WORN_SHELVES = Path(__file__).with_name("shelves_worn.txt").read_text("utf-8").splitlines()
_GROCERY_NAMES, _GOODS = 1.5, 0.3
_DEPARTMENT_WORDS = {
    "Apparel": ("clothing", "clothes", "garments"),
    "Footwear": ("shoe", "shoes"),
    "Accessories": ("accessory", "fashion accessories"),
    "Personal Care": ("personal care products", "beauty", "cosmetics"),
}
_TYPE, _COLOUR, _TRAIT = FASHION_BLOCKS
# Each label with the block that tells it, the words for it, and how often it is repeated.
_LABEL_BLOCKS: dict[str, tuple[Block, dict[str, tuple[str, ...]], int]] = {
    "type": (_TYPE, TYPE_WORDS, 1),
    "category": (_TYPE, {}, 3),
    "department": (_TYPE, _DEPARTMENT_WORDS, 12),
    "colour": (_COLOUR, COLOUR_WORDS, 1),
    "gender": (_TRAIT, GENDER_WORDS, 1),
}
_FEWEST = 5
_BATCH = 128


def lessons_of(
    work: Path, data: Path, names: Path, minilm: Path, general: GeneralBlock, *, most: int | None = None
) -> Lessons:
    """Read what was measured of the photos, and place the words of the vocabulary among them.

    Of the vocabulary only the first `most`, if given.
    """
    examples = read_table(work / "packs" / "table.json.gz")
    texts = vocabulary(examples, names, data / "judged")[:most]
    vectors = sentence_vectors(texts, minilm)
    classes = imagenet_names(names)
    targets = _targets(examples, classes, general)
    place = {text: row for row, text in enumerate(texts)}
    known = [(place[text], where, much) for text, where, much in targets if text in place]
    teacher = Teacher(
        vectors[[row for row, _, _ in known]],
        np.stack([where for _, where, _ in known]),
        np.array([much for _, _, much in known], np.float32),
    )
    places = np.concatenate([teacher(part) for part in np.array_split(vectors, 32)]).astype(np.float32)
    norm = np.linalg.norm(places, axis=1, keepdims=True)
    places *= np.minimum(LOUD, LOUD * norm / np.median(norm)) / norm
    worn = _worn(texts, vectors, classes)
    places[worn] *= _SOFT
    common = np.array(sorted({place[text] for text in shoppers_words(examples, names) if text in place}))
    labels, fashion = _labels(examples, np.load(work / "fashion-rows.npy"))
    titles, phrases = _fashion_texts(work / "packs" / "texts.npz", examples)
    return Lessons(tokenize(texts), places, worn, common, tokenize(labels), fashion, titles, phrases)


def sentence_vectors(texts: Sequence[str], model: Path) -> Rows:
    """Return MiniLM's vectors: the mean of its tokens, as units."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, network = AutoTokenizer.from_pretrained(model), AutoModel.from_pretrained(model).eval()
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    found = np.zeros((len(texts), network.config.hidden_size), np.float32)
    with torch.no_grad():
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            batch = tokenizer([texts[row] for row in rows], padding=True, return_tensors="pt")
            states, mask = network(**batch).last_hidden_state, batch["attention_mask"][:, :, None].float()
            mean = (states * mask).sum(1) / mask.sum(1)
            found[rows] = torch.nn.functional.normalize(mean, dim=1).numpy()
    return found


def _targets(
    examples: Sequence[Example], classes: Sequence[tuple[str, ...]], general: GeneralBlock
) -> list[tuple[str, Rows, float]]:
    """Names, the direction that finds their photos in the general block, and how much each name counts."""
    pictured = [e for e in examples if e.photo and e.source != "fashion-small"]
    photos: dict[tuple[str, float], list[int]] = defaultdict(list)
    for row, example in enumerate(pictured):
        if example.split != "train":
            continue
        if example.source == "objects":
            photos[example.labels["object"].replace("_", " "), _GROCERY_NAMES].append(row)
        elif example.source == "grocery":
            family = example.labels["family"].replace("-", " ")
            for name in (example.title, example.labels["product"], family):
                photos[name, _GROCERY_NAMES].append(row)
        elif example.source == "goods":
            photos[example.title, _GOODS].append(row)
    towards_classes, towards_photos = general.directions(pictured, list(photos.values()))
    found = [
        (name, towards, 1 / len(names))
        for names, towards in zip(classes, towards_classes, strict=True)
        for name in names
    ]
    found += [(name, towards, much) for (name, much), towards in zip(photos, towards_photos, strict=True)]
    return found


def _worn(texts: Sequence[str], vectors: Rows, classes: Sequence[tuple[str, ...]]) -> NDArray[np.bool_]:
    """Which words speak of what is worn: those we know, and those that mean something like them."""
    certain = {kind.lower() for kind in TYPE_WORDS} | {way for ways in TYPE_WORDS.values() for way in ways}
    certain |= set(_WORN_SHELVES)
    yes = certain | {name for names in classes if WORN.intersection(names) for name in names}
    no = {name for names in classes if not (WORN | UNSURE).intersection(names) for name in names} - yes
    rows = [row for row, text in enumerate(texts) if text in yes or text in no]
    model = LogisticRegression(C=20, class_weight="balanced", max_iter=500)
    model.fit(vectors[rows], [texts[row] in yes for row in rows])
    found = np.asarray(model.predict(vectors), bool)
    found[[row for row, text in enumerate(texts) if text in certain]] = True
    return found


def _labels(examples: Sequence[Example], raw: Rows) -> tuple[list[str], Rows]:
    """Names of classes of clothes, and where the photos of each class are in the block that tells them apart.

    Rarely said classes with many members, such as departments, are repeated.
    """
    pictured = [e for e in examples if e.photo]
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, example in enumerate(pictured):
        if example.split == "train" and example.source in FASHION:
            for name in _LABEL_BLOCKS:
                if name in example.labels:
                    members[name, example.labels[name]].append(row)
    labels: list[str] = []
    targets: list[Rows] = []
    for (name, value), rows in members.items():
        if len(rows) < _FEWEST:
            continue
        block, words, times = _LABEL_BLOCKS[name]
        units = raw[rows][:, block.place]
        units = units / np.linalg.norm(units, axis=1, keepdims=True)
        target = np.zeros(raw.shape[1], np.float32)
        target[block.place] = LOUD * _unit(_even_mean(units, [pictured[row].labels["type"] for row in rows]))
        for word in names_of(value, words):
            labels += [word] * times
            targets += [target] * times
    return labels, np.stack(targets)


def _even_mean(units: Rows, types: Sequence[str]) -> Rows:
    """The mean of a class in which no article type counts more than the others."""
    kinds, place = np.unique(np.array(types), return_inverse=True)
    means = [
        units[place == kind].mean(0) * min(1.0, (place == kind).sum() / 30) ** 0.5
        for kind in range(len(kinds))
    ]
    return np.mean(means, axis=0)


def _fashion_texts(file: Path, examples: Sequence[Example]) -> tuple[TokenRows, TokenRows]:
    held = np.load(file)
    titles = TokenRows(held["title_tokens"], held["title_ends"])
    kept = [i for i, e in enumerate(examples) if e.source.startswith("fashion") and e.split == "train"]
    return titles.chosen(kept), TokenRows(held["phrase_tokens"], held["phrase_ends"])


def _unit(row: Rows) -> Rows:
    return (row / np.linalg.norm(row)).astype(np.float32)

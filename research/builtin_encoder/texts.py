"""Titles and phrases as token numbers, so that the training machine needs no tokenizer."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lookalike.encoders.text.hashing import token_ids
from research.builtin_encoder.dataset import Example
from research.builtin_encoder.labels import SAYABLE, phrase
from research.builtin_encoder.tokens import TokenRows
from research.builtin_encoder.towers import BUCKETS

PHRASES = 20_000


def tokenize(texts: Sequence[str]) -> TokenRows:
    """Turn texts into token numbers."""
    rows = [np.array(token_ids(text, BUCKETS), np.uint16) for text in texts]
    ends = np.cumsum([len(row) for row in rows])
    return TokenRows(np.concatenate(rows) if rows else np.zeros(0, np.uint16), ends)


def make_phrases(examples: Sequence[Example], seed: int) -> tuple[list[str], list[dict[str, str]]]:
    """Make different phrases about fashion products, rare types as often as common ones nearly."""
    dice = random.Random(seed)
    told = [e for e in examples if "type" in e.labels and e.split == "train"]
    counts: dict[str, int] = {}
    for example in told:
        counts[example.labels["type"]] = counts.get(example.labels["type"], 0) + 1
    odds = [counts[e.labels["type"]] ** -0.5 for e in told]
    made: dict[str, dict[str, str]] = {}
    for example in dice.choices(told, odds, k=PHRASES * 3):
        text, said = phrase(example.labels, dice)
        if said and len(made) < PHRASES:
            made.setdefault(text, said)
    return list(made), list(made.values())


def write_texts(examples: Sequence[Example], target: Path, seed: int = 0) -> None:
    """Write the titles of all examples and the phrases made from their labels."""
    titles = tokenize([e.title for e in examples])
    phrases, said = make_phrases(examples, seed)
    rows = tokenize(phrases)
    np.savez_compressed(
        target,
        title_tokens=titles.tokens,
        title_ends=titles.ends,
        phrase_tokens=rows.tokens,
        phrase_ends=rows.ends,
        said=np.array([[labels.get(name, "") for name in SAYABLE] for labels in said]),
    )

"""Turns text into the input of a text network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from lookalike.encoders.spec import Tokens
from lookalike.encoders.text.hashing import hashing_tokenizer
from lookalike.errors import BadModel, ExtraMissing, install_command

Tokenizer: TypeAlias = "Callable[[str], dict[str, np.ndarray[Any, Any]]]"
PUNCTUATION = re.compile(r"[^\w\s]")


def tokenizer(tokens: Tokens, vocabulary: Path | None) -> Tokenizer:
    """Return the tokenizer that a record describes; without a vocabulary, words are hashed."""
    if vocabulary is None:
        return hashing_tokenizer(tokens.buckets)
    return _pieces(tokens, vocabulary)


def _pieces(tokens: Tokens, vocabulary: Path) -> Tokenizer:
    try:
        from tokenizers import Tokenizer as Pieces
    except ImportError as error:
        raise ExtraMissing(f"This text model needs a tokenizer: {install_command('models')}.") from error
    try:
        pieces = Pieces.from_file(str(vocabulary))
    except Exception as error:  # tokenizers raises plain Exception
        raise BadModel(f"{vocabulary} is not a valid tokenizer: {error}.") from error
    pieces.no_padding()
    pieces.enable_truncation(tokens.longest)
    if tokens.padded:
        pieces.enable_padding(length=tokens.longest, pad_id=tokens.pad)

    def numbers(text: str) -> dict[str, np.ndarray[Any, Any]]:
        text = text.lower() if tokens.lowercase else text
        text = text if tokens.keep_punctuation else PUNCTUATION.sub("", text)
        found = pieces.encode(text)
        return {
            "input_ids": np.array([found.ids], np.int64),
            "attention_mask": np.array([found.attention_mask], np.int64),
            "token_type_ids": np.zeros((1, len(found.ids)), np.int64),
        }

    return numbers

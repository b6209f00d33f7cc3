"""Writes the tokenizer of CLIP models as a file for `tokenizers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lookalike.encoders.spec import ModelFile, Tokens
from lookalike.errors import BadModel

# CLIP's pre-tokenization, before byte-pair merges.
WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def clip_tokenizer(theirs: Any, name: str) -> tuple[Tokens, Callable[[str], object]]:
    """Return the record of an open_clip tokenizer, and the function that saves it."""
    file = ModelFile(f"{name}-tokenizer.json")
    longest = int(theirs.context_length)
    if hasattr(theirs, "bpe_ranks"):
        return Tokens(file, longest=longest, padded=True, pad=0), _byte_pairs(theirs).save
    backend = getattr(getattr(theirs, "tokenizer", None), "backend_tokenizer", None)
    if backend is None:
        raise BadModel(f"The tokenizer of {name} cannot be written as a file.")
    cleaned = "canonicalize" in str(getattr(theirs, "clean_fn", ""))
    pad = int(theirs.tokenizer.pad_token_id or 0)
    tokens = Tokens(file, longest, True, pad, lowercase=cleaned, keep_punctuation=not cleaned)
    return tokens, backend.save


def _byte_pairs(theirs: Any) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import BPE

    merges = [pair for pair, _ in sorted(theirs.bpe_ranks.items(), key=lambda item: item[1])]
    made = Tokenizer(
        BPE(vocab=dict(theirs.encoder), merges=merges, end_of_word_suffix="</w>", unk_token="<end_of_text>")
    )
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    made.normalizer = normalizers.Sequence([normalizers.NFC(), spaces, normalizers.Lowercase()])
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    first, last = int(theirs.sot_token_id), int(theirs.eot_token_id)
    made.post_processor = processors.TemplateProcessing(
        single="<first> $A <last>", special_tokens=[("<first>", first), ("<last>", last)]
    )
    return made

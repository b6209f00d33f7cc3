"""TF-IDF: weights words by their rarity in the catalog."""

from __future__ import annotations

import hashlib
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from lookalike.errors import Conflict
from lookalike.vectors.sparse import SparseRows

# The default token of scikit-learn, whose vectors these equal: words of two characters or more.
WORD = re.compile(r"(?u)\b\w\w+\b")


class TfIdf:
    """A text encoder fitted to a catalog."""

    name = "tfidf"

    def __init__(self, documents: int, counts: Mapping[str, int]) -> None:
        self.documents = documents
        self._counts = dict(sorted(counts.items()))
        self._columns = {word: column for column, word in enumerate(self._counts)}
        seen = np.fromiter(self._counts.values(), np.float64, len(self._counts))
        self._idf = np.log((1 + documents) / (1 + seen)) + 1
        self._space = f"tfidf@{hashlib.sha256(self._canonical()).hexdigest()[:16]}"

    @classmethod
    def fit(cls, texts: Iterable[str], most: int = 0) -> TfIdf:
        """Fit to a catalog's texts; `most` keeps only the most frequent words."""
        documents, counts, total = 0, Counter[str](), Counter[str]()
        for text in texts:
            found = WORD.findall(text.lower())
            documents += 1
            counts.update(set(found))
            if most:
                total.update(found)
        if most:
            kept = sorted(counts, key=lambda word: (-total[word], word))[:most]
            return cls(documents, {word: counts[word] for word in kept})
        return cls(documents, counts)

    @property
    def space(self) -> str:
        """The identity of the vectors; every fit has its own."""
        return self._space

    @property
    def dim(self) -> int:
        """The size of the vocabulary."""
        return len(self._columns)

    @property
    def words(self) -> Sequence[str]:
        """The word of each column."""
        return list(self._columns)

    def encode_texts(self, texts: Sequence[str]) -> SparseRows:
        """Return one unit row per text; a text without known words gives an empty row."""
        starts = np.zeros(len(texts) + 1, np.int64)
        columns: list[int] = []
        values: list[float] = []
        for row, text in enumerate(texts):
            known = (self._columns.get(word) for word in WORD.findall(text.lower()))
            counts = sorted(Counter(column for column in known if column is not None).items())
            weights = [count * float(self._idf[column]) for column, count in counts]
            length = math.sqrt(sum(weight * weight for weight in weights))
            columns.extend(column for column, _ in counts)
            values.extend(weight / length for weight in weights)
            starts[row + 1] = len(columns)
        return SparseRows(starts, np.array(columns, np.int32), np.array(values, np.float32), self.dim)

    def drift(self, texts: Iterable[str]) -> float:
        """The share of these texts' words that the fit does not know, from 0 to 1."""
        words = [word for text in texts for word in WORD.findall(text.lower())]
        return sum(word not in self._columns for word in words) / len(words) if words else 0.0

    def dumps(self) -> bytes:
        """Serialize for the database."""
        return zlib.compress(self._canonical())

    @classmethod
    def loads(cls, data: bytes) -> TfIdf:
        """Deserialize from the database."""
        try:
            facts: Any = json.loads(zlib.decompress(data))
            documents, counts = int(facts["documents"]), cast("dict[str, int]", facts["counts"])
            return cls(documents, {str(word): int(count) for word, count in counts.items()})
        except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
            raise Conflict(
                "The stored word counts of this catalog are damaged. Import its feed again."
            ) from error

    def _canonical(self) -> bytes:
        return json.dumps(
            {"documents": self.documents, "counts": self._counts}, sort_keys=True, ensure_ascii=False
        ).encode("utf-8", "surrogatepass")

"""What a score is worth: the chance that a hit is right, and whether anything in the catalogue is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from lookalike.catalog.state import EncodingState
from lookalike.index import Index, Probe
from lookalike.search.out_of_domain import OutOfDomainClassifier
from lookalike.search.query import QueryVectors
from lookalike.text import facet_text, label
from lookalike.types import Hit, Query, Vector

CALIBRATION = "matching"
NEAREST = 10
# A photo this near to a product's is a photo of it, resized or packed anew: of 8,709 photos of other things
# one came so near to any of 6,595 products (benchmarks/outsiders.py).
SAME_PHOTO = 0.985
WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Curve:
    """How often hits of a score were right: straight lines between measured points."""

    scores: tuple[float, ...]
    shares: tuple[float, ...]

    def at(self, score: float) -> float:
        """The chance that a hit of this score is right."""
        return float(np.interp(score, self.scores, self.shares))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What `lookalike evaluate` learned of one catalogue's scores.

    `looks` has a curve for each category and one, under the empty name, for all. A photo whose
    nearness is below `least_near` shows nothing that the shop sells; words whose best score is below
    `least_said` name nothing in it, and words that none of their best hits carries need `least_strange`.
    """

    facet: str
    image_space: str
    text_space: str
    learned: str
    looks: Mapping[str, Curve]
    words: Curve | None = None
    named: float = 1.0
    least_near: float | None = None
    least_said: float | None = None
    least_strange: float | None = None
    outsiders: OutOfDomainClassifier | None = None

    @classmethod
    def of(cls, settings: Mapping[str, str], encoding: EncodingState) -> Calibration | None:
        """What was learned for the spaces that are searched now; None where nothing was."""
        kept = settings.get(CALIBRATION)
        if kept is None:
            return None
        found = cls.loads(kept)
        known = (found.image_space, found.text_space, found.learned)
        return found if known == (encoding.image_space, encoding.text_space, encoding.learned) else None

    @classmethod
    def loads(cls, text: str) -> Calibration:
        """Back from a setting of the database."""
        values = json.loads(text)
        values["looks"] = {name: _curve(curve) for name, curve in values["looks"].items()}
        values["words"] = _curve(values["words"]) if values["words"] else None
        outsiders = values["outsiders"]
        values["outsiders"] = (
            OutOfDomainClassifier(outsiders["space"], tuple(outsiders["weights"])) if outsiders else None
        )
        return cls(**values)

    def dumps(self) -> str:
        """As a setting of the database."""
        return json.dumps(asdict(self))

    def assess(
        self, hits: Sequence[Hit], query: Query, vectors: QueryVectors, index: Index
    ) -> tuple[tuple[Hit, ...], bool | None]:
        """The hits with their chance of being right, and whether the catalogue has what was asked for."""
        shows = query.image is not None or query.vector is not None
        told = tuple(replace(hit, match=self._chance(hit, query, vectors, shows)) for hit in hits)
        if not told:
            return told, False
        if shows and vectors.image is not None and self.least_near is not None:
            near = self.nearness(index, vectors.image) >= self.least_near
            return told, near or _sold(index, vectors.image)
        if query.product is None and not shows and self.least_said is not None:
            least = self.least_said
            if self.least_strange is not None and not carried(query.text or "", told):
                least = max(least, self.least_strange)
            best = max(_said(hit, vectors) for hit in told)
            return told, best >= least or any(hit.parts.get("keyword") for hit in told)
        return told, True

    def nearness(self, index: Index, image: Vector) -> float:
        """How near a picture comes to what is sold: by what was learned, or by its nearest products."""
        if self.outsiders is not None:
            return float(self.outsiders.score(image)[0])
        answer = index.search(Probe(image=image, image_weight=1.0, k=NEAREST, grouped=False))
        return float(np.mean([match.image or 0.0 for match in answer.matches])) if answer.matches else 0.0

    def _chance(self, hit: Hit, query: Query, vectors: QueryVectors, shows: bool) -> float | None:
        if not shows and query.product is None:
            if hit.parts.get("keyword"):
                return self.named
            return round(self.words.at(_said(hit, vectors)), 4) if self.words else None
        if vectors.image is None or not self.looks:
            return None
        category = label(hit.product.facets.get(self.facet))
        curve = self.looks.get(category) or self.looks[""]
        look = curve.at(hit.parts["image"])
        if query.text and shows and self.words:
            # Words that a hit carries are true of it, however little the picture let them count.
            said = self.named if hit.parts.get("keyword") else self.words.at(hit.parts["text"])
            look = vectors.image_weight * look + vectors.text_weight * said
        return round(look, 4)


def carried(words: str, hits: Sequence[Hit]) -> bool:
    """Whether any of the words, or one that begins like it, stands in a title or facet of the best hits."""
    asked = {word for word in WORD.findall(words.lower()) if len(word) >= SHORTEST}
    for hit in hits[:NEAREST]:
        said = " ".join((hit.product.title, *map(facet_text, hit.product.facets.values()))).lower()
        if any(_alike(word, each) for each in set(WORD.findall(said)) for word in asked):
            return True
    return False


def _alike(one: str, other: str) -> bool:
    """Whether two words are the same but for what is added at the end."""
    shorter = min(len(one), len(other))
    return one == other or (shorter > SHORTEST and one[:shorter] == other[:shorter])


def _sold(index: Index, image: Vector) -> bool:
    """Whether the photo is a product's own, which the shop has whatever the photo is like."""
    # Only unit vectors have a similarity that is 1 for the same photo.
    if abs(float(image @ image) - 1) > 1e-3:
        return False
    answer = index.search(Probe(image=image, image_weight=1.0, k=1, grouped=False))
    return any((match.image or 0.0) >= SAME_PHOTO for match in answer.matches)


def _said(hit: Hit, vectors: QueryVectors) -> float:
    return vectors.image_weight * hit.parts["image"] + vectors.text_weight * hit.parts["text"]


def _curve(values: Mapping[str, Sequence[float]]) -> Curve:
    return Curve(tuple(values["scores"]), tuple(values["shares"]))

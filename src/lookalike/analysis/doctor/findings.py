"""Findings: what may be wrong with a product, and the likely correction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "duplicate",
    "variant",
    "photo and title disagree",
    "doubtful category",
    "doubtful colour",
    "blank photo",
    "tiny photo",
    "blurred photo",
    "watermark",
    "missing photo",
    "missing field",
    "broken link",
    "outlier",
]

KINDS: dict[Kind, str] = {
    "duplicate": "two products show the same picture: merge them, or give one its own photo",
    "variant": "products that differ only in colour: give them one group, so that they do not flood results",
    "photo and title disagree": "the photo looks like another kind of thing than title and category say",
    "doubtful category": "photo and title both suggest another category",
    "doubtful colour": "photo and title both suggest another colour",
    "blank photo": "the photo shows nothing",
    "tiny photo": "the photo is too small to compare well",
    "blurred photo": "the photo is out of focus",
    "watermark": "the same faint mark lies over several photos",
    "missing photo": "the product has no photo",
    "missing field": "nearly all other products have this field",
    "broken link": "the link is broken",
    "outlier": "nothing else in the catalog is similar. Does it belong here?",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A possible problem for a person to check."""

    kind: Kind
    product: str
    confidence: float
    field: str = ""
    now: str = ""
    likely: str = ""
    other: str = ""

    @property
    def id(self) -> str:
        """The same for the same problem of the same product, in every check."""
        about = "\0".join((self.kind, self.product, self.field, self.now, self.other))
        return hashlib.blake2b(about.encode(), digest_size=12).hexdigest()

    @property
    def sentence(self) -> str:
        """The finding as a sentence."""
        match self.kind:
            case "duplicate":
                return f"shows the same picture as {self.other}"
            case "variant":
                return f"differs from {self.other} only in colour: group them as {self.likely}"
            case "photo and title disagree":
                return f"is called {self.now}, but its photo looks like {self.likely}"
            case "doubtful category" | "doubtful colour":
                return f"{self.field} is {self.now}, but {self.likely} is likely"
            case "missing field":
                return f"has no {self.field}"
            case "broken link":
                return f"links to {self.now}: {self.likely}"
            case _:
                return KINDS[self.kind]

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {**asdict(self), "confidence": round(self.confidence, 3), "sentence": self.sentence}


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each kind, in the order of the kinds."""
    counts = Counter(finding.kind for finding in findings)
    return {kind: counts[kind] for kind in KINDS if counts[kind]}

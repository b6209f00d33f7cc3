"""Short phrases as shoppers type them, made from labels."""

from __future__ import annotations

import random

from lookalike.training.labels import COLOUR_WORDS, GENDER_WORDS, PATTERN_WORDS, TYPE_WORDS, names_of

_MENTIONS = (
    (("colour", "type"), 0.4),
    (("type",), 0.12),
    (("colour",), 0.08),
    (("gender", "type"), 0.08),
    (("gender", "colour", "type"), 0.12),
    (("pattern", "type"), 0.05),
    (("colour", "pattern", "type"), 0.12),
)
_KNOWN = {"type": TYPE_WORDS, "colour": COLOUR_WORDS, "gender": GENDER_WORDS, "pattern": PATTERN_WORDS}
SAYABLE = tuple(_KNOWN)


def phrase(labels: dict[str, str], dice: random.Random) -> tuple[str, dict[str, str]]:
    """Say some of a product's labels in words, and which ones were said."""
    mentions = dice.choices([m for m, _ in _MENTIONS], [w for _, w in _MENTIONS])[0]
    said = {name: labels[name] for name in mentions if name in labels}
    facet_text: list[str] = []
    for name, value in said.items():
        ways = names_of(value, _KNOWN[name])
        facet_text.append(ways[0] if dice.random() < 0.5 else dice.choice(ways))
    if dice.random() < 0.25:
        dice.shuffle(facet_text)
    return " ".join(facet_text), said

"""The model zoo: every named encoder, as data.

`unverified` names the facts that neither a public page nor a download has confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lookalike.encoders.spec import EncoderSpec, Kind
from lookalike.encoders.zoo.photos import PHOTO_MODELS
from lookalike.encoders.zoo.photos_and_words import JOINT_MODELS
from lookalike.encoders.zoo.words import WORD_MODELS

MODELS: tuple[EncoderSpec, ...] = (*PHOTO_MODELS, *JOINT_MODELS, *WORD_MODELS)


def by_kind(kind: Kind, records: Iterable[EncoderSpec] = MODELS) -> Mapping[str, EncoderSpec]:
    """Return the records of one kind by name."""
    return {record.name: record for record in records if record.kind == kind}

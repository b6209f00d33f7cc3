"""The specification of an encoder, as data: its files, preprocessing and output."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Literal, TypeAlias, cast

from lookalike.errors import BadModel

Resize: TypeAlias = Literal["squash", "crop", "squash-crop", "pad"]
Filter: TypeAlias = Literal["nearest", "bilinear", "bicubic", "box", "lanczos"]
Pooling: TypeAlias = Literal["none", "avg", "max", "cls", "mask-mean"]
Kind: TypeAlias = Literal["image", "text"]

NEVER_REDUCED = 1_000_000
# Width of hashed text towers whose record predates the field.
HASH_BUCKETS = 16_384
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model; an empty digest is unknown."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    path: str
    sha256: str = ""
    md5: str = ""
    size: int = 0

    def __post_init__(self) -> None:
        path = PurePosixPath(self.path)
        if not self.path or path.is_absolute() or ".." in path.parts or "\\" in self.path:
            raise BadModel(f"The model file {self.path!r} must be in the folder of its record.")


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How an image becomes numbers: resizing first, then (pixel * scale - mean) / std per channel."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    side: int = 224
    resize: Resize = "crop"
    shorter: int = 256
    filter: Filter = "bilinear"
    fill: int = 255
    scale: float = 1 / 255
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    channels: Literal["RGB", "BGR"] = "RGB"
    layout: Literal["NCHW", "NHWC"] = "NCHW"

    def __post_init__(self) -> None:
        if self.side < 1 or ("crop" in self.resize and self.shorter < self.side):
            raise BadModel(f"A crop of {self.side} pixels exceeds the shorter side of {self.shorter}.")

    @property
    def needs(self) -> int:
        """The minimum length of the shorter side when a photo is decoded at reduced size."""
        if self.filter == "nearest":
            # Nearest-neighbor resizing picks single pixels, which differ in a reduced image.
            return NEVER_REDUCED
        return self.shorter if "crop" in self.resize else self.side


@dataclass(frozen=True, slots=True)
class Tokens:
    """How text becomes numbers; without a file, words are hashed."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    file: ModelFile | None = None
    longest: int = 128
    padded: bool = False
    pad: int = 0
    lowercase: bool = False
    keep_punctuation: bool = True
    buckets: int = HASH_BUCKETS


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """Everything needed to run an encoder and to get the same vectors on every machine.

    `any_size` allows photos of `pixels.side` for a network that was exported for another size.
    `export` is the argument of `lookalike export --from` that creates its file, if there is no download.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    name: str
    kind: Kind
    file: ModelFile
    summary: str = ""
    repository: str = ""
    revision: str = ""
    licence: str = ""
    export: str = ""
    companions: tuple[ModelFile, ...] = ()
    input: str = ""
    any_size: bool = False
    output: str = ""
    pooling: Pooling = "none"
    normalise: bool = True
    dim: int = 0
    pixels: Preprocessing = Preprocessing()
    tokens: Tokens = Tokens()
    unverified: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[ModelFile, ...]:
        """Every file that the encoder needs."""
        tokenizer = (self.tokens.file,) if self.kind == "text" and self.tokens.file else ()
        return (self.file, *self.companions, *tokenizer)

    @property
    def size(self) -> int:
        """The total size of all files, as far as known."""
        return sum(file.size for file in self.files)

    def space(self, digest: str) -> str:
        """The identity of the vectors, given the digest of the model file."""
        facts = asdict(self)
        steps = {key: facts[key] for key in ("input", "output", "pooling", "normalise", "kind")}
        prepared = facts["pixels" if self.kind == "image" else "tokens"]
        if prepared.get("buckets") == HASH_BUCKETS:
            # Encoders from before this field existed must keep their identity.
            del prepared["buckets"]
        steps["prepared"] = prepared
        canonical = json.dumps([digest, steps], sort_keys=True)
        return f"{self.name}@{hashlib.sha256(canonical.encode()).hexdigest()[:16]}"


def read_record(path: Path) -> EncoderSpec:
    """Read a record from a JSON or TOML file."""
    from pydantic import TypeAdapter, ValidationError

    try:
        text = path.read_text("utf-8")
        facts: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise BadModel(f"The encoder record {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadModel(
            f"The encoder record {path} is not valid {path.suffix[1:].upper()}: {error}."
        ) from error
    if isinstance(facts, dict):
        named = cast("dict[str, Any]", facts)
        named.setdefault("name", path.stem)
        if isinstance(named.get("file"), str):
            named["file"] = {"path": named["file"]}
    try:
        return TypeAdapter(EncoderSpec).validate_python(facts)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the record"
        raise BadModel(f"The encoder record {path} is invalid at {place}: {first['msg']}.") from error

"""From the name of an encoder to its record and files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from lookalike.encoders.files import Source
from lookalike.encoders.onnx.keras import is_keras
from lookalike.encoders.spec import EncoderSpec, Kind, read_record
from lookalike.encoders.zoo import by_kind
from lookalike.errors import BadModel, ModelMissing, UnknownRecipe, UsageError
from lookalike.settings import settings

# The encoder that ships in the package: two towers, one space.
BUILTIN = "builtin"
BUILTIN_FOLDER = Path(__file__).parent / "builtin"
GRAPHS = (".onnx", ".h5", ".keras")
MODELS = (".json", ".toml")
LARGEST_RECORD = 100_000
KINDS: tuple[Kind, ...] = ("image", "text")
WITHOUT_FILES: dict[str, tuple[Kind, ...]] = {"pixels": ("image",), "tfidf": ("text",)}


def is_path(name: str) -> bool:
    """Whether a name means a file rather than an entry of the zoo."""
    return Path(name).suffix.lower() in GRAPHS + MODELS


def kinds(name: str) -> tuple[Kind, ...]:
    """What an encoder of this name reads."""
    if name in WITHOUT_FILES:
        return WITHOUT_FILES[name]
    if name == BUILTIN:
        return KINDS
    if own := tuple[Kind, ...](kind for kind in KINDS if _own_record(name, kind)):
        return own
    if is_path(name):
        return (from_path(Path(name)).record.kind,)
    found = tuple[Kind, ...](kind for kind in KINDS if name in by_kind(kind))
    if not found:
        raise _unknown(name, "image")
    return found


def source(name: str, kind: Kind) -> Source:
    """The record of an encoder and where its files are looked for."""
    if name == "tfidf":
        raise UsageError("TF-IDF counts the words of a catalog: open one whose recipe uses it.")
    if is_path(name):
        found = from_path(Path(name))
        if found.record.kind != kind:
            raise UsageError(f"{name} reads {found.record.kind}s, so it cannot be the {kind} encoder.")
        return found
    if name == BUILTIN:
        return from_path(BUILTIN_FOLDER / f"{kind}.json")
    if own := _own_record(name, kind):
        return from_path(own)
    record = by_kind(kind).get(name)
    if record is None:
        raise _unknown(name, kind)
    return Source(record)


def from_path(path: Path) -> Source:
    """The record of a model file: the one beside it, or what its graph lets conclude."""
    if not path.is_file():
        raise ModelMissing(f"There is no model file {path}: check the path, or switch to another recipe.")
    # Not resolved: in the cache of a hub a file is a link to where nothing else of the model lies.
    folder = path.absolute().parent
    if path.suffix.lower() in MODELS:
        return Source(read_record(path), folder)
    beside = [path.with_suffix(suffix) for suffix in MODELS if path.with_suffix(suffix).is_file()]
    if beside:
        return Source(_belongs(read_record(beside[0]), path), folder)
    if is_keras(path):
        raise BadModel(
            f"Keras weights need a record that says how photos are prepared: put "
            f"{path.with_suffix('.json').name} beside {path}. docs/encoders.md has one to copy."
        )
    from lookalike.encoders.onnx.infer_spec import deduced

    return Source(deduced(path), folder)


def _own_record(name: str, kind: Kind) -> Path | None:
    """The record in the folder of one's own models, which may name a new encoder or replace a known one.

    It is NAME/image.json or NAME/text.json, a record of that kind in the folder NAME, or one beside these
    folders that is called NAME or was exported from what the zoo exports NAME from.
    """
    own = settings().models
    if own is None or Path(name).name != name:
        return None
    path = own / name / f"{kind}.json"
    if path.is_file():
        return path
    known = by_kind(kind).get(name)
    wanted = known.export if known is not None else ""
    for path in sorted((own / name).glob("*.json")):
        if _record_facts(path).get("kind") == kind:
            return path
    for path in sorted([*own.glob("*.json"), *own.glob("*/*.json")]):
        facts = _record_facts(path)
        called = facts.get("name", path.stem) == name and path.parent == own
        exported = wanted and facts.get("export") == wanted
        if facts.get("kind") == kind and (called or exported):
            return path
    return None


def _record_facts(path: Path) -> dict[str, Any]:
    """What a JSON file says, if it is a record: a tokenizer or a broken file is nothing to look into here."""
    # A tokenizer may be large, and a record never is.
    if path.stat().st_size > LARGEST_RECORD:
        return {}
    try:
        facts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", facts) if isinstance(facts, dict) and "file" in facts else {}


def _belongs(record: EncoderSpec, path: Path) -> EncoderSpec:
    if Path(record.file.path).name != path.name:
        raise BadModel(f"The record beside {path} describes {record.file.path}, another file.")
    return record


def _unknown(name: str, kind: Kind) -> UnknownRecipe:
    known = ", ".join([BUILTIN, *sorted(by_kind(kind))])
    return UnknownRecipe(f"No {kind} encoder is called {name!r}; there are {known}, and paths to ONNX files.")

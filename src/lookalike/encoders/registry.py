"""Finds the record and files of an encoder by its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from lookalike.encoders.files import Source
from lookalike.encoders.onnx.keras import is_keras, refuse_whole_model
from lookalike.encoders.spec import EncoderSpec, Kind, read_record
from lookalike.encoders.zoo import by_kind
from lookalike.errors import BadModel, ModelMissing, UnknownRecipe, UsageError
from lookalike.settings import settings

# The encoder in the package: two towers, one space.
BUILTIN = "builtin"
BUILTIN_FOLDER = Path(__file__).parent / "builtin"
GRAPHS = (".onnx", ".h5", ".keras")
MODELS = (".json", ".toml")
LARGEST_RECORD = 100_000
KINDS: tuple[Kind, ...] = ("image", "text")
WITHOUT_FILES: dict[str, tuple[Kind, ...]] = {"pixels": ("image",), "tfidf": ("text",)}


def is_path(name: str) -> bool:
    """Whether a name is a path to a file rather than an entry of the zoo."""
    return Path(name).suffix.lower() in GRAPHS + MODELS


def kinds(name: str) -> tuple[Kind, ...]:
    """Return what an encoder of this name embeds: images or text."""
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
    """Return the record of an encoder and the folder of its files."""
    if name == "tfidf":
        raise UsageError("TF-IDF is fitted to the texts of a catalog. Open a catalog whose recipe uses it.")
    if is_path(name):
        found = from_path(Path(name))
        if found.record.kind != kind:
            raise UsageError(f"{name} embeds {found.record.kind}s and cannot be the {kind} encoder.")
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
    """Return the record of a model file: the one beside it, or one inferred from its graph."""
    if not path.is_file():
        raise ModelMissing(f"There is no model file {path}. Check the path, or switch to another recipe.")
    # Not resolved: in a hub's cache, the file is a link to a folder without the model's other files.
    folder = path.absolute().parent
    if path.suffix.lower() in MODELS:
        return Source(read_record(path), folder)
    beside = [path.with_suffix(suffix) for suffix in MODELS if path.with_suffix(suffix).is_file()]
    if beside:
        return Source(_belongs(read_record(beside[0]), path), folder)
    refuse_whole_model(path)
    if is_keras(path):
        raise BadModel(
            f"Keras weights need a record that describes preprocessing. Put "
            f"{path.with_suffix('.json').name} beside {path}. Copy one from docs/encoders.md."
        )
    from lookalike.encoders.onnx.infer_spec import deduced

    return Source(deduced(path), folder)


def _own_record(name: str, kind: Kind) -> Path | None:
    """Return a record from the operator's model folder, which may add an encoder or replace a known one.

    It is NAME/image.json or NAME/text.json, a record of that kind in the folder NAME, or one beside these
    folders that is called NAME or was exported from the same source as NAME in the zoo.
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
    """Parse a JSON file as a record; None if it is something else, such as a tokenizer."""
    # A tokenizer may be large, a record is not.
    if path.stat().st_size > LARGEST_RECORD:
        return {}
    try:
        facts = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", facts) if isinstance(facts, dict) and "file" in facts else {}


def _belongs(record: EncoderSpec, path: Path) -> EncoderSpec:
    if Path(record.file.path).name != path.name:
        raise BadModel(f"The record beside {path} describes another file, {record.file.path}.")
    return record


def _unknown(name: str, kind: Kind) -> UnknownRecipe:
    known = ", ".join([BUILTIN, *sorted(by_kind(kind))])
    return UnknownRecipe(f"Unknown {kind} encoder {name!r}. Use one of {known}, or a path to an ONNX file.")

"""Locates the files of a model and verifies them against its record."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lookalike.encoders.spec import EncoderSpec, ModelFile
from lookalike.errors import BadModel, ModelMissing
from lookalike.settings import settings

LARGE = 32_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A record and the folder it was found in; None means the standard model folders."""

    record: EncoderSpec
    folder: Path | None = None

    def here(self, file: ModelFile) -> Path | None:
        """Return the path of a file, if it exists."""
        return next((path for path in self._places(file) if path.is_file()), None)

    def complete(self) -> bool:
        """Whether all files are on this machine."""
        return all(self.here(file) for file in self.record.files)

    def path(self, file: ModelFile) -> Path:
        """Return the path of a file. Raises with the command that downloads it if it is missing."""
        if path := self.here(file):
            return path
        record = self.record
        if self.folder is not None:
            raise ModelMissing(
                f"The file {file.path} of the encoder {record.name} is missing from {self.folder}."
            )
        if not record.repository:
            raise ModelMissing(_export_hint(record))
        size = f", {record.size / 1e6:.0f} MB" if record.size else ""
        raise ModelMissing(
            f"The {record.kind} encoder {record.name} ({record.summary}{size}) is not on this machine: run "
            f"'lookalike models pull {record.name}'. The recipe 'pixels' works without it."
        )

    def verified(self, file: ModelFile) -> tuple[Path, str]:
        """Return the path of a file and its sha256, verified against the record."""
        path = self.path(file)
        digest = sha256(path)
        if file.sha256 and digest != file.sha256:
            raise BadModel(
                f"{path} does not match the record of {self.record.name} (sha256 "
                f"{digest[:12]}… instead of {file.sha256[:12]}…). For the published file, move this one away "
                f"and run 'lookalike models pull {self.record.name}'; to use your own weights, put a record "
                f"{self.record.kind}.json beside them."
            )
        return path, digest

    def check_md5(self, file: ModelFile) -> None:
        """Verify a file whose record has only an md5."""
        if not file.md5 or file.sha256:
            return
        path = self.path(file)
        with path.open("rb") as opened:
            found = hashlib.file_digest(opened, "md5").hexdigest()
        if found != file.md5:
            raise BadModel(
                f"{path} is not the published file of {self.record.name} (md5 {found[:12]}… instead of "
                f"{file.md5[:12]}…). If these are weights of your own, ignore this; otherwise move the file "
                f"away and run 'lookalike models pull {self.record.name}'."
            )

    def _places(self, file: ModelFile) -> Iterator[Path]:
        record = self.record
        if self.folder is not None:
            yield self.folder / file.path
            return
        if (own := settings().models) is not None:
            for folder in (own / record.name / record.kind, own / record.name):
                yield folder / file.path
                yield folder / Path(file.path).name
        if record.repository and "://" not in record.repository:
            repository = hub_cache() / f"models--{record.repository.replace('/', '--')}"
            yield repository / "snapshots" / commit(repository, record.revision) / file.path
        elif record.repository:
            yield own_cache() / "models" / file.path


def _export_hint(record: EncoderSpec) -> str:
    models = settings().models or "MODELS"
    setting = "" if settings().models else f" and set LOOKALIKE_MODELS={models}"
    return (
        f"The {record.kind} encoder {record.name} ({record.summary}) is not on this machine: run "
        f"'lookalike export --from {record.export} -o {models}/{record.name}'{setting}. "
        "The recipe 'pixels' works without it."
    )


def commit(repository: Path, revision: str) -> str:
    """Return the commit to which the hub's cache resolves a revision."""
    reference = repository / "refs" / revision
    return reference.read_text("utf-8").strip() if reference.is_file() else revision


def hub_cache() -> Path:
    """Return the model hub's cache folder, which all programs on this machine share."""
    if folder := os.environ.get("HF_HUB_CACHE"):
        return Path(folder)
    home = os.environ.get("HF_HOME")
    return (Path(home) if home else _caches() / "huggingface") / "hub"


def own_cache() -> Path:
    """Return the folder for models that do not come from a hub."""
    return _caches() / "lookalike"


def sha256(path: Path) -> str:
    """Return the sha256 of a file; for large files, cached while size and time stay the same."""
    facts = path.stat()
    if facts.st_size < LARGE:
        return _hashed(path)
    known = own_cache() / "hashes" / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()}.json"
    state = [facts.st_size, facts.st_mtime_ns]
    # If the note is missing or damaged, the file is read again.
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads(known.read_text("utf-8"))
        if note["state"] == state:
            return str(note["sha256"])
    digest = _hashed(path)
    with contextlib.suppress(OSError):
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps({"state": state, "sha256": digest, "path": str(path)}), "utf-8")
    return digest


def _hashed(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise BadModel(f"The model file {path} cannot be read: {error.strerror}.") from error


def _caches() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")

"""Downloads model files into the hub's standard cache: resumed after an interruption, verified before use.

The operator chooses the source, including mirrors and proxies on a private network, so the restrictions of
`media/fetch.py` for user-supplied URLs do not apply.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from lookalike.encoders.files import Source, hub_cache, own_cache
from lookalike.encoders.spec import EncoderSpec, ModelFile
from lookalike.encoders.zoo import MODELS
from lookalike.errors import (
    AccessDenied,
    BadModel,
    Conflict,
    ExtraMissing,
    NotFound,
    Unavailable,
    UnknownRecipe,
    install_command,
)

Progress: TypeAlias = "Callable[[str, int, int], None]"

CHUNK = 1 << 20
TIMEOUT = 30.0
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Remote:
    """A download in progress: its URL, its metadata and its target."""

    url: str
    size: int
    sha256: str
    headers: dict[str, str]
    blob: Path
    link: Path | None = None
    reference: Path | None = None
    commit: str = ""


def named(name: str, records: Sequence[EncoderSpec] = MODELS) -> list[EncoderSpec]:
    """Return the records behind a name: both towers, if the model has two."""
    found = [record for record in records if record.name == name]
    if not found:
        known = ", ".join(dict.fromkeys(record.name for record in records))
        raise UnknownRecipe(f"Unknown model {name!r}. Use one of {known}.")
    return found


def pull(record: EncoderSpec, progress: Progress = lambda file, done, total: None) -> list[Path]:
    """Download the missing files of a record. Returns the paths of all."""
    source = Source(record)
    return [_pulled(source, file, progress) for file in record.files]


def _pulled(source: Source, file: ModelFile, progress: Progress) -> Path:
    if source.here(file) is None:
        if not source.record.repository:
            raise NotFound(
                f"{source.record.name} has no download. Run 'lookalike export --from "
                f"{source.record.export} -o MODELS/{source.record.name}' and set LOOKALIKE_MODELS=MODELS."
            )
        _install(source.record, file, progress)
    return source.verified(file)[0]


def _install(record: EncoderSpec, file: ModelFile, progress: Progress) -> None:
    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}
    if offline:
        raise Unavailable(
            f"HF_HUB_OFFLINE is set, so {record.name} cannot be pulled. Unset it, or put {file.path} "
            f"into the folder {record.name}/{record.kind} below LOOKALIKE_MODELS."
        )
    remote = _on_web(record, file) if "://" in record.repository else _on_hub(record, file)
    remote.blob.parent.mkdir(parents=True, exist_ok=True)
    if not remote.blob.is_file():
        _download(remote, record, file, progress)
    if remote.reference:
        remote.reference.parent.mkdir(parents=True, exist_ok=True)
        remote.reference.write_text(remote.commit, "utf-8")
    if remote.link:
        _link(remote.link, remote.blob)


def _on_web(record: EncoderSpec, file: ModelFile) -> Remote:
    blob = own_cache() / "models" / file.path
    return Remote(f"{record.repository}/{file.path}", file.size, file.sha256, {}, blob)


def _on_hub(record: EncoderSpec, file: ModelFile) -> Remote:
    try:
        from huggingface_hub import errors as hub
        from huggingface_hub import get_hf_file_metadata, hf_hub_url
        from huggingface_hub.utils import build_hf_headers
    except ImportError as error:
        raise _extra_missing() from error
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    revision = record.revision or "main"
    url = hf_hub_url(record.repository, file.path, revision=revision, endpoint=endpoint)
    page = f"{endpoint}/{record.repository}"
    try:
        facts = get_hf_file_metadata(url, timeout=TIMEOUT, endpoint=endpoint)
    except hub.GatedRepoError as error:
        raise AccessDenied(
            f"{page} requires permission. Request access there, then log in with 'hf auth login'."
        ) from error
    except hub.RepositoryNotFoundError as error:
        raise NotFound(
            f"{page} does not exist or is private. If it is private, log in with 'hf auth login'."
        ) from error
    except (hub.EntryNotFoundError, hub.RevisionNotFoundError) as error:
        raise NotFound(f"{page} has no file {file.path} at revision {revision}.") from error
    # The client raises its own errors and those of its transport, which differ between versions.
    except Exception as error:
        raise _unreachable(endpoint, error) from error
    if not facts.etag or not facts.commit_hash:
        raise Unavailable(f"{endpoint} is not a model hub. Check HF_ENDPOINT.")
    headers = build_hf_headers()
    if urlsplit(facts.location).netloc != urlsplit(endpoint).netloc:
        # Only the hub gets the token, not the storage to which it redirects.
        headers.pop("authorization", None)
    folder = hub_cache() / f"models--{record.repository.replace('/', '--')}"
    known = facts.etag if SHA256.fullmatch(facts.etag) else ""
    return Remote(
        url=facts.location,
        size=facts.size or file.size,
        sha256=file.sha256 or known,
        headers=headers,
        blob=folder / "blobs" / facts.etag,
        link=folder / "snapshots" / facts.commit_hash / file.path,
        reference=folder / "refs" / revision if revision != facts.commit_hash else None,
        commit=facts.commit_hash,
    )


def _download(remote: Remote, record: EncoderSpec, file: ModelFile, progress: Progress) -> None:
    try:
        from filelock import FileLock, Timeout
    except ImportError as error:
        raise _extra_missing() from error
    part = remote.blob.with_name(f"{remote.blob.name}.lookalike-part")
    try:
        with FileLock(f"{part}.lock", timeout=0):
            _transfer(remote, part, file, progress)
            _refuse_other(remote, part, record, file)
            part.replace(remote.blob)
    except Timeout as error:
        raise Conflict(f"Another process is pulling {record.name}: wait for it.") from error
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            raise NotFound(f"{remote.url} does not exist.") from error
        raise _unreachable(remote.url, error) from error
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(remote.url, error) from error


def _transfer(remote: Remote, part: Path, file: ModelFile, progress: Progress) -> None:
    have = part.stat().st_size if part.is_file() else 0
    if remote.size and have >= remote.size:
        return
    headers = {"User-Agent": "lookalike", **remote.headers}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(remote.url, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        # A server without range requests sends the whole file again.
        resumed = answer.status == 206
        done = have if resumed else 0
        total = remote.size or done + int(answer.headers.get("Content-Length") or 0)
        with part.open("ab" if resumed else "wb") as opened:
            while chunk := answer.read(CHUNK):
                opened.write(chunk)
                done += len(chunk)
                progress(file.path, done, total)
    if total and done < total:
        raise OSError(f"the connection ended after {done:,} of {total:,} bytes")


def _refuse_other(remote: Remote, part: Path, record: EncoderSpec, file: ModelFile) -> None:
    """Delete a file that fails verification, before anyone can load it."""
    for method, wanted in (("sha256", remote.sha256), ("md5", file.md5)):
        if not wanted:
            continue
        with part.open("rb") as opened:
            found = hashlib.file_digest(opened, method).hexdigest()
        if found != wanted:
            part.unlink()
            raise BadModel(
                f"The file {file.path} of {record.name} does not match ({method} {found[:12]}… "
                f"instead of {wanted[:12]}…): it was deleted. Check HF_ENDPOINT."
            )


def _unreachable(place: str, error: Exception) -> Unavailable:
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return Unavailable(
        f"{place} cannot be reached, or the connection was interrupted ({reason[0][:120]}): "
        "Run the same command again to resume."
    )


def _link(link: Path, blob: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(os.path.relpath(blob, link.parent))
    except OSError:
        # On Windows, only some users may create links.
        shutil.copyfile(blob, link)


def _extra_missing() -> ExtraMissing:
    return ExtraMissing(f"Pulling models needs the hub's client: {install_command('models')}.")

"""Exports networks of other libraries as ONNX files with records, checked against their source."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lookalike.encoders.spec import EncoderSpec, Filter, ModelFile, Preprocessing, Resize, Tokens
from lookalike.errors import BadModel, ExtraMissing, UnknownRecipe, install_command

BATCHES = (1, 2, 5)
ALIKE = 0.999
OPSET = 18
WORDS = ("a red shirt", "blue jeans for men", "shoes", "a long dress with small white flowers", "hat")
FILTERS: Mapping[str, Filter] = {
    "nearest": "nearest",
    "bilinear": "bilinear",
    "bicubic": "bicubic",
    "lanczos": "lanczos",
    "box": "box",
}


@dataclass(frozen=True, slots=True)
class Tower:
    """A network to export: its module, its inputs and the name of its output."""

    record: EncoderSpec
    module: Any
    inputs: tuple[str, ...]
    output: str
    save_tokenizer: Callable[[str], object] | None = None


def export(source: str, folder: Path, weights: Path | None = None) -> list[Path]:
    """Export LIBRARY:NAME as ONNX with its record into a folder; `weights` is a checkpoint of your own."""
    library, _, name = source.partition(":")
    load = LIBRARIES.get(library)
    if load is None or not name:
        raise UnknownRecipe(f"{source!r} is not LIBRARY:NAME with a library of {', '.join(LIBRARIES)}.")
    _library("onnxscript")
    written: list[Path] = []
    folder.mkdir(parents=True, exist_ok=True)
    for tower in load(name, weights):
        # The zoo finds an exported encoder by its source.
        tower = replace(tower, record=replace(tower.record, export=source))
        # Only verified files are moved to their final name.
        with tempfile.TemporaryDirectory(dir=folder) as made:
            for file in _write(tower, Path(made)):
                written.append(file.replace(folder / file.name))
    return written


def _write(tower: Tower, folder: Path) -> list[Path]:
    torch = _library("torch")
    record = tower.record
    graph = folder / record.file.path
    tower.module.eval()
    fed = _examples(tower, 2, folder)
    batch = torch.export.Dim("batch", min=1, max=4096)
    shapes = (
        {0: batch}
        if record.kind == "image" or record.tokens.padded
        else {0: batch, 1: torch.export.Dim("length", min=1, max=512)}
    )
    with torch.no_grad():
        torch.onnx.export(
            tower.module,
            tuple(fed.values()),
            str(graph),
            input_names=list(tower.inputs),
            output_names=[tower.output],
            dynamic_shapes=tuple(shapes for _ in fed),
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
        dim = _check(tower, graph, folder)
    digest = hashlib.sha256(graph.read_bytes()).hexdigest()
    record = replace(record, dim=dim, file=ModelFile(graph.name, digest, size=graph.stat().st_size))
    files = [graph]
    if record.tokens.file:
        tokenizer = folder / record.tokens.file.path
        digest = hashlib.sha256(tokenizer.read_bytes()).hexdigest()
        file = ModelFile(tokenizer.name, digest, size=tokenizer.stat().st_size)
        record = replace(record, tokens=replace(record.tokens, file=file))
        files.append(tokenizer)
    described = graph.with_suffix(".json")
    described.write_text(json.dumps(asdict(record), indent=2) + "\n", "utf-8")
    return [*files, described]


def _examples(tower: Tower, count: int, folder: Path) -> dict[str, Any]:
    """Return a small batch of inputs: noise for images, sentences for text."""
    torch = _library("torch")
    if tower.record.kind == "image":
        side = tower.record.pixels.side
        noise = np.random.default_rng(count).normal(size=(count, 3, side, side)).astype(np.float32)
        return {tower.inputs[0]: torch.from_numpy(noise)}
    from lookalike.encoders.text.tokenizer import tokenizer

    tokens = tower.record.tokens
    file = folder / (tokens.file.path if tokens.file else "")
    if tower.save_tokenizer and not file.is_file():
        tower.save_tokenizer(str(file))
    rows = [tokenizer(tokens, file)(text) for text in WORDS[:count]]
    longest = max(row["input_ids"].shape[1] for row in rows)
    return {
        name: torch.from_numpy(
            np.concatenate([np.pad(row[name], ((0, 0), (0, longest - row[name].shape[1]))) for row in rows])
        )
        for name in tower.inputs
    }


def _check(tower: Tower, graph: Path, folder: Path) -> int:
    """Compare the file with its source at several batch sizes. Returns the length of its vectors."""
    import onnxruntime

    session: Any = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    dim = 0
    for count in BATCHES:
        fed = _examples(tower, count, folder)
        theirs = tower.module(*fed.values()).numpy().reshape(count, -1)
        ours = session.run([tower.output], {name: value.numpy() for name, value in fed.items()})[0]
        dim = ours.shape[-1]
        # Untrained networks may return tiny values, whose products underflow in single precision.
        ours, theirs = ours.reshape(count, -1).astype(np.float64), theirs.astype(np.float64)
        lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
        alike = float(((ours * theirs).sum(axis=1) / np.maximum(lengths, 1e-300)).min())
        if not alike >= ALIKE:
            raise BadModel(
                f"The exported {tower.record.name} differs from its source (cosine {alike:.4f} at batch "
                f"{count}): nothing was written."
            )
    return dim


def _timm(name: str, weights: Path | None) -> list[Tower]:
    timm = _library("timm")
    model = timm.create_model(name, pretrained=weights is None, num_classes=0)
    _load(model, weights)
    facts = timm.data.resolve_model_data_config(model)
    side = int(facts["input_size"][-1])
    pixels = Preprocessing(
        side=side,
        resize="squash" if facts["crop_mode"] == "squash" else "crop",
        shorter=max(side, int(side / facts["crop_pct"])),
        filter=_filter(facts["interpolation"]),
        mean=tuple(facts["mean"]),
        std=tuple(facts["std"]),
    )
    return [_picture_tower(name, f"timm:{name}", model, pixels)]


def _torchvision(name: str, weights: Path | None) -> list[Tower]:
    models = _library("torchvision").models
    chosen = models.get_model_weights(name).DEFAULT
    model = models.get_model(name, weights=chosen if weights is None else None)
    _load(model, weights)
    _behead(model, name)
    facts = chosen.transforms()
    side = int(facts.crop_size[0])
    pixels = Preprocessing(
        side=side,
        shorter=max(side, int(facts.resize_size[0])),
        filter=_filter(facts.interpolation.value),
        mean=tuple(facts.mean),
        std=tuple(facts.std),
    )
    return [_picture_tower(name, f"torchvision:{name}", model, pixels)]


def _open_clip(name: str, weights: Path | None) -> list[Tower]:
    from lookalike.encoders.text.clip_tokenizer import clip_tokenizer

    open_clip, torch = _library("open_clip"), _library("torch")
    architecture, _, tag = name.partition("/") if not name.startswith("hf-hub:") else (name, "", "")
    model = open_clip.create_model(architecture, pretrained=str(weights) if weights else tag or None)
    if not (tag or weights or name.startswith("hf-hub:")):
        raise UnknownRecipe(f"open_clip:{name} has no weights. Write open_clip:{architecture}/TAG.")
    facts = open_clip.get_model_preprocess_cfg(model)
    size: Any = facts["size"]
    side = int(size if isinstance(size, int) else size[0])
    resize: Mapping[str, Resize] = {"shortest": "crop", "longest": "pad", "squash": "squash"}
    pixels = Preprocessing(
        side=side,
        resize=resize[facts["resize_mode"]],
        shorter=side,
        filter=_filter(facts["interpolation"]),
        fill=int(facts.get("fill_color", 0)),
        mean=tuple(facts["mean"]),
        std=tuple(facts["std"]),
    )
    tokens, save = clip_tokenizer(open_clip.get_tokenizer(architecture), _slug(name))
    towers = _called(torch, model, "encode_image"), _called(torch, model, "encode_text")
    words = EncoderSpec(
        name=_slug(name),
        kind="text",
        file=ModelFile(f"{_slug(name)}-text.onnx"),
        summary=f"exported from open_clip:{name}, words",
        output="text_embeds",
        tokens=tokens,
    )
    return [
        _picture_tower(name, f"open_clip:{name}, pictures", towers[0], pixels),
        Tower(words, towers[1], ("input_ids",), "text_embeds", save),
    ]


def _sentence_transformers(name: str, weights: Path | None) -> list[Tower]:
    library, torch = _library("sentence_transformers"), _library("torch")
    model = library.SentenceTransformer(str(weights or name), device="cpu")
    parts = {type(part).__name__: part for part in model}
    strange = parts.keys() - {"Transformer", "Pooling", "Normalize"}
    pooling = parts["Pooling"].get_config_dict() if "Pooling" in parts else {}
    mode = pooling.get("pooling_mode", "")
    mode = mode or next(
        (key for key in ("mean", "cls") if pooling.get(f"pooling_mode_{key}_token{'s' * (key == 'mean')}")),
        "",
    )
    if strange or mode not in {"mean", "cls"}:
        raise BadModel(
            f"{name} has steps that a record cannot describe: {', '.join(strange) or 'its pooling'}."
        )
    tokenizer = model.tokenizer
    inputs = tuple(
        key for key in ("input_ids", "attention_mask", "token_type_ids") if key in tokenizer.model_input_names
    )
    record = EncoderSpec(
        name=_slug(Path(name).name),
        kind="text",
        file=ModelFile(f"{_slug(Path(name).name)}.onnx"),
        summary=f"exported from sentence-transformers:{name}",
        output="last_hidden_state",
        pooling="mask-mean" if mode == "mean" else "cls",
        tokens=Tokens(
            ModelFile(f"{_slug(Path(name).name)}-tokenizer.json"), longest=int(model.max_seq_length or 512)
        ),
    )
    module = _hidden_state(torch, parts["Transformer"].auto_model, inputs)
    return [Tower(record, module, inputs, "last_hidden_state", tokenizer.backend_tokenizer.save)]


LIBRARIES: Mapping[str, Callable[[str, Path | None], list[Tower]]] = {
    "timm": _timm,
    "torchvision": _torchvision,
    "open_clip": _open_clip,
    "sentence-transformers": _sentence_transformers,
}


def _picture_tower(name: str, summary: str, module: Any, pixels: Preprocessing) -> Tower:
    record = EncoderSpec(
        name=_slug(name),
        kind="image",
        file=ModelFile(f"{_slug(name)}.onnx"),
        summary=f"exported from {summary}",
        input="pixel_values",
        output="image_embeds",
        pixels=pixels,
    )
    return Tower(record, module, ("pixel_values",), "image_embeds")


def _called(torch: Any, model: Any, method: str) -> Any:
    """Calls another method of a module as its forward method."""

    class Called(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, values: Any) -> Any:
            return getattr(self.model, method)(values)

    return Called()


def _hidden_state(torch: Any, model: Any, inputs: tuple[str, ...]) -> Any:
    class HiddenState(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, first: Any, second: Any = None, third: Any = None) -> Any:
            fed = dict(zip(inputs, (first, second, third), strict=False))
            return self.model(**fed).last_hidden_state

    return HiddenState()


def _behead(model: Any, name: str) -> None:
    """Remove the classification layer."""
    nn = _library("torch").nn
    for head in ("fc", "classifier", "heads", "head"):
        found: Any = getattr(model, head, None)
        if isinstance(found, nn.Sequential) and isinstance(found[-1], nn.Linear):
            found[-1] = nn.Identity()
            return
        if isinstance(found, nn.Linear):
            setattr(model, head, nn.Identity())
            return
    raise BadModel(f"torchvision:{name} does not end in a classification layer that can be removed.")


def _load(model: Any, weights: Path | None) -> None:
    if weights is None:
        return
    try:
        state = _library("torch").load(weights, map_location="cpu", weights_only=True)
        missing = model.load_state_dict(state.get("state_dict", state), strict=False).missing_keys
    except Exception as error:  # torch raises whatever the pickle machinery trips over
        raise BadModel(
            f"{weights} does not contain weights of this network: {str(error).splitlines()[0]}"
        ) from error
    if missing:
        raise BadModel(f"{weights} does not contain weights of this network: {missing[0]} is missing.")


def _filter(name: str) -> Filter:
    if name not in FILTERS:
        raise BadModel(f"This network resizes images with {name!r}, which a record cannot describe.")
    return FILTERS[name]


def _slug(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name.removeprefix("hf-hub:")).strip("-.") or "model"


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ExtraMissing(f"Exporting needs {name}: {install_command('export')} {name}") from error

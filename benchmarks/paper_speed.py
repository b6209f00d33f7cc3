"""How fast photos are embedded: the papers' own loop, fastembed, and `import`, on the same weights.

    KERAS_BACKEND=torch python benchmarks/paper_speed.py PHOTOS --count 100

PHOTOS is a folder of JPEGs. Weights are random, so this measures speed and memory, not quality:
ResNet-50 as Keras' weight file for the papers' loop (`load_img`, `model.predict`, one photo at a time) and
the recipe `resnet50-max`; ResNet-50 as an ONNX file for fastembed and the recipe `resnet50`. Each way runs
in a process of its own, which reports its peak memory. `--clock cpu` counts processor time, with one thread
for the others, because threads that wait for each other on a busy machine would count against them.
`pip install keras h5py torch transformers onnxscript fastembed` gives what is compared with.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from timing import CLOCKS, Clock

Way: TypeAlias = "Callable[[Path, Sequence[Path], Clock], float]"
KERAS_FILE = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
FASTEMBED_CONFIG = {
    "image_processor_type": "CLIPImageProcessor",
    "do_resize": True,
    "size": {"shortest_edge": 256},
    "do_center_crop": True,
    "crop_size": {"height": 224, "width": 224},
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
    "resample": 2,
}


@dataclass(frozen=True)
class Figure:
    """What one way reached."""

    name: str
    rate: float
    megabytes: float


def papers_loop(models: Path, photos: Sequence[Path], clock: Clock) -> float:
    """Babu and Jose: one photo is read, prepared, predicted and normalized after the other."""
    keras = importlib.import_module("keras")
    if clock is CLOCKS["cpu"]:
        importlib.import_module("torch").set_num_threads(1)
    resnet50 = keras.applications.resnet50
    network = resnet50.ResNet50(weights=None, include_top=False, input_shape=(224, 224, 3))
    network.load_weights(models / "resnet50-keras-max" / KERAS_FILE)
    model = keras.Sequential([network, keras.layers.GlobalMaxPooling2D()])

    def embed(path: Path) -> None:
        picture = keras.utils.load_img(path, target_size=(224, 224))
        values = np.expand_dims(keras.utils.img_to_array(picture), axis=0)
        row = np.asarray(model.predict(resnet50.preprocess_input(values), verbose=0)).flatten()
        row / np.linalg.norm(row)

    embed(photos[0])
    began = clock()
    for path in photos:
        embed(path)
    return len(photos) / (clock() - began)


def fastembed(models: Path, photos: Sequence[Path], clock: Clock) -> float:
    """fastembed's ImageEmbedding with its own defaults."""
    library = importlib.import_module("fastembed")
    threads = 1 if clock is CLOCKS["cpu"] else None
    place = str(models / "resnet50")
    encoder = library.ImageEmbedding("Qdrant/resnet50-onnx", threads=threads, specific_model_path=place)
    list(encoder.embed([str(photos[0])]))
    began = clock()
    rows = list(encoder.embed([str(path) for path in photos]))
    return len(rows) / (clock() - began)


def lookalike_import(recipe: str) -> Way:
    """A whole import: decode, embed, thumbnails, transactions."""

    def run(models: Path, photos: Sequence[Path], clock: Clock) -> float:
        os.environ["LOOKALIKE_MODELS"] = str(models)
        from lookalike import Photo, Product, Shop

        with tempfile.TemporaryDirectory() as folder, Shop.open(f"{folder}/shop.db", recipe) as shop:
            shop.add([Product("warm", photos=(Photo(str(photos[0])),))])
            goods = [Product(path.stem, photos=(Photo(str(path)),)) for path in photos]
            began = clock()
            report = shop.add(goods)
            taken = clock() - began
        if report.failed:
            raise SystemExit(f"{report.failed} photos failed: {report.problems[0].reason}")
        return len(photos) / taken

    return run


WAYS: dict[str, Way] = {
    "the papers' loop (Keras)": papers_loop,
    "import, resnet50-max": lookalike_import("resnet50-max"),
    "fastembed, ResNet-50": fastembed,
    "import, resnet50": lookalike_import("resnet50"),
}


def make_models(models: Path) -> None:
    """ResNet-50 with random weights, once as Keras writes it and once as ONNX."""
    torch, transformers = importlib.import_module("torch"), importlib.import_module("transformers")
    keras, h5py = importlib.import_module("keras"), importlib.import_module("h5py")
    layout = importlib.import_module("keras.src.legacy.saving.legacy_h5_format")
    for name in ("resnet50", "resnet50-keras-max"):
        (models / name).mkdir(parents=True)
    model = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(224, 224, 3))
    with h5py.File(models / "resnet50-keras-max" / KERAS_FILE, "w") as opened:
        layout.save_weights_to_hdf5_group(opened, model)

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = transformers.ResNetModel(transformers.ResNetConfig())

        def forward(self, pictures: object) -> object:
            return self.model(pictures).pooler_output

    torch.onnx.export(
        Pooled().eval(),
        (torch.zeros(2, 3, 224, 224),),
        str(models / "resnet50" / "model.onnx"),
        input_names=["input"],
        output_names=["output"],
        dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=512)},),
        external_data=False,
        verbose=False,
    )
    (models / "resnet50" / "preprocessor_config.json").write_text(json.dumps(FASTEMBED_CONFIG))


def measure(name: str, models: Path, photos: Sequence[Path], clock: str) -> Figure:
    """Run one way in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        rate, kilobytes = pool.apply(_measured, (name, models, photos, clock))
    return Figure(name, rate, kilobytes / 1000)


def _measured(name: str, models: Path, photos: Sequence[Path], clock: str) -> tuple[float, int]:
    return WAYS[name](models, photos, CLOCKS[clock]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Measure all ways and print them side by side."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    asked = parser.parse_args()
    photos = sorted(asked.photos.glob("*.jpg"))[: asked.count]
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            pool.apply(make_models, (models,))
        figures = [measure(name, models, photos, asked.clock) for name in WAYS]
    loop, _, theirs, _ = figures
    print(f"{len(photos)} photos, {os.cpu_count()} cores, {asked.clock} seconds")  # noqa: T201
    print(f"{'':26} photos/s  x Keras  x fastembed  peak MB")  # noqa: T201
    for figure in figures:
        ratios = f"{figure.rate / loop.rate:8.2f} {figure.rate / theirs.rate:12.2f}"
        print(f"{figure.name:26} {figure.rate:8.1f} {ratios} {figure.megabytes:8.0f}")  # noqa: T201


if __name__ == "__main__":
    main()

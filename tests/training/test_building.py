"""From a folder of data sets to an encoder in one command."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from research.builtin_encoder.train import Order, build

from lookalike.encoders import image_encoder
from lookalike.training import warm_start
from lookalike.training.loop import Plan

SMALL = Plan(
    steps=3, widths=(8, 8, 16, 16, 16), depths=(0, 0, 1, 0), sizes=((1.0, 32),), studio=12, home=0, objects=0
)
COLUMNS = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a small fashion set."""
    images = tmp_path / "data" / "fashion" / "images"
    images.mkdir(parents=True)
    with (images.parent / "styles.csv").open("w", newline="") as written:
        table = csv.writer(written)
        table.writerow(COLUMNS.split(","))
        for number in range(48):
            name, shade = ("Red", (200, 30, 30)) if number % 2 else ("Blue", (30, 30, 200))
            kind = "Belts" if number % 3 else "Ties"
            facts = (number, "Men", "Accessories", kind, kind, name, "Fall", 2012, "Casual")
            table.writerow([*facts, f"{name} {kind} {number}"])
            picture = Image.new("RGB", (60, 80), "white")
            picture.paste(shade, (10, 30, 50, 50) if kind == "Belts" else (25, 5, 35, 75))
            picture.save(images / f"{number}.jpg")
    return tmp_path / "data"


def test_the_encoder_is_half_way_between_where_its_two_runs_ended(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    out, work = tmp_path / "encoder", tmp_path / "work"
    found = build(Order(data, work, out, plans=(SMALL, SMALL), everything=True))
    assert found["image, float32"].lowest > 0.999
    ends = [torch.load(work / f"run-{turn}" / "checkpoint.pt")["steady"] for turn in (1, 2)]
    made = warm_start.image_tower(out / "image.onnx").state_dict()
    for name in ("project.weight", "attention.weight"):
        first, second = (end[f"image.{name}"] for end in ends)
        assert not torch.equal(first, second)
        torch.testing.assert_close(made[name], (first + second) / 2, rtol=0, atol=1e-6)
    rows = image_encoder(str(out / "image.json"), 1).encode_images([Image.new("RGB", (40, 40), "red")])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-4)

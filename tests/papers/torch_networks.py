"""AlexNet, ResNet-50 and BERT with random weights, as their own libraries build and run them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def alexnet() -> Any:
    """AlexNet as torchvision builds it."""
    from torch import nn

    def convolution(*shape: int, **how: int) -> list[Any]:
        return [nn.Conv2d(*shape, **how), nn.ReLU()]

    pool = nn.MaxPool2d(3, 2)
    return nn.Sequential(
        *convolution(3, 64, 11, stride=4, padding=2),
        pool,
        *convolution(64, 192, 5, padding=2),
        pool,
        *convolution(192, 384, 3, padding=1),
        *convolution(384, 256, 3, padding=1),
        *convolution(256, 256, 3, padding=1),
        pool,
        nn.AdaptiveAvgPool2d((6, 6)),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(256 * 6 * 6, 4096),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, 1000),
    ).eval()


def resnet50() -> Any:
    """ResNet-50 with its average pool, as transformers builds it."""
    from torch import nn
    from transformers import ResNetConfig, ResNetModel

    class Pooled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = ResNetModel(ResNetConfig())

        def forward(self, pictures: Any) -> Any:
            return self.model(pictures).pooler_output

    return Pooled().eval()


def written(model: Any, path: Path, input_name: str, output_name: str, batch: bool) -> Path:
    """Export a network of pictures, with a batch of any size or of one."""
    import torch

    shapes = ({0: torch.export.Dim("batch", min=1, max=64)},) if batch else None
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model,
        (torch.zeros(2 if batch else 1, 3, 224, 224),),
        str(path),
        input_names=[input_name],
        output_names=[output_name],
        dynamic_shapes=shapes,
        external_data=False,
        verbose=False,
    )
    return path


def as_torchvision_reads(
    pictures: list[Image.Image],
    filter: Image.Resampling = Image.Resampling.BILINEAR,
    squash: bool = False,
    side: int = 224,
) -> Any:
    """Resize(256) or Resize((256, 256)), CenterCrop(side), ToTensor, Normalize."""
    import torch

    prepared: list[np.ndarray] = []
    for picture in pictures:
        wide, high = picture.size
        size = (256, 256 * high // wide) if wide <= high else (256 * wide // high, 256)
        size = (256, 256) if squash else size
        resized = picture.resize(size, filter)
        left, top = round((size[0] - side) / 2), round((size[1] - side) / 2)
        values = np.asarray(resized.crop((left, top, left + side, top + side)), np.float32) / 255
        prepared.append(((values - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)).transpose(2, 0, 1))
    return torch.from_numpy(np.stack(prepared).astype(np.float32))


def bert(folder: Path) -> Path:
    """A BERT of two layers and 768 values with mean pooling, as sentence-transformers saves its models."""
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    letters = [chr(code) for code in range(97, 123)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    inner = folder / "bert"
    inner.mkdir(parents=True)
    (inner / "vocab.txt").write_text("\n".join([*pieces, "red", "blue", "box", "plate", "slice"]))
    BertTokenizerFast(str(inner / "vocab.txt"), do_lower_case=True).save_pretrained(inner)
    config = BertConfig(vocab_size=80, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)
    BertModel(config).save_pretrained(inner)
    words = models.Transformer(str(inner), max_seq_length=128)
    SentenceTransformer(modules=[words, models.Pooling(768)], device="cpu").save(str(folder))
    return folder

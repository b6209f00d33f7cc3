"""Preprocessing for the networks of the zoo."""

from __future__ import annotations

from lookalike.encoders.spec import CLIP_MEAN, CLIP_STD, Preprocessing

HALF = (0.5, 0.5, 0.5)
# Keras' "caffe" preprocessing: BGR, means subtracted, not scaled.
CAFFE = Preprocessing(
    resize="squash",
    filter="nearest",
    scale=1.0,
    mean=(103.939, 116.779, 123.68),
    std=(1.0, 1.0, 1.0),
    channels="BGR",
)
CLIP = Preprocessing(shorter=224, filter="bicubic", mean=CLIP_MEAN, std=CLIP_STD)
SIGLIP = Preprocessing(resize="squash", filter="bicubic", mean=HALF, std=HALF)

"""Networks for images only."""

from __future__ import annotations

from dataclasses import replace

from lookalike.encoders.spec import EncoderSpec, ModelFile, Preprocessing
from lookalike.encoders.zoo.preprocessing import CAFFE, CLIP

KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"

RESNET50_KERAS = EncoderSpec(
    name="resnet50-keras",
    kind="image",
    summary="ResNet-50 with Keras' weights, no top, global average pool",
    repository=f"{KERAS}/resnet",
    file=ModelFile(
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        md5="4d473c1dd8becc155b73f8504c6f6626",
        size=94_765_736,
    ),
    pooling="avg",
    dim=2048,
    pixels=CAFFE,
    unverified=("licence",),
)

ALEXNET = EncoderSpec(
    name="alexnet",
    kind="image",
    summary="AlexNet, ImageNet, its 1000 classes as the vector",
    repository="onnxmodelzoo/legacy_models",
    revision="main",
    file=ModelFile("Computer_Vision/alexnet_Opset17_torch_hub/alexnet_Opset17.onnx", size=244_000_000),
    dim=1000,
    unverified=("revision", "sha256", "licence"),
)

PHOTO_MODELS: tuple[EncoderSpec, ...] = (
    EncoderSpec(
        name="resnet50",
        kind="image",
        summary="ResNet-50 v1.5, ImageNet, average pool",
        repository="OWG/resnet-50",
        revision="9d369ef37caa9c09496675ddfc2f66dd92e50f0c",
        file=ModelFile(
            "onnx/model.onnx",
            sha256="55d2436cde4c2c05284dd8cd59ae71db08a8e70f2ffb6f8c19ea000be6f72696",
            size=93_941_420,
        ),
        licence="Apache-2.0",
        # The mean over space is the same for a feature map and for its pool.
        pooling="avg",
        dim=2048,
        pixels=Preprocessing(filter="bicubic"),
        unverified=("names of the outputs",),
    ),
    EncoderSpec(
        name="resnet50-v1",
        kind="image",
        summary="ResNet-50 v1, ImageNet, cut before its classes",
        repository="onnxmodelzoo/resnet50-v1-12",
        revision="1f95315d8bd3b3ca2ceabe54d274e0cdf5a83bbe",
        file=ModelFile(
            "resnet50-v1-12.onnx",
            sha256="3f03fdef724b22947eed826f1eef1dc5c34151bb4c37d634f1db89dfa2dd1526",
            size=102_576_593,
        ),
        licence="Apache-2.0",
        output="before:Gemm",
        dim=2048,
    ),
    replace(
        RESNET50_KERAS,
        name="resnet50-keras-max",
        summary="ResNet-50 with Keras' weights, no top, global max pool",
        pooling="max",
    ),
    RESNET50_KERAS,
    replace(
        RESNET50_KERAS,
        name="resnet50-keras-flatten",
        summary="ResNet-50 with Keras' weights, no top, no pool",
        pooling="none",
        dim=7 * 7 * 2048,
    ),
    ALEXNET,
    replace(
        ALEXNET,
        name="alexnet-squash",
        summary="AlexNet, both sides to 256 before the crop",
        pixels=Preprocessing(resize="squash-crop"),
    ),
    replace(
        ALEXNET,
        name="alexnet-227",
        summary="AlexNet, both sides to 256, crop 227",
        any_size=True,
        pixels=Preprocessing(resize="squash-crop", side=227),
    ),
    replace(
        ALEXNET,
        name="alexnet-fc7",
        summary="AlexNet, ImageNet, the 4096 values before its classes",
        output="before:Gemm",
        dim=4096,
    ),
    EncoderSpec(
        name="vgg16",
        kind="image",
        summary="VGG-16, ImageNet, the 4096 values before its classes",
        repository="onnxmodelzoo/legacy_models",
        revision="main",
        file=ModelFile("validated/vision/classification/vgg/model/vgg16-12.onnx", size=553_000_000),
        licence="Apache-2.0",
        output="before:Gemm",
        dim=4096,
        unverified=("revision", "sha256"),
    ),
    EncoderSpec(
        name="vgg16-keras",
        kind="image",
        summary="VGG-16 with Keras' weights, the 4096 values before its classes",
        repository=f"{KERAS}/vgg16",
        file=ModelFile(
            "vgg16_weights_tf_dim_ordering_tf_kernels.h5",
            md5="64373286793e3c8b2b4e3219cbf3544b",
            size=553_467_096,
        ),
        output="fc2",
        dim=4096,
        pixels=CAFFE,
        unverified=("licence", "size"),
    ),
    EncoderSpec(
        name="mobilenet-v2",
        kind="image",
        summary="MobileNetV2, ImageNet, cut before its classes",
        repository="onnxmodelzoo/mobilenetv2-12",
        revision="23a2a25eaaa6fcd61865414c8a1acf13dda66b7a",
        file=ModelFile(
            "mobilenetv2-12.onnx",
            sha256="c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5",
            size=13_300_000,
        ),
        licence="Apache-2.0",
        output="before:Gemm",
        dim=1280,
    ),
    EncoderSpec(
        name="dinov2-small",
        kind="image",
        summary="DINOv2 small, trained without labels",
        repository="onnx-community/dinov2-small",
        revision="8b1f705a3a7f6f062f6bdd21986c1583d3ef105d",
        file=ModelFile("onnx/model.onnx", size=88_500_000),
        licence="Apache-2.0",
        output="last_hidden_state",
        pooling="cls",
        dim=384,
        pixels=Preprocessing(filter="bicubic"),
        unverified=("sha256",),
    ),
    EncoderSpec(
        name="dino-small",
        kind="image",
        summary="DINO small, trained without labels",
        repository="Xenova/dino-vits16",
        revision="main",
        file=ModelFile("onnx/model.onnx", size=86_900_000),
        licence="Apache-2.0",
        output="last_hidden_state",
        pooling="cls",
        dim=384,
        pixels=Preprocessing(filter="bicubic"),
        unverified=("revision", "sha256"),
    ),
    EncoderSpec(
        name="unicom",
        kind="image",
        summary="Unicom B/32, trained to tell products apart",
        repository="Qdrant/Unicom-ViT-B-32",
        revision="0e77bf0c0028b0ff34aafd7e5148c5fd8a98585c",
        file=ModelFile("model.onnx", size=467_000_000),
        licence="Apache-2.0",
        dim=512,
        pixels=CLIP,
        unverified=("sha256", "preprocessing"),
    ),
)

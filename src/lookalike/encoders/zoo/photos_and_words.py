"""Networks with two towers: images and text in one space."""

from __future__ import annotations

from dataclasses import replace

from lookalike.encoders.spec import EncoderSpec, ModelFile, Preprocessing, Tokens
from lookalike.encoders.zoo.preprocessing import CLIP, SIGLIP

TOKENIZER = ModelFile("tokenizer.json")
CLIP_TOKENS = Tokens(TOKENIZER, longest=77, padded=True, pad=49407)
SIGLIP_TOKENS = Tokens(TOKENIZER, longest=64, padded=True, pad=1, lowercase=True)


def _towers(
    image: EncoderSpec, text: ModelFile, tokens: Tokens, unverified: tuple[str, ...]
) -> tuple[EncoderSpec, EncoderSpec]:
    """Return both towers of a model in one repository."""
    words = replace(
        image,
        kind="text",
        summary=image.summary.replace("photos", "words"),
        file=text,
        pixels=Preprocessing(),
        tokens=tokens,
        unverified=unverified,
    )
    return image, words


JOINT_MODELS: tuple[EncoderSpec, ...] = (
    EncoderSpec(
        name="clip",
        kind="image",
        summary="CLIP ViT-B/32, photos",
        repository="Qdrant/clip-ViT-B-32-vision",
        revision="a636590e595dbbd798647c9dd4550d5652fba969",
        file=ModelFile(
            "model.onnx",
            sha256="c68d3d9a200ddd2a8c8a5510b576d4c94d1ae383bf8b36dd8c084f94e1fb4d63",
            size=351_686_194,
        ),
        licence="MIT",
        dim=512,
        pixels=CLIP,
    ),
    EncoderSpec(
        name="clip",
        kind="text",
        summary="CLIP ViT-B/32, words",
        repository="Qdrant/clip-ViT-B-32-text",
        revision="48ca1db27cb4063eb311ec2aa7f087a808112876",
        file=ModelFile(
            "model.onnx",
            sha256="4dbe762b11e36488304471e439cde89da053ad7acaddbf9e096745d142ec8d8b",
            size=254_102_519,
        ),
        licence="MIT",
        dim=512,
        tokens=CLIP_TOKENS,
    ),
    *_towers(
        EncoderSpec(
            name="fashion-clip",
            kind="image",
            summary="FashionCLIP 2.0, photos",
            repository="ff13/fashion-clip",
            revision="0f99955d944c39bfd9d035a02ac273c7a44a406b",
            file=ModelFile("onnx/vision_model.onnx", size=352_000_000),
            licence="MIT",
            dim=512,
            pixels=CLIP,
            unverified=("sha256",),
        ),
        ModelFile("onnx/text_model.onnx", size=254_000_000),
        CLIP_TOKENS,
        unverified=("sha256", "padding id"),
    ),
    *_towers(
        EncoderSpec(
            name="siglip",
            kind="image",
            summary="SigLIP B/16, photos",
            repository="Xenova/siglip-base-patch16-224",
            revision="main",
            file=ModelFile("onnx/vision_model.onnx", size=372_000_000),
            licence="Apache-2.0",
            output="pooler_output",
            dim=768,
            pixels=SIGLIP,
            unverified=("revision", "sha256"),
        ),
        ModelFile("onnx/text_model.onnx", size=441_000_000),
        SIGLIP_TOKENS,
        unverified=("revision", "sha256"),
    ),
    *_towers(
        EncoderSpec(
            name="siglip2",
            kind="image",
            summary="SigLIP2 B/16, many languages, photos",
            repository="onnx-community/siglip2-base-patch16-224-ONNX",
            revision="ba1f3b0843f24bc5417d38e19c37b287d719b2f4",
            file=ModelFile(
                "onnx/vision_model.onnx",
                sha256="c0573e3f4140c3a7c4e9cc5912bd6b26a033b46a6a8e8af26cbea262b163bcad",
                size=372_000_000,
            ),
            licence="Apache-2.0",
            output="pooler_output",
            dim=768,
            pixels=SIGLIP,
            unverified=("folder of the file",),
        ),
        ModelFile("onnx/text_model.onnx", size=1_130_000_000),
        Tokens(TOKENIZER, longest=64, padded=True, lowercase=True),
        unverified=("folder of the file", "sha256"),
    ),
    *_towers(
        EncoderSpec(
            name="fashion-siglip",
            kind="image",
            summary="Marqo FashionSigLIP, photos",
            repository="Marqo/marqo-fashionSigLIP",
            revision="e5619578fd528afa0bf88d8fae37748336a57fa2",
            file=ModelFile(
                "onnx/vision_model.onnx",
                sha256="a7e773846b27a699c45ba7e3978514b7fca420662d7e69e3b9226982f09f4a13",
                size=372_000_000,
            ),
            licence="Apache-2.0",
            dim=768,
            pixels=SIGLIP,
        ),
        ModelFile(
            "onnx/text_model.onnx",
            sha256="c1d501b23bddf27ba828c037b0780e44fdf47ca4c0b925ef190ab5bcf7aaf6e6",
            size=441_361_402,
        ),
        replace(SIGLIP_TOKENS, keep_punctuation=False),
        unverified=("sha256",),
    ),
    # The quantised files of the same repository: a quarter of the download, and vectors of their own.
    *_towers(
        EncoderSpec(
            name="fashion-siglip-int8",
            kind="image",
            summary="Marqo FashionSigLIP in 8 bits, photos",
            repository="Marqo/marqo-fashionSigLIP",
            revision="e5619578fd528afa0bf88d8fae37748336a57fa2",
            file=ModelFile("onnx/vision_model_int8.onnx", size=94_000_000),
            licence="Apache-2.0",
            dim=768,
            pixels=SIGLIP,
            unverified=("sha256", "size"),
        ),
        ModelFile("onnx/text_model_int8.onnx", size=111_125_229),
        replace(SIGLIP_TOKENS, keep_punctuation=False),
        unverified=("sha256",),
    ),
    *_towers(
        EncoderSpec(
            name="marqo-fashion-clip",
            kind="image",
            summary="Marqo FashionCLIP, photos",
            repository="Marqo/marqo-fashionCLIP",
            revision="dd14a75e4fdb9005854b94c7f93b16be318e4251",
            file=ModelFile("onnx/vision_model.onnx", size=345_000_000),
            licence="Apache-2.0",
            dim=512,
            pixels=CLIP,
            unverified=("sha256", "preprocessing"),
        ),
        ModelFile(
            "onnx/text_model.onnx",
            sha256="ccc2b8d0958767bac1850a5ba472098cda80e6faac837fe2fe595d74dd4d4c7b",
            size=254_000_000,
        ),
        CLIP_TOKENS,
        unverified=("padding id",),
    ),
    *_towers(
        EncoderSpec(
            name="marqo-ecommerce-b",
            kind="image",
            summary="Marqo e-commerce embeddings B, photos",
            file=ModelFile("image.onnx"),
            licence="Apache-2.0",
            export="open_clip:hf-hub:Marqo/marqo-ecommerce-embeddings-B",
            dim=768,
            pixels=SIGLIP,
        ),
        ModelFile("text.onnx"),
        SIGLIP_TOKENS,
        unverified=(),
    ),
    *_towers(
        EncoderSpec(
            name="marqo-ecommerce-l",
            kind="image",
            summary="Marqo e-commerce embeddings L, photos",
            file=ModelFile("image.onnx"),
            licence="Apache-2.0",
            export="open_clip:hf-hub:Marqo/marqo-ecommerce-embeddings-L",
            dim=1024,
            pixels=SIGLIP,
        ),
        ModelFile("text.onnx"),
        SIGLIP_TOKENS,
        unverified=(),
    ),
)

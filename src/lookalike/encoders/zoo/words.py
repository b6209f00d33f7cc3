"""Networks for text only."""

from __future__ import annotations

from lookalike.encoders.spec import EncoderSpec, ModelFile, Tokens

WORD_MODELS: tuple[EncoderSpec, ...] = (
    EncoderSpec(
        name="minilm",
        kind="text",
        summary="all-MiniLM-L6-v2, sentences",
        repository="sentence-transformers/all-MiniLM-L6-v2",
        revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
        file=ModelFile(
            "onnx/model.onnx",
            sha256="6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452",
            size=90_400_000,
        ),
        licence="Apache-2.0",
        export="sentence-transformers:sentence-transformers/all-MiniLM-L6-v2",
        output="last_hidden_state",
        pooling="mask-mean",
        dim=384,
        tokens=Tokens(ModelFile("tokenizer.json"), longest=256),
    ),
    EncoderSpec(
        name="sbert",
        kind="text",
        summary="bert-base-nli-mean-tokens, sentences",
        repository="sentence-transformers/bert-base-nli-mean-tokens",
        revision="2511498bc9af95d29f29d2dc265866cf5c8a6725",
        file=ModelFile("onnx/model.onnx", size=436_000_000),
        licence="Apache-2.0",
        export="sentence-transformers:sentence-transformers/bert-base-nli-mean-tokens",
        output="last_hidden_state",
        pooling="mask-mean",
        dim=768,
        tokens=Tokens(ModelFile("tokenizer.json"), longest=128),
        unverified=("sha256",),
    ),
)

"""Chooses ONNX Runtime's execution providers: the CPU, or accelerators that the operator names."""

from __future__ import annotations

from lookalike.errors import UsageError
from lookalike.settings import settings

CPU = "CPUExecutionProvider"
NAMES = {
    "cpu": CPU,
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "rocm": "ROCMExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
}


def wanted_providers() -> list[str]:
    """Return the providers in LOOKALIKE_PROVIDERS, in order; the CPU always comes last."""
    import onnxruntime

    words = [word for word in settings().providers.replace(",", " ").split() if word]
    wanted = [NAMES.get(word.lower(), word) for word in words]
    available = onnxruntime.get_available_providers()
    for word, provider in zip(words, wanted, strict=True):
        if provider not in available:
            raise UsageError(
                f"LOOKALIKE_PROVIDERS names '{word}', but this ONNX Runtime offers "
                f"{', '.join(available_providers())}. Install the build for your device, such as "
                "onnxruntime-gpu in place of onnxruntime, or change the setting."
            )
    return [*dict.fromkeys([*wanted, CPU])]


def available_providers() -> list[str]:
    """Return the names that LOOKALIKE_PROVIDERS may use on this machine."""
    import onnxruntime

    found: list[str] = onnxruntime.get_available_providers()
    return [short_name(provider) for provider in found]


def short_name(provider: str) -> str:
    """The name of a provider in LOOKALIKE_PROVIDERS."""
    return next((name for name, known in NAMES.items() if known == provider), provider)

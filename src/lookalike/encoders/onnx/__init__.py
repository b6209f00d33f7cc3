"""Encoders that run on ONNX Runtime."""

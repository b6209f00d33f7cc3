"""Training needs the extra lookalike[adapt]; without it only what serving needs is tested."""

from importlib.util import find_spec

_TRAINING = ["test_towers.py", "test_training.py", "test_command.py", "test_measure.py"]
collect_ignore = [] if find_spec("torch") and find_spec("onnx") else _TRAINING

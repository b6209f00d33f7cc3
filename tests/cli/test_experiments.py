"""A/B experiments on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


def test_an_experiment_is_started_watched_stopped_and_deleted(ask: Run, tmp_path: Path) -> None:
    file = tmp_path / "trial.json"
    file.write_text(json.dumps({"id": "trial", "b": {"blend": "models-first"}}))
    begun = ask("experiment", "start", file)
    assert begun.exit_code == 0
    assert "'trial' runs in for-you" in begun.stderr
    ask("recommend", "--shopper", "ann")
    report = json.loads(ask("experiment", "report", "trial", "--json").stdout)
    assert report["a"]["shoppers"] + report["b"]["shoppers"] == 1
    assert report["verdict"] == "undecided"
    read = ask("experiment", "report", "trial")
    assert "lift unknown, 95% interval" in read.stdout
    assert "Keep the experiment running" in read.stderr
    assert ask("experiment", "delete", "trial").exit_code == 6
    refused = ask("experiment", "apply", "trial")
    assert refused.exit_code == 6
    assert "has no winner" in refused.stderr
    assert ask("experiment", "undo", "trial").exit_code == 6
    assert "Stopped before there was enough data" in ask("experiment", "stop", "trial").stderr
    assert "stopped" in ask("experiment", "list").stdout
    assert ask("experiment", "delete", "trial").exit_code == 0
    assert json.loads(ask("experiment", "list", "--json").stdout) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"id": "a b"}', '{"id": "x", "b": {"blend": "none"}}'])
def test_a_file_that_describes_no_experiment_is_refused_in_a_sentence(
    ask: Run, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "trial.json"
    file.write_text(text)
    refused = ask("experiment", "start", file)
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1

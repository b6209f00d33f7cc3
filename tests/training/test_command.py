"""What `lookalike adapt` refuses before it trains anything."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from lookalike.cli.adapt import adapt
from lookalike.errors import LookalikeError, NotFound, UsageError


@pytest.mark.parametrize(
    ("asked", "error", "reason"),
    [
        (["--catalog", "nowhere.db"], NotFound, "no catalog"),
        (["--minutes", "0"], UsageError, "above 0"),
        (["--catalog", "postgresql://nowhere"], UsageError, "--folder"),
    ],
)
def test_what_cannot_work_is_said_first(asked: list[str], error: type[LookalikeError], reason: str) -> None:
    found = CliRunner().invoke(adapt, asked).exception
    assert isinstance(found, error)
    assert reason in str(found)

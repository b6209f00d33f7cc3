"""Settings come from the environment, typed, and what cannot be is refused by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lookalike.errors import UsageError
from lookalike.settings import Settings


def test_an_empty_environment_gives_what_a_laptop_wants() -> None:
    assert Settings.read({}) == Settings()


def test_values_are_read_as_their_types() -> None:
    read = Settings.read(
        {
            "LOOKALIKE_PORT": "0",
            "LOOKALIKE_FETCH_TIMEOUT": "2.5",
            "LOOKALIKE_FETCH_PRIVATE": "Yes",
            "LOOKALIKE_MODELS": "/models",
            "LOOKALIKE_ADMIN_KEY": "0",
            "LOOKALIKE_UNKNOWN": "ignored",
        }
    )
    assert (read.port, read.fetch_timeout, read.fetch_private) == (0, 2.5, True)
    assert (read.models, read.admin_key) == (Path("/models"), "0")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("THREADS", "-1"),
        ("FETCH_TIMEOUT", "nan"),
        ("FETCH_PRIVATE", "perhaps"),
        ("MAX_IMAGE_BYTES", "0"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"LOOKALIKE_{name} must be"):
        Settings.read({f"LOOKALIKE_{name}": value})

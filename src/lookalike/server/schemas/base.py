"""The base of request bodies."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel, model_validator


class RequestModel(BaseModel):
    """A request body. NUL characters are refused: PostgreSQL cannot store them."""

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, data: Any) -> Any:
        if _contains_nul(data):
            raise ValueError("text must not contain NUL characters")
        return data


def _contains_nul(data: Any) -> bool:
    if isinstance(data, str):
        return "\0" in data
    if isinstance(data, dict):
        return any(_contains_nul(each) for pair in cast("dict[Any, Any]", data).items() for each in pair)
    if isinstance(data, list):
        # A vector has hundreds of numbers.
        return any(_contains_nul(each) for each in cast("list[Any]", data) if not isinstance(each, float))
    return False

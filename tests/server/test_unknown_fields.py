"""A filter on a field that no product has is an error that says what to write."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    ("where", "hint"),
    [
        ({"color": "red"}, "Did you mean 'colour'?"),
        ({"Colour": "red"}, "Did you mean 'colour'?"),
        ({"zzz": "red"}, "Use one of brand, colour, currency, group, price, stock, type."),
    ],
)
def test_a_filter_on_a_field_that_no_product_has_names_the_closest(
    client: TestClient, where: dict[str, str], hint: str
) -> None:
    answer = client.post("/v1/search", json={"text": "plate", "where": where})
    assert answer.status_code == 422
    assert f"No product has the field '{next(iter(where))}'. {hint}" in answer.json()["detail"]

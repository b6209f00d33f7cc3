"""Findings over REST: dismissed, restored and fixed."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from lookalike import Product, Shop
from lookalike.analysis.doctor.findings import Finding
from lookalike.analysis.doctor.stored_findings import keep

DUPLICATE = Finding("duplicate", "twin", 0.99, other="first", now="Twin", likely="First")
OUTLIER = Finding("outlier", "twin", 0.5)
COLOUR = Finding("doubtful colour", "first", 0.9, field="colour", now="red", likely="blue")
VARIANTS = [
    Finding("variant", "first", 0.8, field="group", likely="group-first", other="second"),
    Finding("variant", "second", 0.8, field="group", likely="group-first", other="first"),
]
LINK = Finding("broken link", "second", 1.0, field="link", now="shop/second", likely="not a web address")
BARE = Finding("missing photo", "second", 1.0, field="photo")
ALL = [DUPLICATE, OUTLIER, COLOUR, *VARIANTS, LINK, BARE]


@pytest.fixture
def client(client: TestClient, shop: Shop) -> TestClient:
    shop.add(
        [
            Product(id="first", title="First", facets={"colour": "red"}),
            Product(id="second", title="Second", link="shop/second"),
            Product(id="twin", title="Twin"),
        ]
    )
    keep(shop.catalog.database, ALL)
    return client


def decide(client: TestClient, finding: Finding, verb: str) -> int:
    return client.post(f"/v1/doctor/findings/{finding.id}:{verb}").status_code


def open_findings(client: TestClient) -> list[tuple[str, str]]:
    found = client.get("/v1/doctor").json()["findings"]
    return [(each["kind"], each["product"]) for each in found if not each["dismissed"]]


def test_each_finding_says_what_its_fix_does(client: TestClient) -> None:
    found = client.get("/v1/doctor").json()
    assert [each["fix"] for each in found["findings"]] == [
        "remove", None, "set", "group", "group", "clear", "hide",
    ]  # fmt: skip
    assert found["counts"]["variant"] == 2


def test_a_dismissed_finding_stays_dismissed_in_the_next_check_until_it_is_restored(
    client: TestClient, shop: Shop
) -> None:
    assert decide(client, COLOUR, "dismiss") == 200
    keep(shop.catalog.database, ALL)
    found = client.get("/v1/doctor").json()
    assert [each["kind"] for each in found["findings"] if each["dismissed"]] == ["doubtful colour"]
    assert "doubtful colour" not in found["counts"]
    assert decide(client, COLOUR, "restore") == 200
    assert ("doubtful colour", "first") in open_findings(client)


def test_a_duplicate_is_removed_with_all_that_was_found_about_it(client: TestClient) -> None:
    assert decide(client, DUPLICATE, "fix") == 200
    assert client.get("/v1/products/twin").status_code == 404
    assert not any(product == "twin" for _, product in open_findings(client))


def test_the_last_of_two_duplicates_is_not_removed(client: TestClient) -> None:
    client.delete("/v1/products/first")
    assert decide(client, DUPLICATE, "fix") == 404
    assert client.get("/v1/products/twin").status_code == 200


def test_a_doubtful_value_is_replaced_by_the_likely_one(client: TestClient) -> None:
    assert decide(client, COLOUR, "fix") == 200
    assert client.get("/v1/products/first").json()["facets"]["colour"] == "blue"


def test_variants_are_grouped_with_one_press(client: TestClient) -> None:
    assert decide(client, VARIANTS[1], "fix") == 200
    assert {client.get(f"/v1/products/{id}").json()["group"] for id in ("first", "second")} == {"group-first"}
    assert not any(kind == "variant" for kind, _ in open_findings(client))


def test_a_product_without_a_photo_is_hidden_by_the_rule_of_the_product_list(client: TestClient) -> None:
    assert decide(client, BARE, "fix") == 200
    assert decide(client, BARE, "fix") == 200
    (rule,) = client.get("/v1/rules").json()["rules"]
    assert (rule["id"], rule["action"], rule["products"]) == ("hidden-products", "hide", ["second"])


def test_a_broken_link_is_cleared(client: TestClient) -> None:
    assert decide(client, LINK, "fix") == 200
    assert client.get("/v1/products/second").json()["link"] == ""


def test_what_was_fixed_is_found_again_if_it_is_still_wrong_at_the_next_check(
    client: TestClient, shop: Shop
) -> None:
    decide(client, COLOUR, "fix")
    assert ("doubtful colour", "first") not in open_findings(client)
    keep(shop.catalog.database, ALL)
    assert ("doubtful colour", "first") in open_findings(client)


def test_a_finding_that_needs_a_person_is_not_fixed(client: TestClient) -> None:
    answer = client.post(f"/v1/doctor/findings/{OUTLIER.id}:fix")
    assert (answer.status_code, "edit the product" in answer.json()["detail"]) == (409, True)


def test_an_unknown_finding_is_told(client: TestClient) -> None:
    assert client.post(f"/v1/doctor/findings/{'0' * 24}:fix").status_code == 404

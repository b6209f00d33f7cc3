from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from lookalike import Shop, serialize
from support.samples import jpeg

HIT = {
    "id", "title", "description", "facets", "price", "former_price", "currency", "stock", "group", "link",
    "score", "parts", "match", "photo", "why", "cluster", "distance", "likeness",
    "named", "words", "highlights",
}  # fmt: skip


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [hit["id"] for hit in response.json()["hits"]]


def test_a_photo_in_a_form_finds_its_product(client: TestClient):
    found = client.post("/v1/search", files={"image": jpeg("blue")})
    assert ids(found)[0] == "plate-blue"


def test_the_photo_may_stand_in_a_field_of_any_name(client: TestClient):
    assert ids(client.post("/v1/search", files={"photo": jpeg("red")}))[0] == "plate-red"


def test_an_answer_has_the_shape_that_was_promised(client: TestClient):
    answer = client.post("/v1/search", json={"text": "red plate", "k": 3, "count": ["colour"]}).json()
    assert answer.keys() >= {"hits", "total", "counts", "took_ms", "recipe", "revision"}
    assert all(hit.keys() == HIT for hit in answer["hits"])
    assert answer["hits"][0]["parts"].keys() >= {"image", "text"}
    assert {count["value"] for count in answer["counts"]["colour"]} == {"red"}


def test_http_answers_what_python_answers(client: TestClient, shop: Shop):
    query: dict[str, Any] = {"text": "box", "where": {"price": {"lt": 25}}, "k": 4, "grouped": False}
    over_http = client.post("/v1/search", json=query).json()
    in_python = serialize.results_json(shop.search(**query))
    assert over_http | {"took_ms": 0} == in_python | {"took_ms": 0}


def test_json_form_and_address_ask_the_same(client: TestClient):
    where = {"type": ["Plate", "Box"], "price": {"gte": 20}}
    fields = {"text": "green", "k": "3", "where": json.dumps(where), "exclude": "box-green"}
    by_json = client.post("/v1/search", json=fields | {"k": 3, "where": where, "exclude": ["box-green"]})
    assert ids(by_json)[0] == "plate-green"
    assert ids(by_json) == ids(client.post("/v1/search", data=fields))
    assert ids(by_json) == ids(client.post("/v1/search", data=fields, files={"empty": ("", b"")}))
    assert ids(by_json) == ids(client.get("/v1/search", params=fields))


def test_photo_and_words_together_move_the_answer(client: TestClient):
    form = {"text": "green box", "image_weight": "0.3"}
    found = client.post("/v1/search", data=form, files={"image": jpeg("red")})
    assert ids(found)[0] == "box-green"


def test_pages_follow_each_other_without_overlap(client: TestClient):
    query = {"product": "box-red", "k": 4, "grouped": False}
    pages = [ids(client.post("/v1/search", json=query | {"offset": offset})) for offset in (0, 4, 8)]
    assert len({id for page in pages for id in page}) == 11


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Nothing to look for"),
        ({"text": "red", "k": 0}, "/body/k"),
        ({"text": "red", "imge_weight": 1}, "/body/imge_weight"),
        ({"text": "red", "where": {"price": {"below": 3}}}, "Unknown operator 'below'"),
        ({"text": "red", "where": {"price": {"lt": "cheap"}}}, "must compare with a number"),
        ({"image_url": "/etc/passwd"}, "must begin with http"),
        ({"image_url": "file:///etc/passwd"}, "Use an http or https URL"),
        ({"image_url": "http://169.254.169.254/latest"}, "not a public address"),
    ],
)
def test_a_wrong_question_is_answered_with_what_to_correct(
    client: TestClient, sent: dict[str, Any], sentence: str
):
    response = client.post("/v1/search", json=sent)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert sentence in response.json()["detail"]


def test_an_unknown_product_is_not_found(client: TestClient):
    assert client.post("/v1/search", json={"product": "nobody"}).status_code == 404


@pytest.mark.parametrize("numbers", [["NaN", "1.0"], ["Infinity"], ["0.0"], ["1.0"], ["1e99"], ["1e39"]])
def test_a_vector_that_is_none_is_refused_and_changes_nothing(client: TestClient, numbers: list[str]):
    before = client.get("/v1/catalog").json()
    body = f'{{"vector": [{", ".join(numbers)}]}}'
    response = client.post("/v1/search", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert client.get("/v1/catalog").json() == before


def test_a_query_gives_its_list_by_photo_beside_that_by_words(client: TestClient):
    form = {"text": "green plate", "k": "4", "min_score": "-1"}

    both = client.post("/v1/search:side-by-side", data=form, files={"image": jpeg("red")}).json()

    alone = client.post("/v1/search", data={**form, "image_weight": "1"}, files={"image": jpeg("red")}).json()
    words = client.post("/v1/search", data={**form, "image_weight": "0"}, files={"image": jpeg("red")}).json()
    assert [hit["id"] for hit in both["image"]["hits"]] == [hit["id"] for hit in alone["hits"]]
    assert [hit["id"] for hit in both["text"]["hits"]] == [hit["id"] for hit in words["hits"]]
    assert both["image"]["hits"] != both["text"]["hits"]
    product = client.post("/v1/search:side-by-side", json={"product": "box-red", "k": 3}).json()
    assert all(len(page["hits"]) == 3 for page in product.values())


def test_two_lists_need_a_photo_and_words(client: TestClient):
    answer = client.post("/v1/search:side-by-side", json={"text": "green plate"})

    assert answer.status_code == 422
    assert "a product, or a photo and text" in answer.json()["detail"]


def test_two_photos_are_one_too_many(client: TestClient):
    both = client.post("/v1/search", files={"image": jpeg("red"), "other": jpeg("blue")})
    assert both.status_code == 422
    assert "one photo" in both.json()["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'{"text": "\\ud800"}', b"\xff\xfe", b"9" * 9000]
)
def test_a_body_that_is_no_json_is_refused(client: TestClient, body: bytes):
    response = client.post("/v1/search", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422


def test_a_body_of_another_type_is_refused(client: TestClient):
    response = client.post("/v1/search", content=b"<a/>", headers={"content-type": "text/xml"})
    assert response.status_code == 415


def test_whole_numbers_stay_whole(client: TestClient):
    client.put("/v1/products/old", json={"title": "Old", "facets": {"year": 2011, "weight": 1.5}})
    answer = client.post("/v1/search", json={"text": "old", "count": ["year"]})
    assert '"year":2011,' in answer.text
    assert '"value":2011,' in answer.text
    assert answer.json()["hits"][0]["facets"]["weight"] == 1.5


def test_a_misspelt_word_is_put_right_and_told(client: TestClient):
    answer = client.get("/v1/search", params={"text": "gren plate"}).json()
    assert answer["hits"][0]["id"] == "plate-green"
    said = answer["interpretation"]
    assert (said["searched"], said["corrections"]) == ("green plate", [{"typed": "gren", "meant": "green"}])
    first = answer["hits"][0]
    assert first["named"]
    start, end = first["highlights"]["title"][0]
    assert first["title"][start:end].lower() in ("green", "plate")
    literal = client.get("/v1/search", params={"text": "gren plate", "correct": False}).json()
    assert literal["interpretation"]["corrections"] == []
    assert literal["interpretation"]["unknown"] == ["gren"]


def test_totals_and_counts_are_of_the_products_that_match(client: TestClient):
    answer = client.post("/v1/search", json={"text": "green plate", "count": ["colour"]}).json()
    assert answer["total"] == sum(count["count"] for count in answer["counts"]["colour"])
    assert [count["value"] for count in answer["counts"]["colour"]] == ["green"]


def test_a_price_in_the_words_filters_and_can_be_taken_back(client: TestClient):
    answer = client.get("/v1/search", params={"text": "box under 25", "k": 50}).json()
    assert all(hit["price"] <= 25 for hit in answer["hits"])
    chip = answer["interpretation"]["chips"][0]
    assert (chip["kind"], chip["rest"]) == ("price", "box")
    literal = client.get("/v1/search", params={"text": "box under 25", "understand": False}).json()
    assert literal["interpretation"]["chips"] == []


def test_understanding_can_be_turned_off_for_everybody(client: TestClient):
    kept = client.put("/v1/words", json={"language": "en", "understand": False, "weight": 0.6})
    assert kept.json() == client.get("/v1/words").json()
    answer = client.get("/v1/search", params={"text": "box under 25"}).json()
    assert answer["interpretation"]["chips"] == []
    refused = client.put("/v1/words", json={"language": "klingon"})
    assert refused.status_code in (400, 422)
    assert "klingon" in refused.json()["detail"]


def test_suggestions_finish_what_is_typed(client: TestClient):
    found = client.get("/v1/suggest", params={"q": "gre", "k": 3}).json()
    assert found["completions"][0]["text"] == "green"
    assert "green" in found["products"][0]["title"].lower()
    assert client.get("/v1/suggest", params={"q": ""}).json()["completions"] == []


@pytest.mark.parametrize(
    "text", ["\0", '"', "...", "a AND (b OR NOT c)", "title:x^5 *", "👠", "مرحبا box שלום"]
)
def test_any_words_are_answered(client: TestClient, text: str):
    assert client.post("/v1/search", json={"text": text}).status_code in (200, 400, 422)
    assert client.get("/v1/suggest", params={"q": text}).status_code in (200, 400, 422)

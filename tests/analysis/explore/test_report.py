"""The commands and routes that measure and look inside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.analysis import results
from lookalike.cli import main
from lookalike.server.app import create_app
from lookalike.settings import Settings
from support.crowd import crowd

pytest.importorskip("sklearn")
pytest.importorskip("ir_measures")


@pytest.fixture
def catalog(tmp_path: Path) -> str:
    path = str(tmp_path / "crowd.db")
    with Shop.open(path, "pixels") as shop:
        shop.add(crowd(48))
    return path


def run(*words: str) -> str:
    result = CliRunner().invoke(main, list(words), prog_name="lookalike")
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def client(catalog: str) -> Iterator[TestClient]:
    with Shop.open(catalog) as shop:
        yield TestClient(create_app(shop, Settings()), "http://127.0.0.1", client=("127.0.0.1", 50000))


def test_evaluate_prints_quality_reliability_and_refusals(catalog: str, tmp_path: Path):
    report = tmp_path / "report.html"
    told = run("evaluate", "--catalog", catalog, "--queries", "12", "--components", "-o", str(report))
    assert "same colour among the 5 most alike, by look" in told
    assert "plateau" in told
    assert "Match percentages were accurate to within" in told
    assert "REFUSED, OUT OF DOMAIN" in told
    assert "Every number" in report.read_text("utf-8")
    results = json.loads(run("search", "--text", "red box", "--catalog", catalog, "--json"))
    assert results["good"] is True
    assert results["hits"][0]["match"] is not None


def test_evaluate_scores_a_run_of_another_system(tmp_path: Path):
    (tmp_path / "a.run").write_text("q Q0 a 1 0.9 x\nq Q0 b 2 0.8 x\n", "utf-8")
    (tmp_path / "a.qrels").write_text("q 0 b 1\n", "utf-8")
    words = ("--run", str(tmp_path / "a.run"), "--judgements", str(tmp_path / "a.qrels"))
    told = json.loads(run("evaluate", *words, "--json"))
    assert told["MRR@50"]["value"] == 0.5


def test_compare_keeps_today_and_tells_what_changed(catalog: str, tmp_path: Path):
    today = str(tmp_path / "today.json")
    run("compare", "now", "now", "--keep", today, "--catalog", catalog)
    told = json.loads(run("compare", today, "now", "--weight-after", "0", "--catalog", catalog, "--json"))
    assert told["compared"] == 48
    assert told["same"] < 48


def test_explore_writes_one_file_and_the_pages_show_the_same(
    catalog: str, tmp_path: Path, client: TestClient
):
    report = tmp_path / "report.html"
    told = json.loads(run("explore", "--catalog", catalog, "--maps", "pca", "-o", str(report), "--json"))
    page = report.read_text("utf-8")
    assert "Map by PCA" in page
    assert "https://" not in page
    drawn = client.get("/v1/map", params={"method": "pca"}).json()
    assert {point["id"]: [point["x"], point["y"]] for point in drawn["points"]} == told["maps"]["pca"][
        "points"
    ]
    assert drawn["stale"] is False
    assert client.get("/v1/map", params={"method": "umap"}).status_code == 404
    assert client.get("/v1/clusters").json()["clusters"] == told["clustering"]["clusters"]
    assert client.get("/v1/distributions").json() == told["distributions"]
    assert client.get("/v1/doctor").json()["findings"] == told["findings"]


def test_before_anything_was_explored_there_is_a_first_map_without_clusters(client: TestClient):
    drawn = client.get("/v1/map").json()
    assert (drawn["method"], drawn["methods"], len(drawn["points"])) == ("pca", ["pca"], 48)
    assert client.get("/v1/clusters").json()["clusters"] == []
    assert client.get("/v1/distributions").json()["products"] == 48
    assert "run `lookalike explore`" in client.get("/v1/map?method=umap").json()["detail"]


def test_new_products_are_on_the_map_at_once(catalog: str, tmp_path: Path, client: TestClient):
    run("explore", "--catalog", catalog, "--maps", "pca", "-o", str(tmp_path / "r.html"))
    before = {p["id"]: (p["x"], p["y"]) for p in client.get("/v1/map?method=pca").json()["points"]}
    with Shop.open(catalog) as shop:
        shop.add(crowd(50)[48:])
        shop.remove(["p000"])
    after = {p["id"]: (p["x"], p["y"]) for p in client.get("/v1/map?method=pca").json()["points"]}
    assert set(after) == (set(before) - {"p000"}) | {"p048", "p049"}
    assert all(after[id] == before[id] for id in set(before) & set(after))


def test_the_server_returns_the_stored_benchmarks(catalog: str, client: TestClient):
    assert client.get("/v1/benchmarks").status_code == 404
    printed = json.loads(run("evaluate", "--catalog", catalog, "--queries", "5", "--components", "--json"))
    stored = client.get("/v1/benchmarks").json()
    assert stored == {name: printed[name] for name in stored}
    assert stored["components"]


def test_results_of_another_form_are_measured_anew(catalog: str, client: TestClient):
    with Shop.open(catalog) as shop:
        results.keep(shop.catalog.database, results.BENCHMARKS, {"recipe": "of an older version"})
    response = client.get("/v1/benchmarks")
    assert response.status_code == 404
    assert "`lookalike evaluate`" in response.json()["detail"]


def test_doctor_tells_of_products_where_a_catalog_is_named(catalog: str, tmp_path: Path):
    corrected = tmp_path / "corrected.csv"
    told = run("doctor", "--catalog", catalog, "--corrected", str(corrected))
    assert "products" in told.lower()
    assert corrected.read_text("utf-8").startswith("id,title")


def test_every_product_is_a_point_in_the_colour_of_its_facet(catalog: str, tmp_path: Path):
    report = tmp_path / "report.html"

    run("explore", "--catalog", catalog, "--maps", "pca", "--three", "--facet", "colour", "-o", str(report))

    page = report.read_text("utf-8")
    assert page.count('aria-label="48 products') == 2
    assert "PCA in 2 dimensions, by colour" in page
    assert "PCA in 3 dimensions, by colour" in page
    assert '<ul class="legend">' in page
    (points,) = re.findall(r'data-points="([^"]+)"', page)
    assert len(json.loads(points)) == 48


def test_the_variance_has_the_row_of_90_percent(catalog: str, tmp_path: Path):
    report = tmp_path / "report.html"

    run("explore", "--catalog", catalog, "--maps", "pca", "-o", str(report))

    assert re.search(
        r"90%</td><td class=\"n\">\d+</td><td class=\"n\">the papers&#x27; choice", report.read_text()
    )


def test_umap_shows_which_products_it_takes_for_neighbours(catalog: str, tmp_path: Path):
    pytest.importorskip("umap")
    report = tmp_path / "report.html"

    run("explore", "--catalog", catalog, "--maps", "umap", "-o", str(report))

    assert "Connectivity of UMAP" in report.read_text()
    assert "strongest links" in report.read_text()


def test_a_facet_that_nobody_has_is_refused(catalog: str):
    done = CliRunner().invoke(main, ["explore", "--catalog", catalog, "--facet", "taste"])

    assert done.exit_code == 2
    assert "There is no facet 'taste'" in done.stderr


def test_evaluate_tells_accuracy_and_f1_of_the_nearest(catalog: str):
    shown = run("evaluate", "--catalog", catalog, "--queries", "10")

    assert "ACCURACY  F1@5   F1@10" in shown


def test_adapt_head_keeps_the_network_and_the_head_only_if_it_is_better(catalog: str):
    found = json.loads(run("adapt", "--head", "--catalog", catalog, "--json"))

    with Shop.open(catalog) as shop:
        assert shop.recipe.image == "pixels"
        assert (shop.recipe.head == found["facet"]) == found["kept"]
        assert shop.search(product=shop.products()[0].id, k=5)


def test_adapt_does_not_replace_another_network_without_being_asked(catalog: str):
    pytest.importorskip("torch")
    pytest.importorskip("onnx")

    done = CliRunner().invoke(main, ["adapt", "--catalog", catalog])

    assert done.exit_code == 2
    assert "lookalike adapt --head" in done.stderr

"""Measuring, drawing and examining, started by a request and done in a process beside the server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from lookalike import Shop
from lookalike.analysis.explore import explore as exploring
from lookalike.errors import install_command
from lookalike.server import first_run
from lookalike.server.dependencies import AppState
from lookalike.server.jobs.jobs import Job, Jobs

STUDIES = ["benchmarks", "map", "doctor"]


def finished(client: TestClient, id: str) -> dict[str, Any]:
    """The state of a job after it has ended."""
    parts(client).jobs.wait()
    return client.get(f"/v1/jobs/{id}").json()


def parts(client: TestClient) -> AppState:
    found = client.app.state.parts  # pyright: ignore
    assert isinstance(found, AppState)
    return found


def children() -> set[int]:
    """The processes that this one has started."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        # A thread may have ended since it was listed.
        with suppress(FileNotFoundError, ProcessLookupError):
            found.update(map(int, (task / "children").read_text().split()))
    return found


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_is_started_by_a_request_and_its_outcome_is_there_when_it_is_done(
    client: TestClient, study: str
):
    begun = client.post(f"/v1/{study}")
    assert (begun.status_code, begun.json()["state"]) == (202, "running")
    state = finished(client, begun.json()["id"])
    assert (state["state"], state["detail"]) == ("done", "")
    assert state["step"]
    assert state["total"]
    told = client.get(f"/v1/{study}")
    assert told.status_code == 200
    if study == "map":
        assert set(told.json()["methods"]) == {"pca", "tsne", "umap"}
        assert client.get("/v1/clusters").json()["clusters"]


def test_a_map_in_three_dimensions_is_drawn_on_request(client: TestClient, shop: Shop):
    before = client.get("/v1/map", params={"dimensions": 3}).json()
    assert (before["dimensions"], before["methods"]) == (3, ["pca"])

    assert finished(client, client.post("/v1/map?dimensions=3").json()["id"])["state"] == "done"

    drawn = client.get("/v1/map", params={"dimensions": 3, "method": "umap"}).json()
    assert set(drawn["methods"]) == {"pca", "tsne", "umap"}
    assert len(drawn["points"]) == len(shop)
    assert all(0 <= point[axis] <= 1 for point in drawn["points"] for axis in "xyz")
    flat = client.get("/v1/map").json()
    assert flat["dimensions"] == 2
    assert not any("z" in point for point in flat["points"])
    assert client.get("/v1/map", params={"dimensions": 4}).status_code == 422


def test_a_measurement_says_how_far_matches_can_be_trusted(client: TestClient):
    assert client.post("/v1/search", json={"text": "red plate"}).json()["good"] is True
    assert finished(client, client.post("/v1/benchmarks").json()["id"])["state"] == "done"
    calibration = client.get("/v1/benchmarks").json()["calibration"]
    assert {"good_from", "error_of_looks", "error_of_words", "photos", "words"} <= set(calibration)


def test_a_missing_extra_is_told_with_the_command_that_brings_it(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "openTSNE.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path)
    state = finished(client, client.post("/v1/map").json()["id"])
    assert (state["state"], install_command("explore") in state["detail"]) == ("failed", True)


def test_a_measurement_without_its_extra_leaves_search_as_it_is(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "ir_measures.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path)
    state = finished(client, client.post("/v1/benchmarks").json()["id"])
    assert (state["state"], install_command("evaluate") in state["detail"]) == ("failed", True)
    assert client.post("/v1/search", json={"text": "red plate"}).json()["good"] is True


def test_a_study_that_is_stopped_ends_at_once_and_keeps_nothing(client: TestClient):
    begun = client.post("/v1/doctor").json()
    assert client.delete(f"/v1/jobs/{begun['id']}").status_code == 202
    state = finished(client, begun["id"])
    assert (state["state"], state["detail"]) == ("stopped", "")
    assert client.get("/v1/doctor").status_code == 404


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the process is found in /proc")
def test_a_study_whose_process_is_killed_says_so(client: TestClient):
    before = children()
    begun = client.post("/v1/doctor").json()
    while not (started := children() - before):
        pass
    for pid in started:
        os.kill(pid, signal.SIGKILL)
    state = finished(client, begun["id"])
    assert (state["state"], "killed by signal 9" in state["detail"]) == ("failed", True)


def test_a_study_does_not_outlive_its_server(shop: Shop):
    order = json.dumps({"study": "explore", "catalog": shop.url, "index": ""})
    orphan = subprocess.run(
        [sys.executable, "-m", "lookalike.server.jobs.analysis_worker"],
        input=order + "\n",
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (orphan.returncode, "keeping" in orphan.stdout) == (1, False)


def test_one_study_of_a_kind_runs_at_a_time_whichever_server_does_it(
    shop: Shop, serve: Callable[..., TestClient]
):
    jobs, elsewhere = Jobs(shop.catalog.database.jobs), serve()
    job = Job("explore")
    jobs.start(job, lambda: job.stop.wait(60) and None)  # pyright: ignore
    refused = elsewhere.post("/v1/map")
    assert (refused.status_code, "map computation is running" in refused.json()["detail"]) == (409, True)
    other = elsewhere.post("/v1/doctor").json()
    assert other["state"] == "running"
    told = {each["kind"]: each["id"] for each in elsewhere.get("/v1/jobs").json()}
    assert told == {"explore": job.id, "doctor": other["id"]}
    elsewhere.delete(f"/v1/jobs/{other['id']}")
    jobs.close()
    assert elsewhere.post("/v1/map").status_code == 202


def test_a_study_whose_server_is_gone_is_marked_as_failed_and_blocks_no_others(
    shop: Shop, client: TestClient
):
    shop.catalog.database.jobs.update("lost", Job("doctor", id="lost").state_now().model_dump_json())
    assert client.post("/v1/doctor").status_code == 409
    with shop.catalog.database.connections.write() as session:  # pyright: ignore
        session.rows("UPDATE jobs SET told = told - 60")
    (told,) = client.get("/v1/jobs").json()
    assert (told["id"], told["state"], "Start it again" in told["detail"]) == ("lost", "failed", True)
    assert client.post("/v1/doctor").status_code == 202


def test_of_several_servers_that_begin_at_once_one_does_it(shop: Shop):
    servers = [Jobs(shop.catalog.database.jobs) for _ in range(6)]
    together = threading.Barrier(len(servers))
    done = threading.Event()
    outcomes: list[str] = []

    def begin(jobs: Jobs) -> None:
        together.wait()
        try:
            jobs.start(Job("evaluate"), lambda: done.wait(60) and None)  # pyright: ignore
        except Exception as error:
            outcomes.append(str(error))
        else:
            outcomes.append("begun")

    threads = [threading.Thread(target=begin, args=(jobs,)) for jobs in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    for jobs in servers:
        jobs.close()
    assert outcomes.count("begun") == 1
    assert all("is running" in outcome for outcome in outcomes if outcome != "begun")


def test_a_first_look_carries_out_what_is_lacking_and_nothing_twice(shop: Shop, client: TestClient):
    assert list(first_run.lacking(shop)) == ["evaluate", "explore", "doctor"]
    exploring.keep(shop, exploring.explore(shop, methods=("pca",)))
    first_run.look(parts(client))
    assert list(first_run.lacking(shop)) == []
    states = {each["kind"]: each["state"] for each in client.get("/v1/jobs").json()}
    assert states == {"evaluate": "done", "doctor": "done"}


def test_a_first_look_ends_with_its_server(client: TestClient):
    parts(client).jobs.close()
    first_run.look(parts(client))
    assert client.get("/v1/jobs").json() == []

from __future__ import annotations

import csv
import gzip
import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from lookalike import Shop
from support.samples import jpeg
from support.shop_host import ShopHost

Run = Callable[..., Result]


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A shop's own file: four good rows, photos in a folder beside it."""
    photos = tmp_path / "photos"
    photos.mkdir()
    rows = ["id,title,colour,price,photo"]
    for colour in ("red", "green", "blue", "black"):
        (photos / f"{colour}.jpg").write_bytes(jpeg(colour))
        rows.append(f"{colour}-1,{colour.title()} plate,{colour},10,photos/{colour}.jpg")
    path = tmp_path / "feed.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def report(result: Result) -> dict[str, Any]:
    return json.loads(result.stdout)


def test_a_feed_goes_in_once(run: Run, feed: Path, tmp_path: Path):
    words = ("import", feed, "--catalog", tmp_path / "new.db", "--json")
    first, second = run(*words), run(*words)
    assert (first.exit_code, second.exit_code) == (0, 0), first.stderr
    assert (report(first)["added"], report(first)["photos"]) == (4, 4)
    assert (report(second)["added"], report(second)["unchanged"]) == (0, 4)


def test_people_read_what_was_done(run: Run, feed: Path, tmp_path: Path):
    result = run("import", feed, "--catalog", tmp_path / "new.db")
    assert result.stdout.startswith("4 added, 0 updated, 0 unchanged, 0 removed, 0 failed; 4 photos")
    assert "\x1b" not in result.output


def test_rows_that_are_wrong_are_told_and_written_down(run: Run, feed: Path, tmp_path: Path):
    with feed.open("a") as file:
        file.write("=evil(),Formula,red,10,photos/none.jpg\nshort\n")
    problems = tmp_path / "problems.csv"
    result = run("import", feed, "--catalog", tmp_path / "new.db", "--report", problems)
    assert result.exit_code == 3
    assert result.stdout.startswith("5 added, 0 updated, 0 unchanged, 0 removed, 1 failed")
    with problems.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["line"] for row in rows} == {"6", "7"}
    assert all(row["reason"] and not row["id"].startswith("=") for row in rows)
    assert "line 6" in result.stderr


def test_a_dry_run_reads_and_writes_nothing(run: Run, feed: Path, tmp_path: Path):
    before = sorted(tmp_path.rglob("*"))
    result = run("import", feed, "--catalog", tmp_path / "new.db", "--dry-run", "--json")
    assert (result.exit_code, report(result)["added"]) == (0, 4)
    said = run("import", feed, "--catalog", tmp_path / "new.db", "--dry-run")
    assert "4 products would be imported, 0 rejected. Nothing was written." in said.stdout
    assert sorted(tmp_path.rglob("*")) == before


def test_prune_removes_what_the_feed_no_longer_has(run: Run, feed: Path, tmp_path: Path):
    words = ("import", feed, "--catalog", tmp_path / "new.db", "--json")
    run(*words)
    feed.write_text("".join(feed.read_text().splitlines(keepends=True)[:3]))
    assert report(run(*words, "--prune"))["removed"] == 2
    assert run("import", feed, feed, "--prune", "--catalog", tmp_path / "new.db").exit_code == 2


def test_a_column_may_be_named_by_hand(run: Run, feed: Path, tmp_path: Path):
    feed.write_text(feed.read_text().replace("id,title,", "number,what,", 1))
    mapped = ("--map", "number=id", "--map", "what=title", "--catalog", tmp_path / "new.db", "--json")
    assert report(run("import", feed, *mapped))["added"] == 4
    assert run("import", feed, "--map", "number", "--catalog", tmp_path / "new.db").exit_code == 2


@pytest.mark.parametrize(("name", "code"), [("none.csv", (4, 5)), ("empty.csv", (0, 4)), ("photo.jpg", (4,))])
def test_what_is_no_feed_is_refused_with_a_sentence(
    run: Run, tmp_path: Path, name: str, code: tuple[int, ...]
):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "photo.jpg").write_bytes(jpeg("red"))
    result = run("import", tmp_path / name, "--catalog", tmp_path / "new.db")
    assert result.exit_code in code
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit | None)


def test_another_recipe_for_a_catalog_that_has_one_is_a_conflict(run: Run, feed: Path, shop: Shop):
    assert run("import", feed, "--recipe", "alexnet", "--catalog", shop.url).exit_code in (6, 9)
    assert run("import", feed, "--recipe", "nonsense", "--catalog", shop.url).exit_code == 2


def test_removed_products_are_counted_and_missing_ones_told(ask: Run, shop: Shop):
    assert json.loads(ask("remove", "box-red", "--json").stdout) == {"removed": 1, "missing": 0}
    assert ask("remove", "box-red", "box-blue").exit_code == 3
    assert ask("remove", "box-red").exit_code == 5
    assert len(shop) == 10


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_goes_into_another_catalog(run: Run, feed: Path, tmp_path: Path, form: str):
    run("import", feed, "--catalog", tmp_path / "one.db")
    exported = tmp_path / f"out.{form}"
    assert run("export", "-o", exported, "--format", form, "--catalog", tmp_path / "one.db").exit_code == 0
    result = run("import", exported, "--catalog", tmp_path / "two.db", "--json")
    assert report(result)["added"] == 4, result.stderr
    with Shop.open(str(tmp_path / "one.db")) as one, Shop.open(str(tmp_path / "two.db")) as two:
        assert one.products() == two.products()


def test_an_export_goes_to_stdout_or_says_why_not(ask: Run, tmp_path: Path):
    assert ask("export").stdout.startswith("id,title,description,price")
    assert len(ask("export", "--json").stdout.splitlines()) == 12
    refused = ask("export", "-o", tmp_path / "none" / "out.csv")
    assert (refused.exit_code, "Name another file" in refused.stderr) == (2, True)


def test_a_feed_at_a_url_is_downloaded_only_when_it_has_changed(host: ShopHost, run: Run, tmp_path: Path):
    url = host.put("/feed.csv.gz", gzip.compress(b"id,title\n1,Lamp\n2,Chair\n"))
    catalog = ("--catalog", tmp_path / "new.db", "--json")

    def outcome() -> tuple[int, int, int]:
        report = json.loads(run("import", url, *catalog).stdout)
        return report["added"], report["updated"], report["unchanged"]

    assert outcome() == (2, 0, 0)
    assert outcome() == (0, 0, 0)
    assert host.asked[-1].headers["if-none-match"]
    assert "has not changed" in run("import", url, *catalog).stderr
    run("remove", "2", "--yes", *catalog)
    assert outcome() == (1, 0, 1)
    host.put("/feed.csv.gz", gzip.compress(b"id,title\n1,Lantern\n2,Chair\n"))
    assert outcome() == (0, 1, 1)


def test_a_page_instead_of_a_feed_changes_nothing(host: ShopHost, run: Run, tmp_path: Path):
    url = host.put("/feed", "<!doctype html><title>Log in</title>")
    refused = run("import", url, "--prune", "--catalog", tmp_path / "new.db")
    assert (refused.exit_code, "is an HTML page" in refused.stderr) == (4, True)
    assert not (tmp_path / "new.db").exists()


@pytest.fixture
def slow_photo() -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """The address of a photo that arrives only when it is let go, and what tells that somebody waits."""
    asked, release = threading.Event(), threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            release.wait(120)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(jpeg("red"))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the name of the base class
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/photo.jpg", asked, release
    release.set()
    server.shutdown()
    server.server_close()


def test_ctrl_c_keeps_what_is_in_and_the_same_command_goes_on(
    start: Callable[..., subprocess.Popen[str]],
    slow_photo: tuple[str, threading.Event, threading.Event],
    tmp_path: Path,
):
    url, asked, release = slow_photo
    lines = [
        json.dumps({"id": f"p{n}", "title": f"plate {n}", "photos": [url] if n == 0 else []})
        for n in range(3000)
    ]
    (tmp_path / "feed.jsonl").write_text("\n".join(lines))
    words = ("import", "feed.jsonl", "--catalog", "new.db", "--recipe", "pixels", "--json")

    process = start(*words, LOOKALIKE_FETCH_PRIVATE="1")
    assert asked.wait(120)
    process.send_signal(signal.SIGINT)
    assert process.stderr
    while "Finishing" not in process.stderr.readline():
        assert process.poll() is None
    release.set()
    out, err = process.communicate()
    first = json.loads(out)
    assert process.returncode == 130
    assert f"lookalike {' '.join(words)}" in err
    assert first["interrupted"]
    assert 0 < first["added"] < 3000

    again = start(*words, LOOKALIKE_FETCH_PRIVATE="1")
    second = json.loads(again.communicate()[0])
    assert (again.returncode, second["unchanged"]) == (0, first["added"])
    assert first["added"] + second["added"] == 3000


def test_the_last_import_is_undone(run: Run, feed: Path, tmp_path: Path):
    catalog = tmp_path / "new.db"
    run("import", feed, "--catalog", catalog)
    undone = run("undo", "--catalog", catalog)
    assert undone.stdout == f"The import of {feed} is undone: 4 removed, 0 restored.\n"
    again = run("undo", "--catalog", catalog)
    assert (again.exit_code, again.stderr) == (5, f"Error: There is no import to undo in {catalog}.\n")


def test_the_next_feed_with_the_same_columns_is_mapped_as_before_and_says_so(run: Run, tmp_path: Path):
    catalog, feed = tmp_path / "new.db", tmp_path / "feed.csv"
    feed.write_text("nr;was\n1;Lamp\n")
    run("import", feed, "--catalog", catalog, "--map", "nr=id", "--map", "was=title")
    feed.write_text("nr;was\n1;Lamp\n2;Lantern\n")
    again = run("import", feed, "--catalog", catalog, "--json")
    assert "Columns are mapped as in the last import: nr=id, was=title." in again.stderr
    assert (report(again)["added"], report(again)["unchanged"]) == (1, 1)

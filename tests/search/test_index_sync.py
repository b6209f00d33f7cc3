"""The index follows the database: opened from files where they fit it, and made anew where they do not."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lookalike.catalog.state import ENCODING_STATE, IDENTITY, EncodingState, identity
from lookalike.cli import main
from lookalike.database import Batch, Database, Written, open_database
from lookalike.index import Probe
from lookalike.index.ivf.index import LEAST
from lookalike.media.images import StoredPhoto
from lookalike.search.index_sync import IndexSync, SyncedIndex
from lookalike.types import Photo, Product, Recipe
from lookalike.vectors.codec import pack_vector

pytest.importorskip("faiss")

DIM = 8
MADE_OF = EncodingState(Recipe("ready", "vectors made elsewhere"), image_space="ready", image_dim=DIM).dumps()


def put(database: Database, numbers: Sequence[int]) -> None:
    """Write products whose vectors follow from their numbers."""
    batch = Batch(made=MADE_OF, image_space="ready")
    for number in numbers:
        photo = f"photo-{number}"
        batch.photos.append(StoredPhoto(photo, b"\xff\xd8", "image/jpeg", 9, 9))
        batch.image_vectors[photo] = pack_vector(row(number))
        product = Product(f"{number:06}", "product", photos=(Photo(id=photo, width=9, height=9),))
        batch.products.append(Written(product, b"ready"))
    database.write(batch)


def row(number: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    vector = np.random.default_rng(number).standard_normal(DIM)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def found(now: SyncedIndex, number: int) -> str:
    """The product nearest to the vector of a number."""
    return now.index.search(Probe(row(number), k=1)).matches[0].id


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog of as many products as an approximate index wants, sealed."""
    path = tmp_path_factory.mktemp("large") / "shop.db"
    database = open_database(str(path))
    database.put_settings({ENCODING_STATE: MADE_OF})
    put(database, range(LEAST))
    follower = IndexSync(database, "approximate")
    assert follower.follow().index.kind == "exact"
    follower.settle()
    assert follower.follow().index.kind == "approximate"
    follower.close()
    database.close()
    return path


@pytest.fixture
def copied(large: Path, tmp_path: Path) -> Path:
    """A copy of it, files of the index and all."""
    shutil.copy(large, tmp_path / "shop.db")
    shutil.copytree(f"{large}.index", tmp_path / "shop.db.index")
    return tmp_path / "shop.db"


def test_files_of_the_index_are_opened_and_what_came_since_is_added(copied: Path) -> None:
    database = open_database(str(copied))
    put(database, [LEAST, 3])
    database.remove([f"{7:06}"])
    follower = IndexSync(database, "approximate")
    now = follower.follow()
    assert (now.index.kind, len(now.index), now.revision) == ("approximate", LEAST, database.revision())
    assert [found(now, number) for number in (LEAST, 3, 5)] == [f"{n:06}" for n in (LEAST, 3, 5)]
    assert found(now, 7) != f"{7:06}"
    put(database, [LEAST + 1])
    assert found(follower.follow(), LEAST + 1) == f"{LEAST + 1:06}"
    follower.close()


def test_files_that_are_ahead_of_an_older_copy_of_the_database_are_not_believed(
    copied: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.db"
    shutil.copy(copied, old)
    database = open_database(str(copied))
    put(database, range(LEAST, LEAST + 1000))
    follower = IndexSync(database, "approximate")
    follower.follow()
    follower.settle()
    follower.close()
    database.close()
    shutil.copy(old, copied)
    database = open_database(str(copied))
    now = IndexSync(database, "approximate").follow()
    assert (len(now.index), now.revision) == (LEAST, database.revision())
    assert found(now, 5) == f"{5:06}"
    now.index.close()


def test_a_new_catalog_of_the_same_name_does_not_open_the_files_of_the_old_one(copied: Path) -> None:
    copied.unlink()
    database = open_database(str(copied))
    database.put_settings({ENCODING_STATE: MADE_OF, IDENTITY: "another"})
    put(database, range(3))
    now = IndexSync(database, "approximate").follow()
    assert (now.index.kind, len(now.index), found(now, 1)) == ("exact", 3, f"{1:06}")


def test_a_catalog_keeps_the_id_that_it_was_given_first(tmp_path: Path) -> None:
    one, other = (open_database(str(tmp_path / "shop.db")) for _ in range(2))
    assert identity(one) == identity(other) == one.settings()[IDENTITY]


def test_a_search_in_this_process_writes_nothing(tmp_path: Path) -> None:
    database = open_database(str(tmp_path / "shop.db"))
    database.put_settings({ENCODING_STATE: MADE_OF})
    put(database, range(20))
    revision = database.revision()
    IndexSync(database).follow()
    assert (database.revision(), sorted(path.name for path in tmp_path.glob("*.index"))) == (revision, [])


def test_searches_go_on_while_the_files_are_written_and_opened_anew(copied: Path) -> None:
    database = open_database(str(copied))
    follower, done = IndexSync(database, "approximate"), threading.Event()

    def search() -> set[str]:
        answers = {found(follower.follow(), 5)}
        while not done.is_set():
            answers.add(found(follower.follow(), 5))
        return answers

    with ThreadPoolExecutor(3) as pool:
        searching = [pool.submit(search) for _ in range(3)]
        for start in range(LEAST, LEAST + 1200, 300):
            put(database, range(start, start + 300))
            follower.follow()
        follower.settle()
        facts = follower.follow().index.facts()
        done.set()
    assert [each.result() for each in searching] == [{f"{5:06}"}] * 3
    assert (facts.rows, facts.kept >= LEAST + 900) == (LEAST + 1200, True)
    follower.close()


def test_the_command_says_what_searches_and_how_well(large: Path) -> None:
    asked = ["index", "--catalog", str(large), "--json"]
    told = json.loads(CliRunner().invoke(main, [*asked, "--index", "approximate"]).stdout)
    assert (told["index"], told["rows"], told["kept"]) == ("approximate", LEAST, LEAST)
    assert told["recall"] >= 0.99
    assert json.loads(CliRunner().invoke(main, [*asked, "--index", "exact"]).stdout)["index"] == "exact"

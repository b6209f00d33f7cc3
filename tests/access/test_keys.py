"""Keys open what they were made for, until they expire or are revoked; through every database there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.access.keys import SCOPES, KeyRing, key_json
from lookalike.catalog.copy import copy
from lookalike.database import Database, open_database
from lookalike.errors import BadKey, BadText, KeyInvalid, NotFound

NOON = 1_800_000_000.0
DAY = 86_400.0


class Clock:
    """A time that passes when a test says so."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> float:
        return self.time


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    file = str(tmp_path / "shop.db")
    database = open_database(file if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield database
    database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(database: Database, clock: Clock) -> KeyRing:
    return KeyRing(database.keys, clock, clock)


def test_a_new_key_opens_what_it_was_made_for(keys: KeyRing) -> None:
    made, secret = keys.create("Feed of the ERP", ["write", "search"], NOON + DAY, 60)
    found = keys.authenticate(secret)
    assert found == made
    assert (found.scopes, found.expires, found.per_minute) == ({"write", "search"}, NOON + DAY, 60)
    assert keys.all() == [made]


def test_no_secret_is_stored(keys: KeyRing, database: Database) -> None:
    _, secret = keys.create("till", ["search"])
    unknown = secret.rsplit("_", 1)[-1]
    assert unknown not in repr(database.keys.all())
    assert unknown not in repr(keys.all())


def test_secrets_differ_and_tell_nothing_of_each_other(keys: KeyRing) -> None:
    made = [keys.create("till", ["search"]) for _ in range(20)]
    assert len({secret for _, secret in made}) == len({key.id for key, _ in made}) == 20


def test_an_expired_key_opens_nothing(keys: KeyRing, clock: Clock) -> None:
    _, secret = keys.create("till", ["search"], expires=NOON + DAY)
    clock.time = NOON + DAY
    with pytest.raises(KeyInvalid, match="expired"):
        keys.authenticate(secret)
    assert key_json(keys.all()[0], clock.time)["state"] == "expired"


def test_a_revoked_key_opens_nothing_at_once(keys: KeyRing) -> None:
    made, secret = keys.create("till", ["search"])
    keys.authenticate(secret)
    keys.revoke(made.id)
    with pytest.raises(KeyInvalid, match="revoked"):
        keys.authenticate(secret)


def test_another_process_follows_within_a_second(keys: KeyRing, database: Database, clock: Clock) -> None:
    other = KeyRing(database.keys, clock, clock)
    made, secret = keys.create("till", ["search"])
    other.authenticate(secret)
    keys.revoke(made.id)
    clock.time += 1.0
    with pytest.raises(KeyInvalid, match="revoked"):
        other.authenticate(secret)


def test_a_key_stays_revoked_from_the_first_time_on(keys: KeyRing, clock: Clock) -> None:
    made, _ = keys.create("till", ["search"])
    first = keys.revoke(made.id)
    clock.time += DAY
    assert keys.revoke(made.id) == first


@pytest.mark.parametrize("id", ["", "nothing", "0123456789ab"])
def test_an_unknown_key_cannot_be_revoked(keys: KeyRing, id: str) -> None:
    with pytest.raises(NotFound, match="key list"):
        keys.revoke(id)


def test_an_id_with_a_nul_character_is_refused(keys: KeyRing) -> None:
    with pytest.raises(BadText):
        keys.revoke("a\0b")


@pytest.mark.parametrize(
    ("name", "scopes", "expires", "per_minute"),
    [
        ("", ["search"], None, None),
        ("  ", ["search"], None, None),
        ("n" * 101, ["search"], None, None),
        ("line\nbreak", ["search"], None, None),
        ("nul\0", ["search"], None, None),
        ("\ud800", ["search"], None, None),
        ("till", [], None, None),
        ("till", ["everything"], None, None),
        ("till", ["search"], NOON, None),
        ("till", ["search"], float("nan"), None),
        ("till", ["search"], float("inf"), None),
        ("till", ["search"], None, 0),
        ("till", ["search"], None, -1),
    ],
)
def test_a_key_that_would_open_nothing_is_not_made(
    keys: KeyRing, name: str, scopes: list, expires: float | None, per_minute: int | None
) -> None:
    with pytest.raises(BadKey):
        keys.create(name, scopes, expires, per_minute)
    assert keys.all() == []


def test_a_copy_of_a_catalog_takes_the_same_keys(database: Database, keys: KeyRing, tmp_path: Path) -> None:
    _, secret = keys.create("till", ["search"])
    database.put_settings({"identity": "of the shop"})
    target = open_database(str(tmp_path / "copy.db"))
    copy(database, target)
    assert KeyRing(target.keys).authenticate(secret).name == "till"
    target.close()


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KeyRing, str]]:
    database = open_database(str(tmp_path_factory.mktemp("keys") / "shop.db"))
    keys = KeyRing(database.keys)
    yield keys, keys.create("till", SCOPES)[1]
    database.close()


@given(st.data())
def test_no_other_text_is_a_key(ring: tuple[KeyRing, str], data: st.DataObject) -> None:
    keys, secret = ring
    place = data.draw(st.integers(0, len(secret) - 1))
    near = secret[:place] + data.draw(st.characters(codec="latin-1")) + secret[place + 1 :]
    given = data.draw(st.sampled_from([near, secret[:place], secret + near[:1], near.upper()]) | st.text())
    if given != secret:
        with pytest.raises(KeyInvalid):
            keys.authenticate(given)

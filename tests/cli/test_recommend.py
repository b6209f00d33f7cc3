"""Events, recommendations and rules on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from lookalike import Shop

Run = Callable[..., Result]


def first_id(shop: Shop) -> str:
    return shop.products()[0].id


def test_an_event_changes_what_is_recommended(ask: Run, shop: Shop) -> None:
    id = first_id(shop)
    assert ask("event", "cart", "--shopper", "ann", "--product", id).exit_code == 0
    found = json.loads(ask("recommend", "--shopper", "ann", "-k", "3", "--json").stdout)
    assert len(found["hits"]) == 3
    assert id not in [hit["id"] for hit in found["hits"]]
    assert set(found) == {"hits", "took_ms", "recipe", "mix"}


def test_a_rating_of_eleven_is_refused_in_a_sentence(ask: Run, shop: Shop) -> None:
    refused = ask("event", "rating", "--rating", "11", "--shopper", "ann", "--product", first_id(shop))
    assert refused.exit_code == 2
    assert "from 1 to 5, got 11" in refused.stderr


def test_a_file_of_events_goes_in_once_and_its_wrong_rows_are_told(
    ask: Run, shop: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "events.csv"
    file.write_text(f"id,kind,shopper,product\n1,click,ann,{first_id(shop)}\n2,stare,ann,x\n")
    once, again = (ask("events", "import", file, "--json") for _ in range(2))
    assert (once.exit_code, again.exit_code) == (3, 3)
    told = json.loads(once.stdout)
    assert (told["new"], told["failed"]) == (1, 1)
    assert told["problems"][0]["line"] == 3
    assert json.loads(again.stdout)["known"] == 1


def test_a_search_by_a_vector_of_another_catalog_fails_its_row_alone(ask: Run, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    searches = (
        {"kind": "search", "shopper": "ann"} | each for each in ({"vector": [1, 2]}, {"query": "red"})
    )
    file.write_text("\n".join(map(json.dumps, searches)))
    told = json.loads(ask("events", "import", file, "--json").stdout)
    assert (told["new"], told["failed"]) == (1, 1)
    assert "numbers, got 2" in told["problems"][0]["reason"]


def test_rules_are_replaced_by_a_file_and_shown(ask: Run, shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    rules = [{"id": "top", "action": "pin", "products": [shop.products()[-1].id]}]
    file.write_text(json.dumps(rules))
    assert ask("rules", file).exit_code == 0
    assert json.loads(ask("rules", "--json").stdout) == rules
    assert json.loads(ask("recommend", "--json").stdout)["hits"][0]["id"] == rules[0]["products"][0]
    file.write_text('[{"id": "top", "action": "shout"}]')
    assert ask("rules", file).exit_code == 2


def test_a_shopper_is_exported_and_forgotten(ask: Run, shop: Shop) -> None:
    ask("event", "click", "--shopper", "ann", "--product", first_id(shop))
    assert len(json.loads(ask("shopper", "export", "ann").stdout)["events"]) == 1
    assert json.loads(ask("shopper", "forget", "ann", "--json").stdout) == {"events": 1}
    assert ask("shopper", "export", "ann").exit_code == 5


def test_insight_is_a_table(ask: Run, shop: Shop) -> None:
    ask("event", "click", "--shopper", "ann", "--product", first_id(shop))
    assert first_id(shop) in ask("insight", "popular").stdout
    assert "There are not enough events yet" in ask("insight", "positions").stderr


def test_a_log_of_another_system_is_imported_and_exported_with_exposures(
    ask: Run, shop: Shop, tmp_path: Path
) -> None:
    log = tmp_path / "log.csv"
    log.write_text(f"customer_id,sku\nann,{first_id(shop)}\n")
    refused = ask("events", "import", log)
    assert refused.exit_code == 3
    assert "use --kind" in refused.stderr
    assert ask("events", "import", log, "--kind", "purchase").exit_code == 0
    assert ask("events", "import", log, "--map", "nothing").exit_code == 2
    shop.experiments.start({"id": "trial"})
    ask("recommend", "--shopper", "ann")
    written = tmp_path / "events.jsonl"
    assert "2 events" in ask("export", "--events", "-o", written).stderr
    told = [json.loads(line) for line in written.read_text().splitlines()]
    assert [each["kind"] for each in told] == ["purchase", "exposure"]
    assert told[1]["experiment"] == "trial"
    assert ask("export", "--events", "-o", tmp_path / "events.xls").exit_code == 2

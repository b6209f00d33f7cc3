from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from lookalike import Shop
from lookalike.cli import COMMANDS

Run = Callable[..., Result]
PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_and_is_in_the_docs(run: Run, command: str):
    result = run(command, "--help")
    assert result.exit_code == 0, result.output
    assert f"lookalike {command}" in PAGE.read_text("utf-8")


def test_the_list_of_commands_holds_them_all(run: Run):
    listed = run("--help").stdout
    assert all(f"  {command} " in listed for command in COMMANDS)


def test_a_wrong_command_is_a_usage_error(run: Run):
    assert run("serach").exit_code == 2
    assert run("search", "--colour", "red").exit_code == 2


def test_doctor_finds_a_healthy_machine_fit(ask: Run):
    result = ask("doctor", "--json")
    found = {finding["check"]: finding["state"] for finding in json.loads(result.stdout)}
    assert result.exit_code == 0, result.output
    assert {"folder", "disk", "sqlite", "processor", "port", "catalog"} <= found.keys()
    assert "fault" not in found.values()


def test_doctor_says_what_is_wrong_with_a_catalog(run: Run, tmp_path: Path):
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no catalog " * 1000)
    result = run("doctor", "--catalog", broken)
    assert result.exit_code == 9
    assert "FAIL  catalog: " in result.stdout
    assert "FAIL  folder: " in run("doctor", "--catalog", tmp_path / "none" / "shop.db").stdout


def test_a_catalog_is_switched_to_another_recipe_and_back(ask: Run, shop: Shop):
    assert ask("switch").exit_code == 2
    assert ask("switch", "--back").exit_code == 6
    assert ask("switch", "nonsense").exit_code == 2
    assert ask("switch", "builtin", "--workers", "some").exit_code == 2

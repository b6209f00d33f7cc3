from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from threadpoolctl import threadpool_info, threadpool_limits

from lookalike import Shop
from lookalike.cli import main
from lookalike.server.app import create_app
from lookalike.settings import Settings
from lookalike.vectors.blas import available_cores, limit_blas_threads


def blas_threads() -> set[int]:
    assert np.eye(2) @ np.eye(2) is not None
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def many_threads():
    with threadpool_limits(4, user_api="blas"):
        yield


def test_a_blas_has_one_thread_for_each_call_from_then_on():
    limit_blas_threads()
    assert blas_threads() <= {1}


def test_a_server_and_a_search_limit_the_blas_without_any_setting(shop: Shop):
    create_app(shop, Settings())
    assert blas_threads() <= {1}


def test_commands_limit_it_but_those_that_multiply_large_matrices(tmp_path: Path):
    arguments = ["--catalog", str(tmp_path / "none.db")]
    CliRunner().invoke(main, ["explore", *arguments])
    assert 1 not in blas_threads()
    CliRunner().invoke(main, ["search", "--text", "red", *arguments])
    assert blas_threads() <= {1}


def test_cores_are_those_that_a_container_may_use(tmp_path: Path):
    quota = tmp_path / "cpu.max"
    quota.write_text("100000 100000\n")
    assert available_cores(quota) == 1
    quota.write_text("max 100000\n")
    assert available_cores(quota) == available_cores(tmp_path / "none")

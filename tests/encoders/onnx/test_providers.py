"""Networks run where the operator says, or the operator is told what there is."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from lookalike.cli import main
from lookalike.encoders.onnx.providers import available_providers, wanted_providers
from lookalike.errors import UsageError
from lookalike.settings import settings


@pytest.fixture
def wanted(monkeypatch):
    def want(names: str) -> None:
        monkeypatch.setenv("LOOKALIKE_PROVIDERS", names)
        settings.cache_clear()

    yield want
    settings.cache_clear()


def test_the_processor_comes_last_and_by_default_alone(wanted):
    wanted("")
    assert wanted_providers() == ["CPUExecutionProvider"]
    wanted("cpu, CPUExecutionProvider")
    assert wanted_providers() == ["CPUExecutionProvider"]


def test_a_provider_that_is_not_there_is_named_with_those_that_are(wanted):
    wanted("no-such-card")

    with pytest.raises(UsageError, match=r"names 'no-such-card'.*offers .*cpu"):
        wanted_providers()


def test_doctor_and_models_name_them(wanted, tmp_path):
    wanted("no-such-card")

    doctor = CliRunner().invoke(main, ["doctor", "--catalog", str(tmp_path / "none.db")])

    assert "FAIL  providers" in doctor.output
    assert ", ".join(available_providers()) in CliRunner().invoke(main, ["models"]).stderr

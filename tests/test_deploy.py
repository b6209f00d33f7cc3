"""What deploy/ ships passes the linters of its kinds, and agrees with the program and with itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from lookalike.settings import PREFIX, Settings

DEPLOY = Path(__file__).parent.parent / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
OBJECTS = [path for path in MANIFESTS if path.name != "kustomization.yaml"]
KUBERNETES = "1.30"


def passes(program: str, *words: object) -> None:
    """Run a linter that pip brought; skipped where it is not installed."""
    beside = Path(sys.executable).parent / program
    found = str(beside) if beside.exists() else shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    told = subprocess.run([found, *map(str, words)], check=False, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stdout + told.stderr


def loaded(path: Path) -> list[Any]:
    """The documents of a YAML file."""
    yaml = pytest.importorskip("yaml")
    return list(yaml.safe_load_all(path.read_text()))


def test_the_yaml_is_clean() -> None:
    passes("yamllint", "--strict", "-c", DEPLOY / ".yamllint.yaml", DEPLOY)


def test_the_compose_file_follows_the_compose_specification() -> None:
    passes("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_the_dockerfile_passes_hadolint() -> None:
    passes("hadolint", "--failure-threshold", "info", DEPLOY / "Dockerfile")


@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.name)
def test_the_manifests_follow_the_schema_of_kubernetes(path: Path) -> None:
    passes("kubernetes-validate", "--strict", "-k", KUBERNETES, path)


def test_the_kustomization_builds() -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    passes("kubectl", "kustomize", DEPLOY / "kubernetes")


def test_the_kustomization_names_every_manifest() -> None:
    (kustomization,) = loaded(DEPLOY / "kubernetes" / "kustomization.yaml")
    assert sorted(kustomization["resources"]) == [path.name for path in OBJECTS]


def test_every_setting_that_is_set_exists() -> None:
    known = {PREFIX + knob.name.upper() for knob in fields(Settings)}
    named = {
        name
        for path in DEPLOY.rglob("*")
        if path.is_file()
        for name in re.findall(rf"{PREFIX}[A-Z_]+", path.read_text())
    }
    assert (
        {"LOOKALIKE_CATALOG", "LOOKALIKE_INDEX", "LOOKALIKE_ADMIN_KEY", "LOOKALIKE_DRAIN"} <= named <= known
    )


def test_compose_and_kubernetes_run_the_same_images() -> None:
    (compose,) = loaded(DEPLOY / "compose.yaml")
    there = {service["image"] for service in compose["services"].values()}
    documents = [document for path in OBJECTS for document in loaded(path)]
    pods = [
        document["spec"]["template"]["spec"]
        for document in documents
        if "template" in document.get("spec", {})
    ]
    assert {container["image"] for pod in pods for container in pod["containers"]} <= there


def test_the_proxy_knows_the_replicas_and_the_port_of_compose() -> None:
    (compose,) = loaded(DEPLOY / "compose.yaml")
    config = (DEPLOY / "nginx.conf").read_text()
    replicas = {name for name in compose["services"] if name.startswith("replica-")}
    assert set(re.findall(r"server (replica-\d+):8080", config)) == replicas
    (port,) = re.findall(r"listen (\d+);", config)
    assert [each.split(":")[1] for each in compose["services"]["proxy"]["ports"]] == [port]


def test_a_pod_has_time_to_leave() -> None:
    (pod,) = [
        document["spec"]["template"]["spec"]
        for document in loaded(DEPLOY / "kubernetes" / "lookalike.yaml")
        if document["kind"] == "Deployment"
    ]
    variables = {each["name"]: each.get("value") for each in pod["containers"][0]["env"]}
    in_flight = 10
    assert pod["terminationGracePeriodSeconds"] > float(variables["LOOKALIKE_DRAIN"]) + in_flight

"""`deploy/` names commands, options and settings that there are, official images, and no secret. Needs no Docker."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from watchglass import metrics
from watchglass.cli.main import app
from watchglass.config import Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
OFFICIAL = ("postgres:", "temporalio/", "caddy:")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def ours(compose: dict[str, Any]) -> dict[str, Any]:
    return {name: service for name, service in compose["services"].items() if "build" in service}


def test_every_command_and_option_exists(compose: dict[str, Any]) -> None:
    services = ours(compose)
    assert services.keys() == {"migrate", "api", "worker"}
    for service in services.values():
        command, *arguments = service["command"]
        shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
        for option in (word for word in arguments if word.startswith("--")):
            assert re.search(rf"(^|\s){option}\b", shown), f"{command} has no {option}"


def test_every_setting_is_one(compose: dict[str, Any]) -> None:
    for service in ours(compose).values():
        for name in service["environment"]:
            assert name.removeprefix("WATCHGLASS_").lower() in Settings.model_fields, name


def test_only_migrate_knows_the_administrator(compose: dict[str, Any]) -> None:
    knowing = [name for name, service in ours(compose).items() if "ADMIN_PASSWORD" in str(service)]
    assert knowing == ["migrate"]


def test_images_are_official_and_of_a_version(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if "build" not in service:
            assert service["image"].startswith(OFFICIAL), name
            assert re.search(r":\d", service["image"]), f"{name} has no version"


def test_no_secret_stands_in_a_file(compose: dict[str, Any]) -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    wanted = set(re.findall(r"\$\{([A-Z_]+):\?\}", text))
    for line in text.splitlines():
        if re.search(r"(PASSWORD|SECRET_KEY|TOKEN|PWD):", line):
            assert "${" in line, line
    example = dict(
        line.split("=", 1)
        for line in (DEPLOY / ".env.example").read_text().splitlines()
        if "=" in line and line[0] != "#"
    )
    assert wanted == example.keys()
    assert {name for name, value in example.items() if value} == {"PUBLIC_NAME"}


def test_services_wait_for_what_there_is(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert set(service.get("depends_on", ())) <= compose["services"].keys()
        assert set(service.get("networks", ())) <= compose["networks"].keys()
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists(), source


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM")] == [
        "FROM python:3.13-slim-trixie AS build",
        "FROM python:3.13-slim-trixie",
    ]
    last = lines[len(lines) - 1 - lines[::-1].index("FROM python:3.13-slim-trixie") :]
    assert "USER 10001" in last
    assert 'ENTRYPOINT ["watchglass"]' in last
    for name in re.findall(r"requirements\S*\.lock", "\n".join(lines)):
        assert (DEPLOY.parent / name).exists()


def test_alerts_ask_for_figures_that_there_are() -> None:
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"][0]["rules"]
    samples = {f"{family.name}{end}" for family in metrics.REGISTRY.collect() for end in ("", "_total", "_bucket")}
    for rule in rules:
        assert rule["annotations"]["summary"]
        asked = set(re.findall(r"\b(?:watchglass|process)_[a-z_]+", rule["expr"]))
        assert asked and asked <= samples, rule["alert"]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 6

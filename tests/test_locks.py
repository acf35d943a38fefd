import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ["requirements.lock", "requirements-dev.lock"]
_stamp: dict[str, Any] = runpy.run_path(str(ROOT / ".ci" / "stamp_lock.py"))


def locked_names(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / lock).read_text(), re.MULTILINE))


def asked_names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
class TestLockFile:
    def test_it_was_made_from_todays_requirements(self, lock: str) -> None:
        first_line = (ROOT / lock).read_text().splitlines()[0]
        assert first_line == _stamp["MARK"] + _stamp["digest_of_requirements"](ROOT / "pyproject.toml"), (
            "run ./dev lock"
        )

    def test_it_names_no_place_that_packages_come_from(self, lock: str) -> None:
        lines = [line for line in (ROOT / lock).read_text().splitlines() if not line.startswith("#")]
        assert [
            line for line in lines if re.search(r"://|@ |--(index|extra|find|trusted)|/(opt|work|home|root)/", line)
        ] == []

    def test_every_package_has_hashes(self, lock: str) -> None:
        text = re.sub(r"\\\n", " ", (ROOT / lock).read_text())
        pinned = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
        assert len(pinned) > 20
        assert [line for line in pinned if "--hash=sha256:" not in line] == []

    def test_it_holds_what_the_project_asks_for(self, lock: str) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extra = project["optional-dependencies"]["dev"] if "dev" in lock else []
        assert asked_names(project["dependencies"] + extra) - locked_names(lock) == set()


class TestDevelopmentLock:
    def test_it_pins_what_the_other_lock_pins(self) -> None:
        pins = [set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS]
        assert pins[0] - pins[1] == set()


class TestPageLock:
    def test_it_names_no_place_that_packages_come_from(self) -> None:
        assert '"resolved"' not in (ROOT / "web" / "package-lock.json").read_text()

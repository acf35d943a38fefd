"""Every page of Watchglass in a real browser, over hostile values: does any of them run, break or hide something?

Each tab loads the page's program for the addresses that somebody may be given from elsewhere, and goes to all others as
a link on the page does. What is seen of which text is noted, so that nothing counts as shown that was not.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response
from playwright.async_api import Error as BrowserError

from watchglass.store.text import storable_id

_WALK = Path(__file__).with_name("walk.js").read_text()
_BROKEN = (
    "Something broke inside Watchglass",
    "Could not load",
    "Watchglass did not answer",
    "Temporal did not answer",
)
_NEVER = (400, 413, 414, 500)
"""Statuses of answers that no page may cause, because it asks for what it was told of, as it is to be asked for."""
_AT_A_TIME = 12
"""Addresses between two looks at what the browser itself said."""
MOST_OPENED = 600
"""Things opened on one page."""
_PATIENCE_SECONDS = 180
"""A page is there within a second, but on a machine that does much else."""
_HEIGHT = 3000
"""A tall window: lists draw what is on the screen."""
_LONGEST_SHOWN = 60
"""Of longer ids lists show both ends."""
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
"""What the page draws by its number."""


@dataclass
class Looked:
    pages: int = 0
    clicks: int = 0
    ran: list[str] = field(default_factory=list)
    """Scripts, dialogs, reports of the security policy, elements and addresses that no text may make."""
    broke: list[str] = field(default_factory=list)
    """Exceptions on the page, and pages that tell of an error."""
    characters: int = 0
    """Of text that was on the pages."""
    refused_requests: list[str] = field(default_factory=list)
    """Requests of a page to anywhere but the server it came from."""
    seen: set[str] = field(default_factory=set)
    """Texts that stood on a page, as a person can tell them from others."""
    to_look_at: int = 0
    """Addresses that were asked for so far."""
    routes: set[str] = field(default_factory=set)
    """Kinds of addresses that were gone to, of those that the page knows."""
    routes_there_are: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Walk:
    """Addresses for one tab: the first is loaded, the others are gone to from there."""

    paths: Sequence[str]


async def look(
    browser: Browser, url: str, tokens: Sequence[str], walks: Iterable[Walk], texts: Sequence[str], looked: Looked
) -> None:
    """Open each page, press what opens more of it, and note what came of it. A tab for each token."""
    left = deque(walks)
    looked.to_look_at += sum(len(walk.paths) for walk in left)

    async def tab(token: str) -> None:
        context = await browser.new_context(
            viewport={"width": 1280, "height": _HEIGHT},
            locale="en-US",
            reduced_motion="reduce",
            extra_http_headers={"Authorization": f"Bearer {token}"},
        )
        context.set_default_timeout(_PATIENCE_SECONDS * 1000)
        await context.add_init_script(
            f"const PATIENCE = {_PATIENCE_SECONDS * 1000};"
            f"const WANTED = {json.dumps([[text, as_shown(text)] for text in texts])};"
            f"const BROKEN = {json.dumps(_BROKEN)};{_WALK}"
        )
        while left:
            walk = left.popleft()
            done = await _go(context, url.rstrip("/"), walk, looked)
            if done < len(walk.paths):
                # What broke is noted; what comes after it is looked at all the same.
                left.append(Walk(walk.paths[done:]))
        await context.close()

    async with asyncio.TaskGroup() as group:
        for token in tokens:
            group.create_task(tab(token))


def as_shown(text: str) -> str:
    """What a page shows of an id: characters that nobody sees by their numbers, of a long one its beginning."""
    shown, _ = storable_id(text)
    if len(shown.encode("utf-16-le")) > 2 * 2 * _LONGEST_SHOWN:
        shown = shown[: _LONGEST_SHOWN // 2]
    return _HIDDEN.sub(lambda match: f"U+{ord(match[0]):04X}", shown)


async def _go(context: BrowserContext, origin: str, walk: Walk, looked: Looked) -> int:
    """How many addresses are done with: all of them, unless the tab broke."""
    page = await context.new_page()
    at = [walk.paths[0]]
    done = 1
    _listen(page, origin, at, looked)
    try:
        await page.goto(origin + walk.paths[0])
        _note(looked, await page.evaluate("most => walk([null], most)", MOST_OPENED), at[0])
        looked.routes_there_are.update(await page.evaluate("startWalk()"))
        while done < len(walk.paths):
            some = list(walk.paths[done : done + _AT_A_TIME])
            at[0] = some[0]
            done += len(some)
            _note(looked, await page.evaluate("([paths, most]) => walk(paths, most)", [some, MOST_OPENED]))
    except BrowserError as error:
        looked.broke.append(f"{at[0]}: {error.message[:300]}")
    await page.close()
    return done


def _listen(page: Page, origin: str, at: list[str], looked: Looked) -> None:
    """Note what the browser itself says. `at`: the address it was on, or close before."""

    def ran(what: str) -> None:
        looked.ran.append(f"{at[0]}: {what}")

    async def dismiss(dialog: Any) -> None:
        ran(f"a dialog opened: {dialog.message}")
        await dialog.dismiss()

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            ran(message.text)

    def asked(url: str) -> None:
        if not url.startswith((origin, "data:", "blob:")):
            looked.refused_requests.append(f"{at[0]}: {url}")

    def answered(response: Response) -> None:
        if response.status in _NEVER:
            looked.broke.append(f"{at[0]}: {response.status} of {response.url[:200]}")

    page.on("dialog", dismiss)
    page.on("console", heard)
    page.on("pageerror", lambda error: looked.broke.append(f"{at[0]}: {error}"))
    page.on("popup", lambda popup: ran(f"a window opened: {popup.url}"))
    page.on("request", lambda request: asked(request.url))
    page.on("response", answered)


def _note(looked: Looked, walked: Mapping[str, Any], loaded: str | None = None) -> None:
    looked.routes.update(walked["routes"])
    for one in walked["told"]:
        path = one["path"] or loaded
        looked.pages += 1
        looked.clicks += one["clicks"]
        looked.characters += one["characters"]
        looked.seen.update(one["seen"])
        looked.ran += [f"{path}: {found}" for found in one["found"]]
        looked.broke += [f"{path}: {words}" for words in dict.fromkeys(one["broke"])]
        if not one["settled"]:
            looked.broke.append(f"{path}: was not there within {_PATIENCE_SECONDS} s")

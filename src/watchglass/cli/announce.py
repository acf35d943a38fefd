"""The line that says where Watchglass is, for people and for programs."""

import asyncio
import webbrowser
from dataclasses import dataclass
from uuid import UUID

import structlog

from watchglass.auth.sign_in import new_sign_in_url
from watchglass.cli.temporals import Observed
from watchglass.store.scope import Store

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """What there is to announce."""

    page_url: str
    owner: UUID
    first: Observed


async def announce(store: Store, ready: Ready, *, token: str | None, open_page: bool) -> None:
    """Say that the page is served, and how to sign in. No other line ever holds a secret.

    With a `token` it is programs that are told.
    """
    sign_in_url = await new_sign_in_url(store, user_id=ready.owner, page=ready.page_url)
    if token:
        _for_programs(ready, sign_in_url, token)
    else:
        _for_people(ready, sign_in_url)
    if open_page:
        await asyncio.to_thread(webbrowser.open, sign_in_url)


def _for_programs(ready: Ready, sign_in_url: str, token: str) -> None:
    _log.info(
        "ready",
        message=f"Watchglass is ready at {ready.page_url}",
        url=ready.page_url,
        sign_in_url=sign_in_url,
        token=token,
        temporal_address=ready.first.address,
        namespace=ready.first.namespace,
    )


def _for_people(ready: Ready, sign_in_url: str) -> None:
    _log.info("ready", message=f"Watchglass is ready at {ready.page_url}")
    _log.info("sign_in", message=f"Sign in, once and within ten minutes: {sign_in_url}")
    where = f"{ready.first.address}, namespace {ready.first.namespace}"
    observing = f"Workers that connect to {where} are seen here" if ready.first.is_embedded else f"Looking at {where}"
    _log.info("observing", message=f"{observing}. Ctrl-C stops.")

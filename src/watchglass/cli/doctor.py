"""`watchglass doctor`."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import typer
import uvloop

from watchglass.cli.open_store import open_store
from watchglass.cli.outside import control_credentials
from watchglass.cli.running import Running, find_running
from watchglass.cli.secret_key import read_seal
from watchglass.cli.visible import say
from watchglass.config import Settings, observed_profile
from watchglass.errors import Conflict, Unavailable, WatchglassError, said
from watchglass.model.connection import Connection
from watchglass.model.credentials import Credentials
from watchglass.store.connections import all_connections
from watchglass.store.credentials import Kept, open_kept, read_kept
from watchglass.store.unowned import count_unowned
from watchglass.temporal.client import connect
from watchglass.temporal.reach import check_namespace


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and the sentence about what is wrong with it."""

    subject: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Processes:
    """How many of each kind an installation runs."""

    apis: int
    workers: int

    def connections(self, settings: Settings) -> int:
        """How many connections to PostgreSQL they open at most: each has a pool for each of two roles."""
        return 2 * (self.apis * settings.api_pool_size + self.workers * settings.worker_pool_size)


def doctor(
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
    apis: Annotated[int, typer.Option(min=0, help="How many processes serve the API.")] = 1,
    workers: Annotated[int, typer.Option(min=0, help="How many workers copy runs.")] = 1,
) -> None:
    """Say what can be reached, what cannot, and what to do; exit code 1 when something cannot."""
    findings = uvloop.run(_examine(Settings.read(data_dir=data_dir), Processes(apis, workers)))
    for finding in findings:
        say(f"ok       {finding.subject}" if finding.problem is None else f"problem  {finding.subject}")
        if finding.problem:
            say(f"         {finding.problem}")
    if any(finding.problem for finding in findings):
        raise typer.Exit(1)


async def _examine(settings: Settings, processes: Processes) -> list[Finding]:
    running = find_running(settings)
    connections: list[tuple[Connection, Kept | None]] = []
    seal = read_seal(settings)
    findings = [await _look("database", _read_connections(settings, running, connections))]
    if findings[0].problem is None:
        wanted = processes.connections(settings)
        subject = (
            f"connections to PostgreSQL: {wanted} at most, of {processes.apis} API and {processes.workers} workers"
        )
        findings.append(await _look(subject, _find_room(settings, running, wanted)))
    if findings[0].problem is None:
        findings.append(await _look("copies", _count_unowned(settings, running)))
    if running.control_address:
        place = (running.control_address, running.control_namespace)
        credentials = control_credentials(running.control_address, observed_profile())
        question = _ask(*place, lambda: credentials, is_ours=True)
        findings.append(await _look(_named("Temporal of its own", *place), question))
    for found, kept in connections:
        place = (found.address, found.namespace)
        question = _ask(*place, partial(open_kept, seal, kept))
        findings.append(await _look(_named("Temporal that is looked at", *place), question))
    if running.page_url:
        findings.append(await _look(f"page {running.page_url}", _open_page(running.page_url)))
    return findings


async def _look(subject: str, question: Awaitable[None]) -> Finding:
    try:
        await question
    except WatchglassError as error:
        return Finding(subject, error.message)
    return Finding(subject, None)


async def _read_connections(settings: Settings, running: Running, into: list[tuple[Connection, Kept | None]]) -> None:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, running.urls, settings, size=1)
        async with store.write() as reader:
            for connection in await all_connections(reader):
                into.append((connection, await read_kept(reader, connection.id)))


async def _count_unowned(settings: Settings, running: Running) -> None:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, running.urls, settings, size=1)
        async with store.write() as reader:
            found = await count_unowned(reader)
    if found.late:
        raise Unavailable(
            f"Of the runs that are to be copied {found.late:,} have been due for more than ten minutes. Is a "
            "`watchglass worker` running, and does the Temporal of its own answer?"
        )
    if found.nobodys:
        raise Conflict(
            f"There are {found.nobodys:,} runs that are neither copied to their end nor waiting for it. Copy them with "
            "`watchglass sync`, and please report this."
        )


async def _find_room(settings: Settings, running: Running, wanted: int) -> None:
    """Raises Unavailable when the server allows fewer connections than `wanted`."""
    async with AsyncExitStack() as stack:
        store = await open_store(stack, running.urls, settings, size=1)
        async with store.write() as reader:
            allowed = int(
                await reader.fetchval(
                    "SELECT current_setting('max_connections')::int "
                    "- current_setting('superuser_reserved_connections')::int "
                    "- current_setting('reserved_connections')::int"
                )
            )
    if wanted > allowed:
        raise Unavailable(
            f"PostgreSQL allows {allowed}. Raise max_connections, run fewer processes, or make their pools smaller "
            "(WATCHGLASS_API_POOL_SIZE, WATCHGLASS_WORKER_POOL_SIZE)."
        )


async def _ask(address: str, namespace: str, credentials: Callable[[], Credentials], *, is_ours: bool = False) -> None:
    opened = credentials()
    client = await connect(address, namespace, opened, lazy=True)
    await check_namespace(client, address=address, namespace=namespace, credentials=opened, may_be_missing=is_ours)


async def _open_page(url: str) -> None:
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            (await client.get(f"{url}readyz")).raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(f"It does not answer ({said(error)}). Is `watchglass up` running?") from error


def _named(what: str, address: str, namespace: str) -> str:
    return f"{what}: {address}, namespace {namespace}"

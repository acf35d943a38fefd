"""*Under load*: memory and connections of the page's process and the worker's while all is asked of both at once.

New runs come and are copied, twenty clients ask for what is largest as fast as they are answered, thirty pages watch
an open run as the page does, drawings as large as a body may be are judged, and at last more requests come at once than
are let in.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from temporalio.client import Client

from benchmarks.figure import Figure
from benchmarks.load import QUEUE, Heavy, make_open_run, make_runs, working
from benchmarks.long_history import EVENTS, store_long_history
from benchmarks.memory import resident
from benchmarks.process import percentile
from benchmarks.served import Served
from watchglass.api.limits import MAX_REQUESTS_AT_ONCE
from watchglass.config import Settings
from watchglass.store.connections import all_connections
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients

_MOST_MB = 250
_CLIENTS = 20
_WATCHERS = 30
_WATCH_SECONDS = 0.5
_LEAST_SECONDS = 30.0
_VALUE_BYTES = 1_900_000
"""Temporal refuses values of 2 MB and more."""
_VALUES = 24
"""And histories of more than 50 MB."""
_BODY_BYTES = 4 * 1024 * 1024 - 4096
_SAMPLE_SECONDS = 0.1
_IN_ORDER = (200, 408, 429, 503)
"""An answer, or a sentence: took too long, too often, too much at once."""


@dataclass(slots=True)
class _Seen:
    """The most that was ever seen, and what came of requests."""

    memory: dict[str, float] = field(default_factory=lambda: {"api": 0.0, "worker": 0.0})
    connections: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


async def measure_under_load(served: Served, scale: float) -> list[Figure]:
    runs = max(100, round(2000 * scale))
    client = await served.place.client()
    async with served.installation.open_store() as store:
        parts = Parts(store, Clients())
        async with store.write() as reader:
            [connection] = await all_connections(reader)
        long_run = str((await store_long_history(parts, connection)).id)
    heavy = f"heavy-{uuid4()}"
    async with working(client):
        await client.execute_workflow(Heavy.run, args=[_VALUES, "x" * _VALUE_BYTES], id=heavy, task_queue=QUEUE)
    watched = f"watched-{uuid4()}"
    await make_open_run(client, activities=20, workflow_id=watched)
    seen = _Seen()
    async with _sampled(served, seen), served.client() as asking:
        large = await served.wait_for_copy(heavy)
        open_run = await served.wait_for_copy(watched)
        calls = await _calls(asking, long_run, large)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            copied = group.create_task(_come(served, client, runs))
            for number in range(_CLIENTS):
                group.create_task(
                    _ask_on(served, calls[number % len(calls) :] + calls[: number % len(calls)], copied, seen)
                )
            for _ in range(_WATCHERS):
                group.create_task(_watch(served, open_run, copied, seen))
            group.create_task(_draw(served, copied, seen))
        took = time.monotonic() - began
        sustained = Counter(seen.answers)
        at_once = await _crowd(served, calls)
    await client.get_workflow_handle(watched).terminate()
    return _figures(seen, sustained, at_once, runs=runs, took=took)


async def _come(served: Served, client: Client, runs: int) -> None:
    """New runs, each copied to its end; for some time at least."""
    prefix = f"load-{uuid4()}"
    began = time.monotonic()
    await make_runs(client, runs=runs, activities=10, prefix=prefix)
    for number in range(runs):
        await served.wait_for_copy(f"{prefix}-{number}")
    await asyncio.sleep(max(0.0, _LEAST_SECONDS - (time.monotonic() - began)))


Call = tuple[str, dict[str, object]]


async def _calls(client: httpx.AsyncClient, long_run: str, large: str) -> list[Call]:
    """What is largest of each kind."""
    project = (await _data(client, "project.list"))["items"][0]["id"]
    workflow = (await _data(client, "workflow.list", projectId=project))["items"][0]["id"]
    steps = (await _data(client, "execution.getExecutionDetails", executionId=large))["components"]
    return [
        ("execution.getExecutionDetails", {"executionId": long_run}),
        ("execution.getExecutionValues", {"executionId": large}),
        ("execution.getComponentExecution", {"executionId": large, "eventId": steps[0]["eventId"]}),
        ("execution.getHistoryEvents", {"executionId": long_run, "limit": 1000}),
        ("execution.getHistoryEvents", {"executionId": large, "limit": 1000}),
        ("execution.getExecutionDetails", {"executionId": large}),
        ("execution.getExecutionHistory", {"workflowId": workflow, "limit": 100}),
        ("execution.getProjectStatistics", {"projectId": project}),
        ("attention.get", {"projectId": project}),
    ]


async def _data(client: httpx.AsyncClient, procedure: str, **given: object) -> dict[str, Any]:
    answer = await client.get(f"trpc/{procedure}", params={"input": json.dumps(given)})
    if answer.status_code != 200:
        raise RuntimeError(f"{procedure} was answered with {answer.status_code}: {answer.text[:300]}")
    data: dict[str, Any] = answer.json()["result"]["data"]
    return data


async def _ask_on(served: Served, calls: Sequence[Call], until: asyncio.Task[None], seen: _Seen) -> None:
    async with served.client() as client:
        while not until.done():
            for name, given in calls:
                await _timed(client, name, given, seen)


async def _timed(client: httpx.AsyncClient, name: str, given: dict[str, object], seen: _Seen) -> None:
    began = time.perf_counter()
    try:
        answer = await client.get(f"trpc/{name}", params={"input": json.dumps(given)})
    except httpx.RemoteProtocolError:
        return  # A connection that was idle for as long as the server keeps them: it closed it while this was sent.
    seen.seconds.append(time.perf_counter() - began)
    seen.answers[answer.status_code] += 1


async def _watch(served: Served, run: str, until: asyncio.Task[None], seen: _Seen) -> None:
    async with served.client() as client:
        while not until.done():
            await _timed(client, "execution.getExecutionDetails", {"executionId": run}, seen)
            await asyncio.sleep(_WATCH_SECONDS)


async def _draw(served: Served, until: asyncio.Task[None], seen: _Seen) -> None:
    """Judge a drawing as large as a body may be, again and again."""
    async with served.client() as client:
        project = (await _data(client, "project.list"))["items"][0]["id"]
        start = json.dumps({"projectId": project, "graph": {"nodes": []}})
        body = start[:-2] + ', "note": "' + "x" * (_BODY_BYTES - len(start) - 16) + '"}}'
        while not until.done():
            answer = await client.post(
                "trpc/workflow.validate", content=body, headers={"Content-Type": "application/json"}
            )
            seen.answers[answer.status_code] += 1


async def _crowd(served: Served, calls: Sequence[Call]) -> Counter[int]:
    """Twice as many requests at once as are let in."""
    limits = httpx.Limits(max_connections=None)
    name, given = calls[0]
    async with httpx.AsyncClient(
        base_url=served.url,
        headers={"Authorization": f"Bearer {served.token}"},
        timeout=120,
        limits=limits,
        trust_env=False,
    ) as client:
        asked = [
            client.get(f"trpc/{name}", params={"input": json.dumps(given)}) for _ in range(2 * MAX_REQUESTS_AT_ONCE)
        ]
        answers = await asyncio.gather(*asked)
        assert (await client.get("healthz")).status_code == 200
    return Counter(answer.status_code for answer in answers)


@asynccontextmanager
async def _sampled(served: Served, seen: _Seen) -> AsyncIterator[None]:
    connection = await asyncpg.connect(served.installation.admin_url)

    async def look() -> None:
        while True:
            for name, pid in (("api", served.page_pid), ("worker", served.worker_pid)):
                seen.memory[name] = max(seen.memory[name], resident(pid)["Rss"])
            count = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'watchglass'"
            )
            seen.connections = max(seen.connections, count)
            await asyncio.sleep(_SAMPLE_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait({looking})
        await connection.close()
        if not looking.cancelled():
            looking.result()


def _figures(seen: _Seen, sustained: Counter[int], at_once: Counter[int], *, runs: int, took: float) -> list[Figure]:
    settings = Settings()
    most = 2 * (settings.api_pool_size + settings.worker_pool_size)
    note = (
        f"{took:.0f} s: {runs} new runs copied, {_CLIENTS} clients, {_WATCHERS} watching pages, {_VALUES} values of "
        f"{_VALUE_BYTES / 1e6:.1f} MB, {EVENTS:,} events, bodies of 4 MiB"
    )
    answered = ", ".join(f"{count:,} × {status}" for status, count in sorted(sustained.items()))
    crowd = ", ".join(f"{count} × {status}" for status, count in sorted(at_once.items()))
    bad = sum(count for status, count in (sustained + at_once).items() if status not in _IN_ORDER)
    return [
        Figure("under load", "api, most RSS ever seen", seen.memory["api"], "MB", most=_MOST_MB, note=note),
        Figure("under load", "worker, most RSS ever seen", seen.memory["worker"], "MB", most=_MOST_MB),
        Figure(
            "under load",
            "connections to PostgreSQL, most ever seen",
            seen.connections,
            most=most,
            note="both roles of both",
        ),
        Figure("under load", "answers that are neither 200 nor a refusal", bad, most=0, note=answered),
        Figure("under load", "p95 of all answers", percentile(seen.seconds, 0.95), "s"),
        Figure("under load", f"{2 * MAX_REQUESTS_AT_ONCE} requests at once: refused", at_once[503], note=crowd),
    ]

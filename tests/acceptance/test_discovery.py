"""Discovery on a real namespace: in windows, over again after an end, once for all who look, and behind a late list."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.workflowservice.v1 import (
    ListWorkflowExecutionsRequest,
    ListWorkflowExecutionsResponse,
    RegisterNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode, WorkflowService
from tests.acceptance.bench import assert_totals_equal_recomputation
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import new_id
from tests.databases import make_project

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.connection import Connection
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.statistics.keep import totals_kept
from watchglass.store.connections import all_connections, ensure_connection
from watchglass.store.discovery import read_discovery
from watchglass.store.listing_windows import ListingWindow, add_windows, next_window
from watchglass.store.scope import Store
from watchglass.sync import discover as discover_module
from watchglass.sync import windows as windows_module
from watchglass.sync.discover import discover
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal.errors import QuestionRefused, TemporalUnavailable
from watchglass.temporal.visibility import list_runs

pytestmark = pytest.mark.acceptance

RUNS = 60


@dataclass(slots=True)
class Wire:
    """What passes between a process and the server, and what happens to it there."""

    calls: Counter[str] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)
    """Queries whose list was answered, page by page."""
    hidden: set[str] = field(default_factory=set)
    """Workflow ids that the list does not tell of yet."""
    lists_left: int | None = None
    """After as many lists the server is gone."""


class WiredService:
    def __init__(self, service: WorkflowService, wire: Wire) -> None:
        self._service = service
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        self._wire.calls[name] += 1
        return getattr(self._service, name)

    async def list_workflow_executions(
        self, request: ListWorkflowExecutionsRequest, **options: Any
    ) -> ListWorkflowExecutionsResponse:
        self._wire.calls["list_workflow_executions"] += 1
        if self._wire.lists_left is not None:
            self._wire.lists_left -= 1
            if self._wire.lists_left < 0:
                raise RPCError("the line was cut", RPCStatusCode.UNAVAILABLE, b"")
        answer = await self._service.list_workflow_executions(request, **options)
        self._wire.listed[request.query] += 1
        seen = [info for info in answer.executions if info.execution.workflow_id not in self._wire.hidden]
        return ListWorkflowExecutionsResponse(executions=seen, next_page_token=answer.next_page_token)


@dataclass(slots=True)
class WiredClients(Clients):
    wire: Wire = field(default_factory=Wire)

    async def service(self, connection: Connection, credentials: Credentials = NO_CREDENTIALS) -> WorkflowService:
        return WiredService(await Clients.service(self, connection, credentials), self.wire)  # type: ignore[return-value]


@dataclass(frozen=True)
class Lookout:
    """A namespace of a test's own with runs that nobody works on, and who looks at it."""

    store: Store
    client: Client
    parts: Parts
    wire: Wire

    async def connect(self, scope: str = "") -> Connection:
        project_id, _ = await make_project(self.store, new_id("project"), owner="ada")
        async with self.store.write() as writer:
            made = await ensure_connection(
                writer,
                project_id=project_id,
                address=self.client.service_client.config.target_host,
                namespace=self.client.namespace,
                is_embedded=True,
            )
            await writer.execute("UPDATE connections SET scope = $2 WHERE id = $1", made.id, scope)
            [connection] = [each for each in await all_connections(writer) if each.id == made.id]
        return connection

    async def start_runs(self, count: int, *, type: str = "Waiting") -> list[str]:
        ids = [new_id("run") for _ in range(count)]
        await asyncio.gather(*(self.client.start_workflow(type, id=each, task_queue="nobody") for each in ids))

        async def are_listed() -> bool:
            return (await self.client.count_workflows(f"WorkflowType = '{type}'")).count >= count

        assert await eventually(are_listed)
        return ids

    async def known(self, connection: Connection) -> set[str]:
        async with self.store.write() as reader:
            rows = await reader.fetch(
                "SELECT temporal_workflow_id FROM workflow_executions WHERE connection_id = $1", connection.id
            )
        ids = [row["temporal_workflow_id"] for row in rows]
        assert len(set(ids)) == len(ids)
        return set(ids)

    async def age(self, connection: Connection, column: str, by: timedelta) -> None:
        async with self.store.write() as writer:
            await writer.execute(
                f"UPDATE connections SET {column} = {column} - $2::interval WHERE id = $1", connection.id, by
            )

    async def forget(self, connection: Connection, ids: list[str]) -> None:
        """As if these had never been listed."""
        async with self.store.write() as writer:
            rows = await writer.fetch(
                "SELECT project_id, id FROM workflow_executions "
                "WHERE connection_id = $1 AND temporal_workflow_id = ANY ($2::text[])",
                connection.id,
                ids,
            )
            async with totals_kept(writer, [tuple(row) for row in rows]):
                await writer.execute(
                    "DELETE FROM execution_keys WHERE execution_id = ANY ($1::uuid[])", [row["id"] for row in rows]
                )


@pytest_asyncio.fixture
async def lookout(store: Store, temporal: EmbeddedTemporal) -> AsyncIterator[Lookout]:
    name = new_id("looked-at")
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    client = await Client.connect(temporal.address, namespace=name)
    await client.workflow_service.register_namespace(request)

    async def is_known() -> bool:
        try:
            return (await client.count_workflows("WorkflowType = 'Waiting'")).count == 0
        except RPCError:
            return False

    assert await eventually(is_known)
    clients = WiredClients()
    yield Lookout(store, client, Parts(store, clients), clients.wire)


def look_in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first look takes ten runs, and windows are cut until they hold no more than ten."""
    monkeypatch.setattr(discover_module, "list_runs", partial(list_runs, page_size=10))
    monkeypatch.setattr(discover_module, "POLL_PAGES", 1)
    monkeypatch.setattr(windows_module, "WINDOW_RUNS", 10)


async def test_a_long_listing_that_is_cut_off_carries_on_where_it_was(
    lookout: Lookout, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_in_small_steps(monkeypatch)
    connection = await lookout.connect()
    ids = await lookout.start_runs(RUNS)
    lookout.wire.lists_left = 6
    with pytest.raises(TemporalUnavailable):
        await discover(lookout.parts, connection)
    assert 0 < len(await lookout.known(connection)) < RUNS
    async with lookout.store.write() as reader:
        assert (await read_discovery(reader, connection.id)).discovered_until is not None
        assert await next_window(reader, connection) is not None
    lookout.wire.lists_left = None
    restarted = Parts(lookout.store, lookout.parts.clients)
    while not (await discover(restarted, connection)).is_complete:
        pass
    assert await lookout.known(connection) == set(ids)
    in_windows = {query: count for query, count in lookout.wire.listed.items() if "StartTime < " in query}
    assert len(in_windows) >= RUNS / 10
    assert set(in_windows.values()) == {1}, "no stretch of time is listed twice"
    async with lookout.store.write() as reader:
        assert await next_window(reader, connection) is None
        assert await reader.fetchval("SELECT count(*) FROM sync_gaps WHERE connection_id = $1", connection.id) == 0
    await assert_totals_equal_recomputation(lookout.store)


async def nothing_differs(*_: object, **__: object) -> int:
    return 0


async def test_a_list_that_is_minutes_late_loses_nothing(lookout: Lookout) -> None:
    connection = await lookout.connect()
    early = await lookout.start_runs(5)
    lookout.wire.hidden = set(early[:3])
    await discover(lookout.parts, connection)
    assert await lookout.known(connection) == set(early[3:])
    # Time goes on, and what is listed by now lies before the overlap of a poll.
    await lookout.age(connection, "seen_until", timedelta(minutes=-3))
    lookout.wire.hidden = set()
    await discover(lookout.parts, connection)
    assert await lookout.known(connection) == set(early[3:]), "a poll alone does not see that far back"
    await lookout.age(connection, "rescanned_at", timedelta(minutes=6))
    await discover(lookout.parts, connection)
    assert await lookout.known(connection) == set(early)


async def test_what_no_overlap_reaches_is_found_by_counting(lookout: Lookout) -> None:
    connection = await lookout.connect()
    ids = await lookout.start_runs(RUNS)
    await discover(lookout.parts, connection)
    await lookout.forget(connection, ids[:7])
    async with lookout.store.write() as writer:
        # As if it were an hour and a half later: far beyond every overlap, and beyond the hour that is counted often.
        await writer.execute(
            "UPDATE connections SET seen_until = seen_until + interval '90 minutes' WHERE id = $1", connection.id
        )

    async def are_all_there() -> bool:
        await lookout.age(connection, "rescanned_at", timedelta(minutes=6))
        await lookout.age(connection, "compared_at", timedelta(minutes=6))
        await lookout.age(connection, "compared_all_at", timedelta(minutes=90))
        await discover(lookout.parts, connection)
        return await lookout.known(connection) == set(ids)

    assert await eventually(are_all_there), "runs of the last half minute are compared a little later"
    await assert_totals_equal_recomputation(lookout.store)


async def test_runs_that_are_counted_and_never_listed_are_said_to_be_missing(lookout: Lookout) -> None:
    connection = await lookout.connect()
    ids = await lookout.start_runs(5)
    lookout.wire.hidden = set(ids[:2])
    async with lookout.store.write() as writer:
        await add_windows(writer, connection, [ListingWindow("started", None, None)])
    await discover(lookout.parts, connection)
    async with lookout.store.write() as reader:
        gaps = await reader.fetch("SELECT missing_runs FROM sync_gaps WHERE connection_id = $1", connection.id)
    assert [gap["missing_runs"] for gap in gaps] == [2]


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_of_ours_that_is_an_hour_off_loses_nothing(
    lookout: Lookout, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    class Off(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(hours=hours)

    monkeypatch.setattr(discover_module, "datetime", Off)
    monkeypatch.setattr(windows_module, "datetime", Off)
    monkeypatch.setattr(discover_module, "compare_when_due", nothing_differs)
    connection = await lookout.connect()
    await lookout.age(connection, "created_at", timedelta(hours=-hours))
    ids = await lookout.start_runs(3)
    await discover(lookout.parts, connection)
    for _ in range(3):
        ids += await lookout.start_runs(1, type=new_id("Later"))
        await discover(lookout.parts, connection)
        assert await lookout.known(connection) == set(ids)


class TestTogether:
    async def test_connections_with_the_same_question_are_listed_once(self, lookout: Lookout) -> None:
        ids = await lookout.start_runs(4)
        first, second = await lookout.connect(), await lookout.connect()
        await discover(lookout.parts, first)
        lists = lookout.wire.calls["list_workflow_executions"]
        await discover(lookout.parts, second)
        assert lookout.wire.calls["list_workflow_executions"] == lists
        assert await lookout.known(first) == await lookout.known(second) == set(ids)

    async def test_scopes_split_a_namespace_between_projects(self, lookout: Lookout) -> None:
        orders = await lookout.start_runs(3, type="Order")
        parcels = await lookout.start_runs(2, type="Parcel")
        first = await lookout.connect("WorkflowType = 'Order' OR WorkflowType = 'Refund'")
        second = await lookout.connect("WorkflowType = 'Parcel'")
        for connection in (first, second):
            await discover(lookout.parts, connection)
        assert await lookout.known(first) == set(orders)
        assert await lookout.known(second) == set(parcels)


@pytest.mark.parametrize(
    ("scope", "reason", "part"),
    [
        ("WorkflowType = 'Order' AND Colour = 'red'", "invalid search attribute: Colour", "“Colour”"),
        ("WorkflowType = 'A' OR (StartTime > 'soon' AND TaskQueue = 'x')", "unable to parse", "“soon”"),
        ("WorkflowType = ", "syntax error", ""),
        ("TaskQueue = 'a') OR (TaskQueue = 'b'", "brackets or quotes that do not pair up", ""),
        ("WorkflowType = 'Order", "brackets or quotes that do not pair up", ""),
    ],
)
async def test_a_scope_that_is_refused_is_named_with_its_part(
    lookout: Lookout, scope: str, reason: str, part: str
) -> None:
    connection = await lookout.connect(scope)
    with pytest.raises(QuestionRefused) as refused:
        await discover(lookout.parts, connection)
    assert reason in refused.value.message
    assert part in refused.value.message
    assert "Correct it in the connection's settings." in refused.value.message


async def test_an_empty_namespace_costs_little(lookout: Lookout) -> None:
    connection = await lookout.connect()
    await discover(lookout.parts, connection)
    lookout.wire.calls.clear()
    for _ in range(3):
        await discover(lookout.parts, connection)
    assert lookout.wire.calls == {"list_workflow_executions": 3}

"""Connections to somebody else's Temporal: rights to read suffice, and whatever is wrong is said in a sentence."""

import asyncio
import dataclasses
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.api.operatorservice.v1 import DeleteNamespaceRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError
from tests.acceptance.certificates import Authority
from tests.acceptance.eventually import eventually
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.observed import Greeting, Retried, Steps, new_id, observed_worker
from tests.databases import Database, make_project

from watchglass.embedded.ports import free_port
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.errors import NotFound, Unavailable
from watchglass.model.connection import Connection, ConnectionSettings
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.store.backfills import ensure_backfill
from watchglass.store.connections import read_described_connection
from watchglass.store.scope import Store
from watchglass.store.summaries import Row
from watchglass.sync.connections import (
    Change,
    CredentialsChange,
    add_connection,
    change_connection,
    examine_connection,
)
from watchglass.sync.discover import discover
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.parts import Parts
from watchglass.sync.worker import CONTROL_NAMESPACE, run_worker
from watchglass.temporal.client import Clients
from watchglass.temporal.examine import Examination, Outcome

OURS = Authority("Ours")
OTHERS = Authority("Somebody else's")
KEY = "wg-test-key-0123456789"


@asynccontextmanager
async def worker_beside(database: Database, temporal: EmbeddedTemporal) -> AsyncIterator[None]:
    """Watchglass's worker, with its own workflows on the embedded server."""
    store = await database.open_store(size=12)
    control = await Client.connect(temporal.address, namespace=CONTROL_NAMESPACE)
    task = asyncio.create_task(run_worker(Parts(store, Clients()), control))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await store.close()


async def connect_to(
    store: Store,
    address: str,
    credentials: Credentials = NO_CREDENTIALS,
    *,
    namespace: str = "default",
    scope: str = "",
) -> Connection:
    project_id, _ = await make_project(store, f"looks {uuid4()}", owner="ada")
    return await add_connection(store, project_id, ConnectionSettings(address, namespace, scope), credentials)


async def forget(store: Store, *connections: Connection) -> None:
    """So that the worker of another test does not look at a proxy that is gone."""
    async with store.write() as writer:
        for table, column in (("execution_keys", "project_id"), ("workflows", "project_id"), ("projects", "id")):
            await writer.execute(
                f"DELETE FROM {table} WHERE {column} = ANY ($1::uuid[])", [c.project_id for c in connections]
            )


async def row_of(store: Store, connection: Connection) -> Row:
    async with store.write() as reader:
        row = await read_described_connection(reader, connection.id)
    assert row is not None
    return row


async def runs_of(store: Store, connection: Connection) -> dict[str, Row]:
    async with store.write() as reader:
        rows = await reader.fetch("SELECT * FROM workflow_executions WHERE connection_id = $1", connection.id)
    return {row["temporal_workflow_id"]: row for row in rows}


def outcome_of(found: Examination, call: str) -> Outcome:
    return next(tried.outcome for tried in found.calls if tried.call == call)


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(temporal: EmbeddedTemporal) -> AsyncIterator[GrpcProxy]:
    async with GrpcProxy(temporal.address) as opened:
        yield opened


class TestReadOnly:
    async def test_the_whole_sync_works_with_calls_that_read(
        self, database: Database, store: Store, temporal: EmbeddedTemporal, proxy: GrpcProxy
    ) -> None:
        proxy.api_keys = {KEY}
        connection = await connect_to(store, proxy.address, Credentials(api_key=KEY))
        prefix = new_id("read")
        async with worker_beside(database, temporal), observed_worker(temporal.address) as (client, queue):
            for number in range(3):
                await client.start_workflow(Greeting.run, ["Ada"], id=f"{prefix}-{number}", task_queue=queue)
            retried = await client.start_workflow(Retried.run, 4, id=f"{prefix}-retried", task_queue=queue)
            steps = await client.start_workflow(Steps.run, id=f"{prefix}-steps", task_queue=queue)

            async def statuses() -> dict[str, str]:
                runs = await runs_of(store, connection)
                return {name: run["status"] for name, run in runs.items() if run["detail_state"] == "complete"}

            assert await eventually(_all_seen(statuses, f"{prefix}-steps", "running"))
            await steps.signal(Steps.step, "Grace")
            looking = ImmediateSync(Parts(store, Clients()))
            run = (await runs_of(store, connection))[f"{prefix}-steps"]

            async def has_step() -> bool:
                refreshed = await looking.refresh(run["id"], force=True)
                assert refreshed.error is None
                return (await runs_of(store, connection))[f"{prefix}-steps"]["component_count"] >= 2

            assert await eventually(has_step), "a signal and its activity are seen by who looks"
            found = await looking.resolve(connection.id, workflow_id=f"{prefix}-0", run_id=None)
            assert found == (await runs_of(store, connection))[f"{prefix}-0"]["id"]
            await steps.signal(Steps.finish)
            await asyncio.gather(steps.result(), retried.result())
            for name in ("steps", "retried", "0", "1", "2"):
                assert await eventually(_all_seen(statuses, f"{prefix}-{name}", "completed")), name
            runs = await runs_of(store, connection)
            assert runs[f"{prefix}-retried"]["retry_count"] == 3
        await forget(store, connection)
        assert proxy.refused == {}
        assert proxy.calls["GetWorkflowExecutionHistory"] and proxy.calls["ListWorkflowExecutions"]

    async def test_every_write_would_have_been_refused(self, temporal: EmbeddedTemporal, proxy: GrpcProxy) -> None:
        client = await Client.connect(proxy.address)
        with pytest.raises(RPCError, match="unauthorized"):
            await client.start_workflow("Greeting", ["Ada"], id=new_id("write"), task_queue="nobody")
        assert proxy.refused == {"StartWorkflowExecution": 1}

    async def test_two_projects_see_what_their_scopes_let_them_see(
        self, store: Store, temporal: EmbeddedTemporal
    ) -> None:
        greetings = await connect_to(store, temporal.address, scope="WorkflowType = 'Greeting' OR WorkflowType = 'X'")
        steps = await connect_to(store, temporal.address, scope="WorkflowType = 'Steps'")
        async with observed_worker(temporal.address) as (client, queue):
            one = await client.start_workflow(Greeting.run, ["Ada"], id=new_id("scope"), task_queue=queue)
            two = await client.start_workflow(Steps.run, id=new_id("scope"), task_queue=queue)
            for connection, seen, unseen in ((greetings, one, two), (steps, two, one)):

                async def is_listed(connection: Connection = connection, name: str = seen.id) -> bool:
                    await discover(Parts(store, Clients()), connection)
                    return name in await runs_of(store, connection)

                assert await eventually(is_listed)
                assert unseen.id not in await runs_of(store, connection)
            await two.signal(Steps.finish)
        await forget(store, greetings, steps)


class TestExamined:
    async def test_everything_that_is_needed_works(
        self, store: Store, temporal: EmbeddedTemporal, proxy: GrpcProxy
    ) -> None:
        async with observed_worker(temporal.address) as (client, queue):
            await client.execute_workflow(Greeting.run, ["Ada"], id=new_id("test"), task_queue=queue)

            async def all_tried() -> bool:
                found = await examine_connection(ConnectionSettings(proxy.address, "default"), NO_CREDENTIALS)
                return outcome_of(found, "DescribeTaskQueue") is Outcome.OK

            assert await eventually(all_tried)
        found = await examine_connection(ConnectionSettings(proxy.address, "default"), NO_CREDENTIALS)
        assert found.is_good, found.problem
        others = {tried.call: tried.outcome for tried in found.calls if tried.outcome is not Outcome.OK}
        # Which of the two depends on whether the namespace has a schedule to describe.
        assert others in ({}, {"DescribeSchedule": Outcome.NOT_TRIED})
        assert found.server_version and found.run_count and found.retention_seconds == 86_400
        assert found.round_trip_ms is not None
        assert proxy.refused == {}

    @pytest.mark.parametrize(
        ("call", "is_good"),
        [
            ("DescribeNamespace", False),
            ("ListWorkflowExecutions", False),
            ("CountWorkflowExecutions", True),
            ("DescribeWorkflowExecution", False),
            ("GetWorkflowExecutionHistory", False),
            ("GetWorkflowExecutionHistoryReverse", True),
            ("DescribeTaskQueue", True),
            ("ListSchedules", True),
        ],
    )
    async def test_the_refused_call_is_named(
        self, call: str, is_good: bool, temporal: EmbeddedTemporal, proxy: GrpcProxy
    ) -> None:
        async with observed_worker(temporal.address) as (client, queue):
            await client.execute_workflow(Greeting.run, ["Ada"], id=new_id("test"), task_queue=queue)
        assert proxy.allowed is not None
        proxy.allowed = proxy.allowed - {call}

        async def refused() -> bool:
            found = await examine_connection(ConnectionSettings(proxy.address, "default"), NO_CREDENTIALS)
            return outcome_of(found, call) is Outcome.REFUSED

        assert await eventually(refused)
        found = await examine_connection(ConnectionSettings(proxy.address, "default"), NO_CREDENTIALS)
        assert [tried.call for tried in found.calls if tried.outcome is Outcome.REFUSED] == [call]
        assert found.is_good is is_good
        (message,) = [tried.message for tried in found.calls if tried.call == call]
        assert message is not None and "the credentials do not allow it" in message

    async def test_an_empty_namespace_leaves_calls_untried_and_says_so(self, temporal: EmbeddedTemporal) -> None:
        settings = ConnectionSettings(temporal.address, "default", scope="WorkflowType = 'NobodyHasThis'")
        found = await examine_connection(settings, NO_CREDENTIALS)
        assert found.is_good and found.run_count == 0
        assert outcome_of(found, "GetWorkflowExecutionHistory") is Outcome.NOT_TRIED

    @pytest.mark.parametrize(
        ("scope", "part"),
        [
            ("WorkflowTyp = 'A'", "WorkflowTyp"),
            ("WorkflowType = 'A' AND (Foo = 1 OR StartTime > 3)", "Foo"),
            ("StartTime > 'yesterday'", "yesterday"),
            ("ExecutionStatus = 'Runing'", "Runing"),
            ("WorkflowType LIKE 'A%'", "LIKE"),
            ("WorkflowType = 'A' ORDER BY StartTime", "ORDER BY"),
            ("WorkflowType = 'A", "A"),
            ("WorkflowType = ", "its end"),
            ("WorkflowType IN ('a','b'", "its end"),
            ("WorkflowType == 'A'", "= 'A'"),
            ("HistoryLength = 'a lot'", "a lot"),
        ],
    )
    async def test_the_part_of_a_scope_that_temporal_refuses_is_named(
        self, scope: str, part: str, temporal: EmbeddedTemporal
    ) -> None:
        found = await examine_connection(ConnectionSettings(temporal.address, "default", scope), NO_CREDENTIALS)
        assert found.problem is not None
        assert found.problem.startswith("Temporal does not accept the scope because of ")
        assert part in found.problem.partition(": ")[0], found.problem


def _all_seen(statuses: Callable[[], object], name: str, status: str) -> Callable[[], object]:
    async def asked() -> bool:
        return (await statuses()).get(name) == status  # type: ignore[misc]

    return asked  # type: ignore[return-value]


SERVER = OURS.issue("server")
CLIENT = OURS.issue("client")
EXPIRED = OURS.issue("an old client", valid_for=timedelta(days=-3))
STRANGER = OTHERS.issue("a stranger")
TRUSTING = Credentials(tls=True, server_ca=OURS.certificate)


def with_client(pair: object) -> Credentials:
    return dataclasses.replace(TRUSTING, client_certificate=pair.certificate, client_key=pair.key)  # type: ignore[attr-defined]


class TestSentences:
    """What is in the way is said, and what to do about it."""

    async def told(self, address: str, credentials: Credentials = NO_CREDENTIALS, namespace: str = "default") -> str:
        found = await examine_connection(ConnectionSettings(address, namespace), credentials)
        return found.problem or ""

    @pytest.mark.parametrize(
        ("credentials", "sentence"),
        [
            (NO_CREDENTIALS, "wants TLS, and the connection is set to plain text"),
            (Credentials(tls=True), "signed by nobody whom this machine trusts"),
            (Credentials(tls=True, server_ca=OTHERS.certificate), "was not signed by the CA certificate that is set"),
            (dataclasses.replace(TRUSTING, server_name="temporal.example"), "is for another name"),
            (TRUSTING, ""),
        ],
    )
    async def test_of_a_server_that_speaks_tls(
        self, credentials: Credentials, sentence: str, temporal: EmbeddedTemporal
    ) -> None:
        async with GrpcProxy(temporal.address, server=SERVER) as proxy:
            told = await self.told(proxy.address, credentials)
        assert sentence in told and bool(sentence) is bool(told)

    @pytest.mark.parametrize(
        ("credentials", "sentence"),
        [
            (TRUSTING, "wants a client certificate, and none is set"),
            (with_client(EXPIRED), "The client certificate (CN=an old client) expired on"),
            (with_client(STRANGER), "does not accept the client certificate"),
            (with_client(CLIENT), ""),
        ],
    )
    async def test_of_a_server_that_wants_client_certificates(
        self, credentials: Credentials, sentence: str, temporal: EmbeddedTemporal
    ) -> None:
        async with GrpcProxy(temporal.address, server=SERVER, client_ca=OURS.certificate) as proxy:
            told = await self.told(proxy.address, credentials)
        assert sentence in told and bool(sentence) is bool(told)

    async def test_of_a_server_whose_certificate_has_expired(self, temporal: EmbeddedTemporal) -> None:
        expired = OURS.issue("server", valid_for=timedelta(days=-1))
        async with GrpcProxy(temporal.address, server=expired) as proxy:
            assert "has expired. Whoever runs the server" in await self.told(proxy.address, TRUSTING)

    async def test_of_tls_to_a_server_that_speaks_plain_text(self, proxy: GrpcProxy) -> None:
        assert "Turn TLS off" in await self.told(proxy.address, TRUSTING)

    async def test_of_a_missing_and_of_a_wrong_key(self, proxy: GrpcProxy) -> None:
        proxy.api_keys = {KEY}
        for credentials in (NO_CREDENTIALS, Credentials(api_key="another key")):
            told = await self.told(proxy.address, credentials)
            assert "does not accept the credentials" in told and "another key" not in told
        assert await self.told(proxy.address, Credentials(api_key=KEY)) == ""

    async def test_of_a_server_that_asks_for_a_key_before_anything_else(self, proxy: GrpcProxy) -> None:
        proxy.api_keys, proxy.open_to_all = {KEY}, frozenset()
        assert "does not accept the credentials" in await self.told(proxy.address)
        assert await self.told(proxy.address, Credentials(api_key=KEY)) == ""

    async def test_of_a_header_that_a_self_hosted_server_wants(self, proxy: GrpcProxy) -> None:
        proxy.headers = {"authorization": "Bearer a.b.c"}
        assert "the credentials do not allow it" in await self.told(proxy.address)
        assert await self.told(proxy.address, Credentials(headers=(("authorization", "Bearer a.b.c"),))) == ""

    async def test_of_a_wrong_namespace(self, temporal: EmbeddedTemporal) -> None:
        assert "has no namespace 'shopp'. Check its spelling" in await self.told(temporal.address, namespace="shopp")

    async def test_of_an_address_where_nobody_listens_and_of_a_host_that_nobody_has(self) -> None:
        assert "Nobody listens at" in await self.told(f"127.0.0.1:{free_port()}")
        assert "cannot be found" in await self.told("nowhere.invalid:7233")

    async def test_of_something_that_is_not_temporal(self) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            assert "speaks HTTP but not gRPC" in await self.told(f"127.0.0.1:{port}")

    async def test_of_a_port_that_says_nothing(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            assert "says nothing" in await self.told(f"127.0.0.1:{silent.getsockname()[1]}")


class TestOtherVersions:
    async def test_an_old_server_that_reads_forwards_only(
        self, store: Store, temporal: EmbeddedTemporal, proxy: GrpcProxy
    ) -> None:
        proxy.hidden = {"GetWorkflowExecutionHistoryReverse", "CountWorkflowExecutions", "ListSchedules"}
        connection = await connect_to(store, proxy.address)
        looking = ImmediateSync(Parts(store, Clients()))
        async with observed_worker(temporal.address) as (client, queue):
            handle = await client.start_workflow(Steps.run, id=new_id("old"), task_queue=queue)
            found = await looking.resolve(connection.id, workflow_id=handle.id, run_id=None)
            assert found is not None
            await discover(Parts(store, Clients()), connection)
            await handle.signal(Steps.step, "Ada")
            await handle.signal(Steps.finish)
            await handle.result()
            refreshed = await looking.refresh(found, force=True)
        assert (refreshed.synced, refreshed.error) == (True, None)
        run = (await runs_of(store, connection))[handle.id]
        assert (run["status"], run["component_count"], run["is_final"]) == ("completed", 3, True)
        assert proxy.refused["GetWorkflowExecutionHistoryReverse"] >= 1
        await forget(store, connection)

    async def test_the_test_says_what_an_old_server_does_not_offer(self, proxy: GrpcProxy) -> None:
        proxy.hidden = {"CountWorkflowExecutions", "ListSchedules"}
        found = await examine_connection(ConnectionSettings(proxy.address, "default"), NO_CREDENTIALS)
        assert found.is_good
        assert [tried.call for tried in found.calls if tried.outcome is Outcome.NOT_OFFERED] == sorted(proxy.hidden)

    async def test_fields_that_nobody_knows_yet_are_passed_over(
        self, store: Store, temporal: EmbeddedTemporal, proxy: GrpcProxy
    ) -> None:
        # Field 15,000, two bytes: what a server five versions newer may add to any answer.
        added = bytes([0xC2, 0xA9, 0x07, 0x02, 0x08, 0x01])
        for call in ("ListWorkflowExecutions", "DescribeWorkflowExecution", "GetWorkflowExecutionHistory"):
            proxy.rewrites[call] = lambda answer: answer + added
        connection = await connect_to(store, proxy.address)
        async with observed_worker(temporal.address) as (client, queue):
            handle = await client.start_workflow(Greeting.run, ["Ada"], id=new_id("newer"), task_queue=queue)
            await handle.result()
        looking = ImmediateSync(Parts(store, Clients()))
        assert await looking.resolve(connection.id, workflow_id=handle.id, run_id=None) is not None
        assert (await runs_of(store, connection))[handle.id]["status"] == "completed"
        await forget(store, connection)


class TestChanged:
    async def test_a_revoked_key_is_said_and_a_new_one_works_without_a_restart(
        self, database: Database, store: Store, temporal: EmbeddedTemporal, proxy: GrpcProxy
    ) -> None:
        proxy.api_keys = {KEY}
        connection = await connect_to(store, proxy.address, Credentials(api_key=KEY))

        async def state() -> str:
            return str((await row_of(store, connection))["state"])

        async with worker_beside(database, temporal):
            assert await eventually(lambda: _is(state, "ok"))
            proxy.api_keys = {"the next key"}
            assert await eventually(lambda: _is(state, "refused"))
            error = (await row_of(store, connection))["error"]
            assert "does not accept the credentials" in error and "revoked" in error and KEY not in error
            change = Change(connection.settings, CredentialsChange(api_key="the next key"))
            await change_connection(store, connection, change)
            assert await eventually(lambda: _is(state, "ok"))
        await forget(store, connection)

    async def test_a_namespace_that_was_made_anew_is_noticed_and_its_old_runs_stay(
        self, store: Store, temporal: EmbeddedTemporal
    ) -> None:
        namespace = new_id("wiped")
        admin = await Client.connect(temporal.address)
        await _register(admin, namespace)
        connection = await connect_to(store, temporal.address, namespace=namespace)
        old, new = new_id("old"), new_id("new")
        await _start(temporal.address, namespace, old)
        parts = Parts(store, Clients())
        async with store.write() as writer:
            await ensure_backfill(writer, connection)
        assert await eventually(lambda: _listed(parts, connection, old))
        first_id = (await row_of(store, connection))["namespace_id"]
        assert first_id and (await row_of(store, connection))["namespace_replaced_at"] is None

        await admin.operator_service.delete_namespace(DeleteNamespaceRequest(namespace=namespace))
        await _register(admin, namespace)

        async def is_started_and_listed() -> bool:
            # For some seconds the server still takes the name for the namespace that was deleted, and starts it there.
            await _start(temporal.address, namespace, new)
            return await _listed(parts, connection, new)

        assert await eventually(is_started_and_listed)
        row = await row_of(store, connection)
        assert row["namespace_id"] not in (None, first_id)
        assert row["namespace_replaced_at"] is not None
        runs = await runs_of(store, connection)
        assert set(runs) == {old, new}
        assert runs[old]["next_sync_at"] is not None, "whether Temporal still has it is asked by the usual rules"
        async with store.write() as reader:
            jobs = await reader.fetch("SELECT * FROM backfills WHERE connection_id = $1", connection.id)
        assert len(jobs) == 2, "what the new namespace may have had before is looked for as far back as before"
        await forget(store, connection)


async def _is(state: Callable[[], object], wanted: str) -> bool:
    return (await state()) == wanted  # type: ignore[misc, no-any-return]


async def _listed(parts: Parts, connection: Connection, workflow_id: str) -> bool:
    """List it, with the look at the namespace that is otherwise taken every five minutes."""
    async with parts.store.write() as writer:
        await writer.execute("UPDATE connections SET rescanned_at = NULL WHERE id = $1", connection.id)
    try:
        await discover(parts, connection)
    except (NotFound, Unavailable):
        # While it is deleted, and until the server has noticed that it is there again.
        return False
    return workflow_id in await runs_of(parts.store, connection)


async def _register(client: Client, namespace: str) -> None:
    """Make the namespace, as soon as one of that name is out of the way, and wait until it answers."""
    request = RegisterNamespaceRequest(namespace=namespace)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))

    async def is_made() -> bool:
        try:
            await client.workflow_service.register_namespace(request)
        except RPCError:
            return False
        return True

    assert await eventually(is_made)


async def _start(address: str, namespace: str, workflow_id: str) -> None:
    client = await Client.connect(address, namespace=namespace)

    async def is_started() -> bool:
        try:
            await client.start_workflow(
                "Nobody",
                id=workflow_id,
                task_queue="nobody",
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
        except RPCError:
            # The server takes a moment to know the namespace.
            return False
        return True

    assert await eventually(is_started)

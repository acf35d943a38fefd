"""Crash points: whatever is done is broken off before its first statement or call, before its second, and so on.

    fuse ─┬─ before each SQL statement, and before each COMMIT     FusedStore
          └─ before each call to Temporal                          FusedParts

A process that has crashed says nothing more to anybody: every later statement and call of it fails too.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

import asyncpg
import zstandard
from google.protobuf.message import DecodeError
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from tests.acceptance.commit_cutter import CommitCutter
from tests.acceptance.soundness import assert_nothing_half_done
from tests.databases import Database

from watchglass.model.connection import Connection
from watchglass.store.history_pages import PAGE_LIMIT_BYTES
from watchglass.store.outage import is_outage
from watchglass.store.scope import Store, Writer
from watchglass.sync.parts import Parts
from watchglass.temporal.access import Access, CallKind, Gate

Isolation = Literal["read_committed", "repeatable_read"]
Doing = Callable[[Parts], Awaitable[object]]


class Crashed(BaseException):
    """The process is gone: nobody catches this."""


@dataclass
class Fuse:
    """Lets `left` statements and calls pass, and burns at the next."""

    left: int
    burnt: bool = False

    def step(self) -> None:
        if self.left == 0:
            self.burnt = True
            raise Crashed
        self.left -= 1


@dataclass
class FusedConnection:
    connection: Any
    fuse: Fuse

    async def fetch(self, *args: object, timeout: float | None = None) -> Any:
        self.fuse.step()
        return await self.connection.fetch(*args, timeout=timeout)

    async def fetchrow(self, *args: object, timeout: float | None = None) -> Any:
        self.fuse.step()
        return await self.connection.fetchrow(*args, timeout=timeout)

    async def fetchval(self, *args: object, timeout: float | None = None) -> Any:
        self.fuse.step()
        return await self.connection.fetchval(*args, timeout=timeout)

    async def execute(self, *args: object, timeout: float | None = None) -> Any:
        self.fuse.step()
        return await self.connection.execute(*args, timeout=timeout)


@dataclass(frozen=True, slots=True)
class FusedStore(Store):
    fuse: Fuse = field(default_factory=lambda: Fuse(0))

    @asynccontextmanager
    async def write(self, *, isolation: Isolation = "read_committed") -> AsyncIterator[Writer]:
        async with self.sync.acquire() as connection, connection.transaction(isolation=isolation):
            yield Writer(FusedConnection(connection, self.fuse))
            # The last point at which a process can die with its work undone.
            self.fuse.step()


@dataclass
class FusedGate:
    gate: Gate
    fuse: Fuse

    async def enter(self, kind: CallKind) -> None:
        await self.gate.enter(kind)
        self.fuse.step()

    async def slow_down(self, kind: CallKind) -> None:
        await self.gate.slow_down(kind)


@dataclass
class FusedParts(Parts):
    fuse: Fuse = field(default_factory=lambda: Fuse(0))

    async def access(self, connection: Connection, **options: Any) -> Access:
        access = await super().access(connection, **options)
        return replace(access, gate=FusedGate(access.gate, self.fuse))


def fused(store: Store, parts: Parts, fuse: Fuse) -> FusedParts:
    """What a process has that dies when the fuse burns: its own view of the settings, shared connections."""
    fused_store = FusedStore(store.login, store.sync, store.user_role, store.seal, fuse=fuse)
    return FusedParts(fused_store, parts.clients, fuse=fuse)


class Rewind:
    """The tables as they were at one moment, and the way back there."""

    def __init__(self, admin: asyncpg.Connection, columns: dict[str, str]) -> None:
        self._admin = admin
        self._columns = columns

    @classmethod
    @asynccontextmanager
    async def of(cls, database: Database) -> AsyncIterator["Rewind"]:
        admin = await asyncpg.connect(database.admin_url)
        # Triggers and references are left out: what is put back was all there together.
        await admin.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        rows = await admin.fetch(
            """
            SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
            GROUP BY 1 ORDER BY 1
            """
        )
        try:
            yield cls(admin, {row["relname"]: row["columns"] for row in rows})
        finally:
            await admin.close()

    async def keep(self, name: str) -> None:
        """Remember this moment by `name`."""
        tables = " ".join(f"CREATE TABLE {name}.{table} AS TABLE public.{table};" for table in self._columns)
        await self._admin.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}; {tables}")

    async def back(self, name: str) -> None:
        """Make the tables what they were at the moment of that name."""
        moves = " ".join(
            f"DELETE FROM public.{table}; INSERT INTO public.{table} ({columns}) OVERRIDING SYSTEM VALUE "
            f"SELECT {columns} FROM {name}.{table};"
            for table, columns in self._columns.items()
        )
        await self._admin.execute(f"BEGIN; {moves} COMMIT")


_NOT_OF_SYNC = {
    *("api_tokens", "sessions", "sign_in_links", "users", "projects", "project_members"),
    # How much may be asked of Temporal right now.
    *("call_budgets",),
    # What they add up to is held against the rows (`assert_nothing_half_done`), not how many notes it takes.
    *("run_changes", "component_changes"),
}
_OF_THE_MOMENT = {
    # What Temporal says of its pollers, and who did the work.
    ("task_queues", "newest_poll_at"),
    ("task_queues", "poll_seen_at"),
    ("backfills", "holder"),
    # Windows of closing times are laid from the moment of the listing on.
    ("backfills", "listed_until"),
    # Whoever comes after a crash asks about the next runs.
    ("workflow_executions", "patrolled_at"),
    # How long the looking around took.
    ("patrols", "full_round_seconds"),
    # Moves on with the time between two looks.
    ("connections", "seen_until"),
}


def _in_order(data: bytes) -> bytes:
    """An answer of Describe has maps in it, whose order differs from answer to answer."""
    if not data.startswith(zstandard.FRAME_HEADER):
        return data
    text = zstandard.ZstdDecompressor().decompress(data, max_output_size=PAGE_LIMIT_BYTES)
    try:
        return DescribeWorkflowExecutionResponse.FromString(text).SerializeToString(deterministic=True)
    except DecodeError:
        return data


async def picture(store: Store, *, since: datetime) -> dict[str, list[str]]:
    """Everything stored, row by row, comparable between two doings of the same: ids that are made up are told by what
    they stand for, and moments after `since` only as passed or to come."""
    async with store.write(isolation="repeatable_read") as reader:
        names = {
            row["id"]: row["name"]
            for row in await reader.fetch(
                """
                SELECT id, 'run ' || temporal_run_id AS name FROM workflow_executions
                UNION ALL SELECT id, 'workflow ' || name FROM workflows
                UNION ALL SELECT id, 'job ' || kind || coalesce(workflow_id::text, '') FROM backfills
                """
            )
        }
        tables = await reader.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
            "AND has_table_privilege(oid, 'SELECT')"
        )
        now = datetime.now(UTC)

        def told(value: Any) -> Any:
            if isinstance(value, UUID):
                return names.get(value, str(value))
            if isinstance(value, bytes):
                return sha256(_in_order(value)).hexdigest()[:16]
            if isinstance(value, datetime) and value >= since:
                return "passed" if value <= now + timedelta(milliseconds=100) else "to come"
            return str(value)

        found = {}
        for table in sorted({row["relname"] for row in tables} - _NOT_OF_SYNC):
            found[table] = sorted(
                repr({k: told(v) for k, v in row.items() if (table, k) not in _OF_THE_MOMENT})
                for row in await reader.fetch(f"SELECT * FROM {table}")
            )
    return found


def assert_same(right: dict[str, list[str]], found: dict[str, list[str]], why: str) -> None:
    """Compare two pictures, and tell the rows in which they differ."""
    missing = [f"{table} {row}" for table, rows in right.items() for row in rows if row not in found[table]]
    extra = [f"{table} {row}" for table, rows in found.items() for row in rows if row not in right[table]]
    assert right == found, "\n- ".join([why, *missing]) + "\n+ ".join(["", *extra])


async def _undisturbed(store: Store, parts: Parts, rewind: Rewind, doing: Doing) -> dict[str, list[str]]:
    """How it ends when nothing is in its way: the same each time."""

    async def once() -> dict[str, list[str]]:
        await rewind.back("before_crashes")
        since = datetime.now(UTC)
        await doing(Parts(store, parts.clients))
        return await picture(store, since=since)

    right = await once()
    assert_same(right, await once(), "two undisturbed doings differ: the scenario is no measure")
    return right


async def crash_everywhere(store: Store, parts: Parts, rewind: Rewind, doing: Doing) -> int:
    """Do it undisturbed, then with a crash at each point and once more; return how many points there are.

    Right after the crash nothing is half done, and the second doing ends where the undisturbed one did.
    """
    await rewind.keep("before_crashes")
    right = await _undisturbed(store, parts, rewind, doing)
    await assert_nothing_half_done(store)
    for point in range(1000):
        await rewind.back("before_crashes")
        since = datetime.now(UTC)
        fuse = Fuse(point)
        try:
            await doing(fused(store, parts, fuse))
        except BaseException:
            if not fuse.burnt:
                raise
        if not fuse.burnt:
            assert_same(right, await picture(store, since=since), "undisturbed it ends elsewhere")
            return point
        await assert_nothing_half_done(store)
        await doing(Parts(store, parts.clients))
        assert_same(right, await picture(store, since=since), f"after a crash at point {point} it ends elsewhere")
    raise AssertionError("it never came to its end")


async def cut_every_commit(
    store: Store, cut_store: Store, parts: Parts, rewind: Rewind, cutter: CommitCutter, doing: Doing
) -> int:
    """Do it once for each of its commits, whose answer is lost, and then once more; return how many commits there are.

    `cut_store` reaches the database through the cutter.
    """
    await rewind.keep("before_crashes")
    right = await _undisturbed(store, parts, rewind, doing)
    for number in range(1000):
        await rewind.back("before_crashes")
        since = datetime.now(UTC)
        cutter.left, cutter.cut = number, 0
        try:
            await doing(Parts(cut_store, parts.clients))
        except Exception as error:
            assert cutter.cut and is_outage(error), error
        if not cutter.cut:
            assert_same(right, await picture(store, since=since), "undisturbed it ends elsewhere")
            return number
        await assert_nothing_half_done(store)
        await doing(Parts(store, parts.clients))
        assert_same(right, await picture(store, since=since), f"with commit {number} cut it ends elsewhere")
    raise AssertionError("it never came to its end")

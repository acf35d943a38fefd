"""Eight tenants who come, go, write and read in any order, against a filter over all rows in Python.

What is read goes through the store's own functions, over a pool of two connections that all tenants share and that
exceptions and cancellations leave in any state.
"""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.databases import Database
from tests.store.rls.seed import described

from watchglass.model.connection import Connection
from watchglass.model.project import Principal
from watchglass.statistics.figures import read_project_figures, read_workflow_use
from watchglass.statistics.window import Window
from watchglass.store.attention import count_troubled, read_troubled
from watchglass.store.connections import ensure_connection, read_described_connections
from watchglass.store.execution_list import ListQuery, count_list, read_list, read_recent
from watchglass.store.executions import find_runs, read_execution
from watchglass.store.listed_runs import insert_listed
from watchglass.store.members import read_membership
from watchglass.store.pool import open_pool
from watchglass.store.projects import (
    project_exists,
    read_project,
    read_projects,
    read_workflow,
    read_workflows,
    rename_project,
)
from watchglass.store.scope import Reader, Store

TENANTS, PROJECTS = 8, 4
ROLES = ("owner", "editor", "viewer")
TYPES = ("Order", "Refund")
STATUSES = {1: "running", 2: "completed", 3: "failed"}
"""Temporal's numbers and our words."""
T = TypeVar("T")
_START = datetime(2023, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    project: int
    run_id: str
    type: str
    status: str
    problem: str | None


@dataclass
class Everything:
    """All rows there are, as the oracle knows them."""

    names: dict[int, str] = field(default_factory=dict)
    members: dict[tuple[int, int], str] = field(default_factory=dict)
    """Role by tenant and project."""
    signed_out: set[int] = field(default_factory=set)
    runs: list[Run] = field(default_factory=list)

    def projects_of(self, tenant: int) -> set[int]:
        if tenant in self.signed_out:
            return set()
        return {project for member, project in self.members if member == tenant}

    def runs_of(self, tenant: int, *projects: int) -> list[Run]:
        seen = self.projects_of(tenant)
        return [run for run in self.runs if run.project in seen and (not projects or run.project in projects)]


@dataclass
class Doors:
    """What is open for as long as one search for a counterexample takes."""

    loop: asyncio.AbstractEventLoop
    store: Store
    admin: asyncpg.Connection
    tenants: list[Principal]
    steps: int = 0
    """Taken so far."""


class _Planned(Exception):
    """What a reader raises in the middle of its reading."""


def _machine(doors: Doors) -> type[RuleBasedStateMachine]:
    tenants, projects = st.integers(0, TENANTS - 1), st.integers(0, PROJECTS - 1)

    class Tenants(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.all = Everything()
            self.ids: list[UUID] = []
            self.connections: list[Connection] = []
            _run(doors, self._found())

        async def _found(self) -> None:
            await doors.admin.execute("DELETE FROM project_members")
            await doors.admin.execute("UPDATE api_tokens SET revoked_at = NULL")
            for number in range(PROJECTS):
                name = f"project {secrets.token_hex(4)}"
                project_id = await doors.admin.fetchval("INSERT INTO projects (name) VALUES ($1) RETURNING id", name)
                self.all.names[number] = name
                self.ids.append(project_id)
                async with doors.store.write() as writer:
                    self.connections.append(
                        await ensure_connection(
                            writer, project_id=project_id, address="127.0.0.1:1", namespace="a", is_embedded=False
                        )
                    )

        @rule(tenant=tenants, project=projects, role=st.sampled_from(ROLES))
        def grant(self, tenant: int, project: int, role: str) -> None:
            statement = (
                "INSERT INTO project_members (project_id, user_id, role) VALUES ($1, $2, $3) "
                "ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role"
            )
            person = doors.tenants[tenant].user_id
            _run(doors, doors.admin.execute(statement, self.ids[project], person, role))
            self.all.members[tenant, project] = role

        @rule(tenant=tenants, project=projects)
        def revoke(self, tenant: int, project: int) -> None:
            statement = "DELETE FROM project_members WHERE project_id = $1 AND user_id = $2"
            _run(doors, doors.admin.execute(statement, self.ids[project], doors.tenants[tenant].user_id))
            self.all.members.pop((tenant, project), None)

        @rule(tenant=tenants, out=st.booleans())
        def sign_out_and_in(self, tenant: int, out: bool) -> None:
            statement = f"UPDATE api_tokens SET revoked_at = {'now()' if out else 'NULL'} WHERE token_hash = $1"
            _run(doors, doors.admin.execute(statement, doors.tenants[tenant].session_hash))
            (self.all.signed_out.add if out else self.all.signed_out.discard)(tenant)

        @rule(
            project=projects,
            status=st.sampled_from(sorted(STATUSES)),
            type=st.sampled_from(TYPES),
            count=st.integers(1, 3),
            is_stuck=st.booleans(),
        )
        def insert(self, project: int, status: int, type: str, count: int, is_stuck: bool) -> None:
            problem = "no_worker" if is_stuck and STATUSES[status] == "running" else None
            runs = [Run(project, secrets.token_hex(8), type, STATUSES[status], problem) for _ in range(count)]
            _run(doors, self._insert(project, status, runs))
            self.all.runs += runs

        async def _insert(self, project: int, status: int, runs: list[Run]) -> None:
            listed = [
                replace(
                    described(run.run_id, workflow_id=f"order {run.run_id}", type=run.type),
                    status=status,
                    closed_at=None if run.status == "running" else 1_700_000_001_000_000,
                )
                for run in runs
            ]
            async with doors.store.write() as writer:
                await insert_listed(writer, self.connections[project], listed)
                await writer.execute(
                    "UPDATE workflow_executions SET problem = $2, problem_since = now() "
                    "WHERE temporal_run_id = ANY ($1) AND $2::text IS NOT NULL",
                    [run.run_id for run in runs],
                    runs[0].problem,
                )

        @rule(tenant=tenants, project=projects)
        def rename(self, tenant: int, project: int) -> None:
            name = f"renamed {secrets.token_hex(4)}"
            role = _run(doors, self._rename(tenant, project, name))
            expected = self.all.members.get((tenant, project)) if project in self.all.projects_of(tenant) else None
            assert role == expected
            if role in ("owner", "editor"):
                self.all.names[project] = name

        async def _rename(self, tenant: int, project: int, name: str) -> str | None:
            async with doors.store.write_as(doors.tenants[tenant]) as writer:
                return await rename_project(writer, self.ids[project], name)

        @rule(tenant=tenants, project=projects)
        def read(self, tenant: int, project: int) -> None:
            _run(doors, self._read(tenant, project))

        @rule(
            who=st.lists(st.tuples(tenants, st.sampled_from(["reads", "raises", "fails", "is cancelled"])), min_size=8)
        )
        def all_at_once(self, who: list[tuple[int, str]]) -> None:
            _run(doors, self._at_once(who))

        @invariant()
        def nothing_is_left_in_the_pool(self) -> None:
            _run(doors, _is_clean(doors.store))
            doors.steps += 1

        async def _at_once(self, who: list[tuple[int, str]]) -> None:
            tasks = [asyncio.create_task(self._behaving(tenant, behaviour)) for tenant, behaviour in who]
            for turn, (task, (_, behaviour)) in enumerate(zip(tasks, who, strict=True)):
                if behaviour == "is cancelled":
                    for _ in range(turn % 7):
                        await asyncio.sleep(0)
                    task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            for result, (_, behaviour) in zip(results, who, strict=True):
                if isinstance(result, BaseException) and not isinstance(result, _ENDS.get(behaviour, ())):
                    raise result

        async def _behaving(self, tenant: int, behaviour: str) -> None:
            async with doors.store.read_as(doors.tenants[tenant]) as reader:
                await self._sees_own_runs(reader, tenant)
                if behaviour == "raises":
                    raise _Planned
                if behaviour == "fails":
                    await reader.fetchval("SELECT 1 / 0")
                await self._sees_own_runs(reader, tenant)

        async def _sees_own_runs(self, reader: Reader, tenant: int) -> None:
            rows = await reader.fetch(
                "SELECT temporal_run_id FROM workflow_executions WHERE project_id = ANY ($1)", self.ids
            )
            assert _ids(rows) == {run.run_id for run in self.all.runs_of(tenant)}

        async def _read(self, tenant: int, project: int) -> None:
            """Everything over all projects, and everything about one of them, whoever's it is."""
            principal, seen = doors.tenants[tenant], self.all.projects_of(tenant)
            async with doors.store.read_as(principal) as reader:
                await self._sees_own_runs(reader, tenant)
                listed = await read_projects(reader, principal)
                assert sorted(row["name"] for row in listed) == sorted(self.all.names[project] for project in seen)
                troubled = [run for run in self.all.runs_of(tenant) if run.problem]
                page = await read_troubled(reader, None, problem=None, cursor=None, limit=200)
                assert {row["temporal_run_id"] for row in page.rows} == {run.run_id for run in troubled}
                counted = await count_troubled(reader, None)
                assert sum(row["count"] for row in counted) == len(troubled)
                connections = await read_described_connections(reader)
                assert {row["project_id"] for row in connections} == {self.ids[project] for project in seen}
                await self._read_project(reader, tenant, project)

        async def _read_project(self, reader: Reader, tenant: int, project: int) -> None:
            principal, project_id = doors.tenants[tenant], self.ids[project]
            is_seen = project in self.all.projects_of(tenant)
            runs = self.all.runs_of(tenant, project)
            role = self.all.members[tenant, project] if is_seen else None
            membership = await read_membership(reader, principal, project_id)
            assert (membership and membership.role) == role
            assert await project_exists(reader, project_id) == is_seen
            assert ((await read_project(reader, principal, project_id)) is not None) == is_seen
            window = Window(project_id, start=_START, end=_START + timedelta(days=3650))
            figures = (await read_project_figures(reader, window)).sums
            assert figures["total_runs"] == len(runs)
            for status in STATUSES.values():
                assert figures[f"{status}_runs"] == sum(run.status == status for run in runs)
            used = await read_workflow_use(reader, window)
            assert sorted(row["name"] for row in used) == sorted({run.type for run in runs})
            recent = await read_recent(reader, where=window.where, arguments=window.arguments, limit=200)
            assert _ids(recent) == {run.run_id for run in runs}
            everybodys = [run.run_id for run in self.all.runs if run.project == project]
            found = await find_runs(
                reader, project_id=project_id, connection_id=self.connections[project].id, run_ids=everybodys
            )
            assert set(found) == {run.run_id for run in runs}
            troubled = await read_troubled(reader, project_id, problem=None, cursor=None, limit=200)
            assert _ids(troubled.rows) == {run.run_id for run in runs if run.problem}
            await self._read_workflows(reader, project, runs, is_seen=is_seen)

        async def _read_workflows(self, reader: Reader, project: int, runs: list[Run], *, is_seen: bool) -> None:
            project_id = self.ids[project]
            shown = await read_workflows(reader, project_id, after=None, limit=50)
            assert {row["name"] for row in shown} == {run.type for run in runs}
            # By the ids that somebody else may have told them, too.
            there = await doors.admin.fetch("SELECT id, name FROM workflows WHERE project_id = $1", project_id)
            for workflow in there:
                mine = [run for run in runs if run.type == workflow["name"]]
                assert ((await read_workflow(reader, workflow["id"])) is not None) == is_seen
                for statuses in ((), ("failed",), ("completed", "running")):
                    query = ListQuery(project_id, workflow["id"], limit=200, statuses=statuses, top_level=True)
                    wanted = {run.run_id for run in mine if not statuses or run.status in statuses}
                    assert _ids((await read_list(reader, query)).rows) == wanted
                    if statuses:
                        assert (await count_list(reader, query)).count == len(wanted)
            some = await doors.admin.fetchrow(
                "SELECT id, temporal_run_id FROM workflow_executions WHERE project_id = $1 LIMIT 1", project_id
            )
            if some is not None:
                assert ((await read_execution(reader, some["id"])) is not None) == is_seen

    return Tenants


_ENDS: dict[str, type[BaseException]] = {
    "raises": _Planned,
    "fails": asyncpg.DivisionByZeroError,
    "is cancelled": asyncio.CancelledError,
}


def _ids(rows: Any) -> set[str]:
    return {row["temporal_run_id"] for row in rows}


async def _is_clean(store: Store) -> None:
    async with store.login.acquire() as first, store.login.acquire() as second:
        for connection in (first, second):
            row = await connection.fetchrow(
                "SELECT current_user = session_user AS is_itself, coalesce(current_setting('app.session', true), '') "
                "AS session"
            )
            assert tuple(row) == (True, "")


def _run(doors: Doors, work: Coroutine[Any, Any, T]) -> T:
    return doors.loop.run_until_complete(work)


def search(database: Database, *, steps: int) -> int:
    """Take at least that many random steps and return how many there were.

    Raises with the shortest way to a difference that was found.
    """
    loop = asyncio.new_event_loop()
    try:
        doors = loop.run_until_complete(_open(loop, database))
        try:
            while doors.steps < steps:
                _take(doors, steps - doors.steps)
            return doors.steps
        finally:
            loop.run_until_complete(_close(doors))
    finally:
        loop.close()


def _take(doors: Doors, steps: int) -> None:
    """About that many; hypothesis decides when one way through the rules ends."""
    each = min(50, steps)
    run_state_machine_as_test(
        _machine(doors),
        settings=settings(
            max_examples=max(1, steps // each),
            stateful_step_count=each,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


async def _open(loop: asyncio.AbstractEventLoop, database: Database) -> Doors:
    store = Store(
        login=await open_pool(database.login_url, size=2),
        sync=await open_pool(database.sync_url, size=1),
        user_role=database.roles.user,
    )
    tenants = []
    async with store.door() as door:
        for number in range(TENANTS):
            name, token_hash = f"tenant {number}", secrets.token_bytes(32)
            user_id = await door.fetchval("SELECT app.ensure_user($1)", name)
            await door.execute("SELECT app.issue_token($1, $2, 'test', $3)", token_hash, user_id, timedelta(days=1))
            tenants.append(Principal(user_id, name, token_hash))
    return Doors(loop, store, await asyncpg.connect(database.admin_url), tenants)


async def _close(doors: Doors) -> None:
    await doors.store.close()
    await doors.admin.close()

"""Who may do what with every relation, asked of the database itself.

The catalogue is walked, so a table that somebody adds without deciding who may see it fails here.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from tests.databases import Database, make_project

from watchglass.errors import StartupError
from watchglass.model.described import Described
from watchglass.model.execution import RunRef
from watchglass.model.project import Principal
from watchglass.model.schedule import Schedule
from watchglass.store.backfills import NewBackfill, add_backfill
from watchglass.store.connections import ensure_connection
from watchglass.store.followed import want_watched
from watchglass.store.gaps import add_gap
from watchglass.store.listed_runs import insert_listed
from watchglass.store.listing_windows import ListingWindow, add_windows
from watchglass.store.pool import open_pool
from watchglass.store.projects import create_project, rename_project
from watchglass.store.schedules import ListedSchedule, save_listed_schedules
from watchglass.store.scope import Store
from watchglass.store.undecoded import mark_undecoded

PROJECT_TABLES = {
    "audit_log",
    "components",
    "services",
    "workflow_drafts",
    "workflow_versions",
    "backfills",
    "component_attempts",
    "component_executions",
    "component_statistics",
    "connections",
    "execution_keys",
    "execution_search_attributes",
    "followed_executions",
    "history_pages",
    "patrols",
    "listing_windows",
    "node_journal",
    "project_members",
    "project_statistics",
    "projects",
    "run_descriptions",
    "schedules",
    "sync_gaps",
    "task_queue_statistics",
    "task_queues",
    "undecoded_runs",
    "workflow_executions",
    "workflow_statistics",
    "workflows",
}
"""Members read their own projects' rows, the sync writes, nobody else comes near."""
DOOR_TABLES = {
    "users",
    "user_identities",
    "sessions",
    "api_tokens",
    "sign_in_links",
    "sign_in_tries",
    "oidc_sign_ins",
}
"""Reached through definer functions alone."""
SECRET_TABLES = {"connection_credentials", "service_secrets"}
"""Read and written by the sync alone; not even their project's members see a row."""
SYNC_TABLES = {"call_budgets"}
"""No project's data, and the sync's alone."""
UNWRITTEN_BY_SYNC = {"project_members"}
APPENDED_BY_SYNC = {"audit_log", "workflow_versions"}
"""Never changed, not even by the sync."""
BOOKKEEPING = {"alembic_version"}

LISTED = Described(
    ref=RunRef("order-1", "run-1"),
    type="Order",
    status=1,
    started_at=1_700_000_000_000_000,
    execution_at=None,
    closed_at=None,
    history_length=3,
    history_bytes=100,
    task_queue="orders",
    first_run_id="run-1",
    parent=None,
    root=None,
    memo={},
    search_attributes={},
    build_id=None,
    schedule_id=None,
    cancel_requested=False,
    reset_run_id=None,
)
NIGHTLY = Schedule("nightly", "Report", "every day at 02:00 UTC", "{}", False, "", (), ())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ada(store: Store) -> tuple[UUID, Principal]:
    """Ada's project, with a row in every table that a sync fills."""
    project_id, principal = await make_project(store, "Ada's", owner="ada")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address="127.0.0.1:1", namespace="a", is_embedded=False
        )
        (listed,) = await insert_listed(writer, connection, [LISTED])
        key = listed.key
        ids = (project_id, key.id)
        await writer.execute("INSERT INTO history_pages VALUES ($1, $2, 1, 3, '\\x00')", *ids)
        await writer.execute("INSERT INTO run_descriptions VALUES ($1, $2, now(), '\\x00', '[null, []]')", *ids)
        await writer.execute(
            "INSERT INTO component_executions (project_id, execution_id, event_id, last_event_id, node_id, occurrence, "
            "name, display_name, kind, status, clock_skew, cancel_requested, copied) "
            "VALUES ($1, $2, 5, 7, 'pay', 1, 'pay', 'pay', 'activity', 'completed', false, false, false)",
            *ids,
        )
        await writer.execute(
            "INSERT INTO component_attempts VALUES ($1, $2, 5, 1, 1, NULL, NULL, NULL, 'observed')", *ids
        )
        await writer.execute(
            "INSERT INTO execution_search_attributes VALUES ($1, $2, 'City', 0, 'Keyword', 'Paris')", *ids
        )
        await want_watched(writer, key, seconds=30, at_most_every=10)
        workflow_id = await writer.fetchval("SELECT workflow_id FROM workflow_executions WHERE id = $1", key.id)
        figures = ", ".join(["0"] * 15)
        await writer.execute(f"INSERT INTO workflow_statistics VALUES ($1, $2, {figures})", project_id, workflow_id)
        await writer.execute(f"INSERT INTO project_statistics VALUES ($1, {figures})", project_id)
        await writer.execute(
            "INSERT INTO component_statistics VALUES ($1, $2, 'activity', 'pay', 1, 0, 0, 0)", project_id, workflow_id
        )
        await writer.execute("INSERT INTO task_queue_statistics VALUES ($1, 'orders', 1)", project_id)
        await writer.execute("INSERT INTO patrols VALUES ($1, $2, 1, 30, now())", project_id, connection.id)
        await writer.execute(
            "INSERT INTO task_queues VALUES ($1, $2, 'orders', 'workflow', true, NULL, NULL, NULL, now())",
            project_id,
            connection.id,
        )
        await writer.execute(
            "INSERT INTO node_journal VALUES ($1, $2, 9, 0, 'ok', '{}', 'completed', now(), 'yes', 'true', false)", *ids
        )
        now = await writer.fetchval("SELECT now()")
        await add_gap(writer, connection, from_at=now, to_at=now)
        await add_backfill(writer, connection, NewBackfill(from_at=now))
        await mark_undecoded(writer, [(key, connection.id, "The codec server does not answer.")])
        await save_listed_schedules(
            writer, connection, [ListedSchedule(NIGHTLY, b"a line")], at=datetime(2026, 11, 1, tzinfo=UTC)
        )
        await add_windows(writer, connection, [ListingWindow("started", None, None)])
        await writer.execute("INSERT INTO workflow_drafts VALUES ($1, $2, '{}', 1)", project_id, workflow_id)
        await writer.execute("INSERT INTO workflow_versions VALUES ($1, $2, 1, '{}', '')", project_id, workflow_id)
        await writer.execute("INSERT INTO components VALUES ($1, 'pay', 'person', '{}')", project_id)
        await writer.execute(
            "INSERT INTO services (project_id, name, kind, settings, has_secret) "
            "VALUES ($1, 'shop', 'http', '{}', true)",
            project_id,
        )
        await writer.execute(
            "INSERT INTO audit_log (project_id, user_name, action, target, details) "
            "VALUES ($1, 'ada', 'version.save', '1', '{}')",
            project_id,
        )
    return project_id, principal


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bob(store: Store) -> Principal:
    _, principal = await make_project(store, "Bob's", owner="bob")
    return principal


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.admin_url)
    yield connection
    await connection.close()


async def test_every_relation_has_been_decided_on(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        "SELECT relname FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    )
    assert {row["relname"] for row in rows} == PROJECT_TABLES | DOOR_TABLES | SECRET_TABLES | SYNC_TABLES | BOOKKEEPING


@pytest.mark.parametrize("table", sorted(PROJECT_TABLES))
async def test_a_member_reads_own_rows_and_the_other_tenant_none(
    table: str, store: Store, ada: tuple[UUID, Principal], bob: Principal
) -> None:
    project_id, principal = ada
    column = "id" if table == "projects" else "project_id"
    async with store.read_as(principal) as reader:
        assert await reader.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", project_id) >= 1
    async with store.read_as(bob) as reader:
        assert await reader.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", project_id) == 0
    async with store.read_as(Principal(principal.user_id, "ada", b"a forged session")) as reader:
        assert await reader.fetchval(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize("table", sorted(PROJECT_TABLES | DOOR_TABLES | SECRET_TABLES | SYNC_TABLES))
async def test_privileges_are_exactly_these(table: str, admin: asyncpg.Connection, database: Database) -> None:
    roles = database.roles
    writes = {"SELECT", "INSERT"} if table in APPENDED_BY_SYNC else {"SELECT", "INSERT", "UPDATE", "DELETE"}
    expected = {
        roles.login: set(),
        roles.user: {"SELECT"} if table in PROJECT_TABLES else set(),
        roles.sync: writes if table in (PROJECT_TABLES | SECRET_TABLES | SYNC_TABLES) - UNWRITTEN_BY_SYNC else set(),
    }
    for role, wanted in expected.items():
        held = {
            privilege
            for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
            if await admin.fetchval("SELECT has_table_privilege($1, $2, $3)", role, f"public.{table}", privilege)
        }
        assert held == wanted, role


async def test_the_bare_login_role_reads_nothing(store: Store, ada: tuple[UUID, Principal]) -> None:
    for table in sorted(PROJECT_TABLES | DOOR_TABLES | SECRET_TABLES | SYNC_TABLES):
        async with store.login.acquire() as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"SELECT * FROM {table}")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO workflows (project_id, name, kind, temporal_type) VALUES ($1, 'x', 'observed', 'x')",
        "UPDATE workflow_executions SET status = 'completed' WHERE project_id = $1",
        "DELETE FROM workflow_executions WHERE project_id = $1",
    ],
)
async def test_the_person_looking_writes_nothing(statement: str, store: Store, ada: tuple[UUID, Principal]) -> None:
    project_id, principal = ada
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)):
        async with store.read_as(principal) as reader:
            await reader.connection.execute(statement, project_id)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO projects (name) VALUES ('mine now')",
        "UPDATE projects SET name = 'mine now'",
        "INSERT INTO project_members SELECT id, app.user_id(), 'owner' FROM projects",
        "UPDATE project_members SET role = 'owner'",
        "SELECT app.ensure_project('Ada''s', app.user_id())",
    ],
)
async def test_a_person_who_changes_something_does_it_through_functions_alone(
    statement: str, store: Store, bob: Principal
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with store.write_as(bob) as writer:
            await writer.execute(statement)


async def test_who_has_no_session_makes_and_renames_nothing(store: Store, ada: tuple[UUID, Principal]) -> None:
    project_id, principal = ada
    forged = Principal(principal.user_id, "ada", b"a forged session")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with store.write_as(forged) as writer:
            await create_project(writer, "forged")
    async with store.write_as(forged) as writer:
        assert await rename_project(writer, project_id, "forged") is None
    async with store.read_as(principal) as reader:
        assert await reader.fetch("SELECT name FROM projects") == [("Ada's",)]


async def test_nothing_of_a_request_stays_in_the_pool(store: Store, ada: tuple[UUID, Principal]) -> None:
    async with store.read_as(ada[1]):
        pass
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with store.read_as(ada[1]) as reader:
            await reader.fetchval("SELECT 1 / 0")
    for _ in range(4):
        async with store.login.acquire() as connection:
            row = await connection.fetchrow("SELECT current_user = session_user, current_setting('app.session', true)")
            assert row[0] is True
            assert row[1] in {None, ""}


async def test_a_revoked_token_shows_nothing_at_the_next_request(store: Store, admin: asyncpg.Connection) -> None:
    _, carol = await make_project(store, "Carol's", owner="carol")
    async with store.read_as(carol) as reader:
        assert await reader.fetchval("SELECT count(*) FROM projects") == 1
    await admin.execute("UPDATE api_tokens SET revoked_at = now() WHERE token_hash = $1", carol.session_hash)
    async with store.read_as(carol) as reader:
        assert await reader.fetchval("SELECT count(*) FROM projects") == 0


class TestCatalogue:
    async def test_row_level_security_is_on_and_forced(self, admin: asyncpg.Connection) -> None:
        loose = await admin.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
            "AND relname <> 'alembic_version' AND NOT (relrowsecurity AND relforcerowsecurity)"
        )
        assert loose == []

    async def test_policies_look_the_projects_up_once_a_statement(self, admin: asyncpg.Connection) -> None:
        """Unwrapped, the function runs for every row: a sequential scan of five million rows never ended."""
        rules = await admin.fetch(
            "SELECT polname, polrelid::regclass, pg_get_expr(polqual, polrelid) AS rule FROM pg_policy "
            "WHERE pg_get_expr(polqual, polrelid) LIKE '%project_ids%'"
        )
        assert len(rules) == 2 * len(PROJECT_TABLES)
        assert [row["polname"] for row in rules if "SELECT app.project_ids()" not in row["rule"]] == []

    async def test_each_role_has_one_permissive_policy_a_command(self, admin: asyncpg.Connection) -> None:
        doubled = await admin.fetch(
            "SELECT polrelid::regclass, polcmd, r FROM pg_policy, unnest(polroles) r WHERE polpermissive "
            "GROUP BY 1, 2, 3 HAVING count(*) > 1"
        )
        assert doubled == []

    async def test_the_policy_column_leads_every_key(self, admin: asyncpg.Connection) -> None:
        keys = await admin.fetch(
            "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] "
            "WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1::name[])",
            sorted(PROJECT_TABLES - {"projects", "execution_keys"}),
        )
        assert {row["attname"] for row in keys} == {"project_id"}

    async def test_foreign_keys_between_project_tables_carry_the_project(self, admin: asyncpg.Connection) -> None:
        loose = await admin.fetch(
            "SELECT conrelid::regclass::text AS source, confrelid::regclass::text AS target FROM pg_constraint "
            "WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND array_length(conkey, 1) = 1"
        )
        assert {row["target"] for row in loose} <= {"projects", "users", "connections"}
        assert {row["source"] for row in loose if row["target"] == "connections"} == {"execution_keys"}

    async def test_definer_functions_are_closed(self, admin: asyncpg.Connection, database: Database) -> None:
        functions = await admin.fetch(
            "SELECT proname, prosecdef, proconfig, pg_get_userbyid(proowner) AS owner, "
            "has_function_privilege('public', oid, 'EXECUTE') AS is_public "
            "FROM pg_proc WHERE pronamespace = 'app'::regnamespace"
        )
        assert functions
        for function in functions:
            assert function["prosecdef"], function["proname"]
            assert function["proconfig"] == ['search_path=""'], function["proname"]
            assert function["owner"] == database.roles.definer
            assert not function["is_public"], function["proname"]

    async def test_no_role_can_become_the_definer_or_the_owner(
        self, admin: asyncpg.Connection, database: Database
    ) -> None:
        roles = database.roles
        for powerful in (roles.definer, roles.owner):
            for role in (roles.login, roles.user, roles.sync):
                assert not await admin.fetchval("SELECT pg_has_role($1, $2, 'MEMBER')", role, powerful)
        assert not await admin.fetchval("SELECT pg_has_role($1, $2, 'MEMBER')", roles.owner, roles.definer)


async def test_watchglass_refuses_to_serve_as_a_superuser(database: Database) -> None:
    with pytest.raises(StartupError, match="is a superuser, so Row Level Security would protect nobody's data"):
        await open_pool(database.admin_url, size=1)

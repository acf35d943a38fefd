"""Everything that anybody could try with a relation or a function, each really tried and taken back."""

import io
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from tests.databases import Database
from tests.store.rls.expected import (
    FUNCTIONS,
    PEOPLE,
    RELATIONS,
    SEQUENCES,
    WITHOUT_PROJECT,
    Action,
    Caller,
    Reach,
    expected_reach,
)
from tests.store.rls.seed import Seeded

AnyConnection = Any
_REACHED = (asyncpg.IntegrityConstraintViolationError, asyncpg.NotNullViolationError)
"""The rights were there: what stopped it is the data."""
_REFUSED = (asyncpg.InsufficientPrivilegeError, asyncpg.FeatureNotSupportedError)
"""The second: COPY FROM into a table whose policies bind the role."""


@dataclass(frozen=True)
class Bench:
    """A seeded database and a connection for each role that logs in."""

    database: Database
    seeded: Seeded
    admin: AnyConnection
    login: AnyConnection | None = None
    """None: the administrator's connection acts as the role, so that all is one transaction."""
    sync: AnyConnection | None = None


@asynccontextmanager
async def open_bench(database: Database, seeded: Seeded) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        connections = []
        for url in (database.admin_url, database.login_url, database.sync_url):
            connection = await asyncpg.connect(url)
            stack.push_async_callback(connection.close)
            connections.append(connection)
        yield Bench(database, seeded, *connections)


async def undecided(admin: AnyConnection) -> list[str]:
    """Relations and functions of the database without a row in the expected table, and rows without one of them."""
    relations = await admin.fetch(
        "SELECT c.relname, c.relkind::text AS kind FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') "
        "AND c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace)"
    )
    found = {
        "relation": ({row["relname"] for row in relations if row["kind"] != "S"}, set(RELATIONS)),
        "sequence": ({row["relname"] for row in relations if row["kind"] == "S"}, set(SEQUENCES)),
        "function": (set(await functions(admin)), set(FUNCTIONS)),
        "schema": (
            {
                row["nspname"]
                for row in await admin.fetch(
                    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
                )
            },
            {"app", "public"},
        ),
    }
    return [
        f"the {noun} {name} {'has no row in' if name in there else 'is only in'} tests/store/rls/expected.py"
        for noun, (there, decided) in found.items()
        for name in sorted(there ^ decided)
    ]


async def functions(admin: AnyConnection) -> list[str]:
    """Signatures of all functions of the two schemas."""
    async with admin.transaction():
        await admin.execute("SET LOCAL search_path = ''")
        rows = await admin.fetch(
            "SELECT oid::regprocedure::text AS signature FROM pg_proc "
            "WHERE pronamespace IN ('public'::regnamespace, 'app'::regnamespace)"
        )
    return [row["signature"] for row in rows]


async def relation_findings(bench: Bench, table: str, callers: Iterable[Caller] = Caller) -> list[str]:
    """Every cell of a relation's row of the matrix that is not as expected."""
    probe = await _probe(bench, table)
    rights = RELATIONS[table]
    findings = []
    for caller in callers:
        own = probe.own(bench.seeded.own(caller))
        if rights.people and probe.has_project and caller in (Caller.OWNER, Caller.STRANGER) and not own < probe.total:
            findings.append(f"{table}: rows of other projects are missing; add them in tests/store/rls/seed.py")
        if rights.people and probe.has_project and caller in (Caller.OWNER, Caller.STRANGER) and not own:
            findings.append(f"{table} has no row of {caller}; add one in tests/store/rls/seed.py")
        async with acting_as(bench, caller) as connection:
            for action in Action:
                found = await _try(connection, bench, caller, action, probe, own)
                wanted = expected_reach(rights, caller, action, has_project=probe.has_project)
                if found != wanted:
                    findings.append(f"{caller}: {action} {table}: expected {wanted}, was {found}")
    if not probe.total:
        findings.append(f"{table} has no row at all; add one in tests/store/rls/seed.py")
    return findings


async def function_findings(bench: Bench, signature: str) -> list[str]:
    """Who may call a function and should not, and the other way round."""
    name, _, types = signature.partition("(")
    arguments = ", ".join(f"NULL::{kind}" for kind in types.rstrip(")").split(",") if kind)
    findings = []
    for caller in Caller:
        async with acting_as(bench, caller) as connection:
            may = True
            try:
                async with connection.transaction():
                    await connection.fetch(f"SELECT * FROM {name}({arguments})")
                    raise _Undone
            except asyncpg.InsufficientPrivilegeError as error:
                # What a function itself refuses is not what is asked here.
                may = not str(error).startswith(("permission denied for function", "permission denied for schema"))
            except (asyncpg.FeatureNotSupportedError, asyncpg.DatatypeMismatchError):
                # A trigger's, which nobody calls: PostgreSQL says so before it looks who asks.
                may = await connection.fetchval("SELECT has_function_privilege($1, 'EXECUTE')", signature)
            except (_Undone, asyncpg.PostgresError):
                pass
        if may != (caller in FUNCTIONS[signature]):
            findings.append(f"{caller} {'may' if may else 'may not'} call {signature}")
    return findings


class _Undone(Exception):
    """Takes back what a cell did."""


@dataclass(frozen=True)
class _Probe:
    """What a relation is tried with."""

    table: str
    columns: list[str]
    key: list[str]
    row: str | None
    """One of its rows as JSON."""
    has_project: bool
    total: int
    by_project: dict[Any, int]

    def own(self, projects: Iterable[Any]) -> int:
        return sum(self.by_project.get(project, 0) for project in projects)


async def _probe(bench: Bench, table: str) -> _Probe:
    admin = bench.admin
    columns = await admin.fetch(
        "SELECT a.attname, a.attgenerated::text AS generated, "
        "a.attnum = ANY (coalesce(i.indkey::int2[], '{}')) AS is_key "
        "FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary "
        "WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        f"public.{table}",
    )
    has_project = table not in WITHOUT_PROJECT
    column = "id" if table == "projects" else "project_id"
    total = await admin.fetchval(f"SELECT count(*) FROM public.{table}")
    return _Probe(
        table=table,
        columns=[row["attname"] for row in columns if not row["generated"]],
        key=[row["attname"] for row in columns if row["is_key"]] or [columns[0]["attname"]],
        row=await admin.fetchval(f"SELECT row_to_json(t)::text FROM public.{table} t LIMIT 1"),
        has_project=has_project,
        total=total,
        by_project={
            row[0]: row[1]
            for row in await admin.fetch(f"SELECT {column}, count(*) FROM public.{table} GROUP BY {column}")
        }
        if has_project
        else {},
    )


@asynccontextmanager
async def acting_as(bench: Bench, caller: Caller) -> AsyncIterator[AnyConnection]:
    """A transaction as that caller; what it does is taken back."""
    roles = bench.database.roles
    role, connection = roles.user, bench.login
    if caller not in PEOPLE:
        role, connection = {
            Caller.LOGIN: (roles.login, bench.login),
            Caller.SYNC: (roles.sync, bench.sync),
            Caller.DEFINER: (roles.definer, None),
            Caller.TABLES: (roles.owner, None),
        }[caller]
    acting = connection or bench.admin
    transaction = acting.transaction()
    await transaction.start()
    try:
        if caller in PEOPLE or connection is None:
            session = bench.seeded.people[caller].session_hash.hex() if caller in PEOPLE else ""
            await acting.execute(
                "SELECT set_config('role', $1, true), set_config('app.session', $2, true)", role, session
            )
        yield acting
    finally:
        await transaction.rollback()


async def _try(
    connection: AnyConnection, bench: Bench, caller: Caller, action: Action, probe: _Probe, own: int
) -> Reach | str:
    if action is Action.REFERENCES:
        return await _refer(bench, caller, probe)
    try:
        async with connection.transaction():
            count = await _ACTIONS[action](connection, probe)
            raise _Reached(count)
    except _Reached as reached:
        return _named(reached.count, probe.total, own)
    except _REFUSED:
        return Reach.DENIED
    except _REACHED:
        return Reach.ALL


class _Reached(Exception):
    """Takes the cell back and says how many rows it reached; None: all there could be."""

    def __init__(self, count: int | None) -> None:
        self.count = count


def _named(count: int | None, total: int, own: int) -> Reach | str:
    if count is None or (count == total and count):
        return Reach.ALL
    if not count:
        return Reach.NOTHING
    return Reach.OWN if count == own else f"{count} of {total} rows, where {own} are their own"


async def _select(connection: AnyConnection, probe: _Probe) -> int:
    return len(await connection.fetch(f"SELECT * FROM public.{probe.table}"))


async def _insert(connection: AnyConnection, probe: _Probe) -> int | None:
    columns = ", ".join(probe.columns)
    await connection.execute(
        f"INSERT INTO public.{probe.table} ({columns}) "
        f"SELECT {columns} FROM json_populate_record(NULL::public.{probe.table}, $1::text::json)",
        probe.row,
    )
    return None


async def _update(connection: AnyConnection, probe: _Probe) -> int:
    column = probe.key[0]
    return _count(await connection.execute(f"UPDATE public.{probe.table} SET {column} = {column}"))


async def _delete(connection: AnyConnection, probe: _Probe) -> int:
    return _count(await connection.execute(f"DELETE FROM public.{probe.table}"))


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])


async def _truncate(connection: AnyConnection, probe: _Probe) -> int | None:
    await connection.execute(f"TRUNCATE public.{probe.table} CASCADE")
    return None


async def _copy_to(connection: AnyConnection, probe: _Probe) -> int:
    sink = io.BytesIO()
    await connection.copy_from_table(probe.table, schema_name="public", output=sink)
    return sink.getvalue().count(b"\n")


async def _copy_from(connection: AnyConnection, probe: _Probe) -> int | None:
    await connection.copy_to_table(probe.table, schema_name="public", source=io.BytesIO(b""))
    return None


_ACTIONS = {
    Action.SELECT: _select,
    Action.INSERT: _insert,
    Action.UPDATE: _update,
    Action.DELETE: _delete,
    Action.TRUNCATE: _truncate,
    Action.COPY_TO: _copy_to,
    Action.COPY_FROM: _copy_from,
}


async def _refer(bench: Bench, caller: Caller, probe: _Probe) -> Reach | str:
    """A table of the caller's own with a foreign key to this one, in a schema where they may make tables."""
    if caller in PEOPLE and caller is not Caller.OWNER:
        # The right belongs to the role that all people act as; it was tried for one of them.
        return Reach.DENIED
    roles = bench.database.roles
    role = {
        Caller.LOGIN: roles.login,
        Caller.SYNC: roles.sync,
        Caller.DEFINER: roles.definer,
        Caller.TABLES: roles.owner,
    }.get(caller, roles.user)
    key = ", ".join(probe.key)
    admin = bench.admin
    attempt = admin.transaction()
    await attempt.start()
    try:
        await admin.execute("RESET ROLE")
        await admin.execute(f"CREATE SCHEMA probe; GRANT ALL ON SCHEMA probe TO {role}")
        types = await admin.fetch(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS type FROM pg_attribute a "
            "WHERE a.attrelid = $1::text::regclass AND a.attname = ANY ($2::text[])",
            f"public.{probe.table}",
            probe.key,
        )
        columns = ", ".join(f"{row['attname']} {row['type']}" for row in types)
        unlogged = await admin.fetchval(
            "SELECT relpersistence = 'u' FROM pg_class WHERE oid = $1::text::regclass", f"public.{probe.table}"
        )
        await admin.execute(f"SET LOCAL ROLE {role}")
        kind = "UNLOGGED TABLE" if unlogged else "TABLE"
        foreign_key = f"FOREIGN KEY ({key}) REFERENCES public.{probe.table} ({key})"
        await admin.execute(f"CREATE {kind} probe.t ({columns}, {foreign_key})")
    except asyncpg.InsufficientPrivilegeError:
        return Reach.DENIED
    except asyncpg.InvalidForeignKeyError:
        return "no key to refer to"
    finally:
        await attempt.rollback()
    return Reach.ALL

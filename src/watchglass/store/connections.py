"""Connections: which namespace each project looks at."""

from uuid import UUID

import asyncpg

from watchglass.errors import Conflict, NotFound
from watchglass.model.connection import Budget, Connection, ConnectionSettings, Level
from watchglass.store.backfills import NewBackfill, add_backfill, repeat_backfills
from watchglass.store.scope import Reader, Writer
from watchglass.store.summaries import Row
from watchglass.store.text import storable

_COLUMNS = (
    "project_id, id, address, namespace, is_embedded, ui_address, http_address, scope, level, visibility_per_second, "
    "history_per_second, codec_address, decodes_at_sync, namespace_id"
)

_SETTINGS = (
    "address, namespace, scope, level, visibility_per_second, history_per_second, ui_address, http_address, "
    "codec_address"
)
"""The columns of `ConnectionSettings`, in the order of `_values`."""


async def ensure_connection(
    writer: Writer,
    *,
    project_id: UUID,
    address: str,
    namespace: str,
    is_embedded: bool,
    ui_address: str | None = None,
    http_address: str | None = None,
) -> Connection:
    """The project's connection to the namespace, made or brought up to date.

    The embedded server may find its port taken and move: its connection is known by its namespace, not its address.
    """
    if is_embedded:
        await writer.execute(
            "UPDATE connections SET address = $3 WHERE project_id = $1 AND namespace = $2 AND is_embedded",
            project_id,
            namespace,
            address,
        )
    row = await writer.fetchrow(
        f"""
        INSERT INTO connections (project_id, address, namespace, is_embedded, ui_address, http_address)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (project_id, address, namespace) DO UPDATE
            SET is_embedded = excluded.is_embedded,
                ui_address = coalesce(excluded.ui_address, connections.ui_address),
                http_address = coalesce(excluded.http_address, connections.http_address)
        RETURNING {_COLUMNS}
        """,  # noqa: S608 - own column names
        project_id,
        address,
        namespace,
        is_embedded,
        ui_address,
        http_address,
    )
    assert row is not None
    return _from_row(row)


async def insert_connection(writer: Writer, project_id: UUID, settings: ConnectionSettings) -> Connection:
    """Raises Conflict when the project has one to that namespace already."""
    try:
        async with writer.connection.transaction():
            row = await writer.fetchrow(
                f"""
                INSERT INTO connections (project_id, is_embedded, {_SETTINGS})
                VALUES ($1, false, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING {_COLUMNS}
                """,  # noqa: S608 - own column names
                project_id,
                *_values(settings),
            )
    except asyncpg.UniqueViolationError as error:
        raise _taken(settings) from error
    assert row is not None
    return _from_row(row)


async def lock_settings(writer: Writer, connection: Connection) -> ConnectionSettings:
    """The settings as they are now, and stay until the transaction ends. Raises NotFound."""
    row = await writer.fetchrow(
        f"SELECT {_COLUMNS} FROM connections WHERE project_id = $1 AND id = $2 FOR NO KEY UPDATE",  # noqa: S608
        connection.project_id,
        connection.id,
    )
    if row is None:
        raise _removed()
    return _from_row(row).settings


async def update_connection(writer: Writer, before: Connection, settings: ConnectionSettings) -> Connection:
    """Replace the settings. What they make look at other runs is discovered and back-filled anew.

    Raises:
        Conflict: the project has another connection to that namespace.
    """
    is_other = before.namespace != settings.namespace
    try:
        async with writer.connection.transaction():
            row = await writer.fetchrow(
                f"""
                UPDATE connections SET ({_SETTINGS}) = ($3, $4, $5, $6, $7, $8, $9, $10, $11),
                    namespace_id = CASE WHEN $12 THEN NULL ELSE namespace_id END,
                    discovered_until = CASE WHEN $13 THEN NULL ELSE discovered_until END,
                    seen_until = CASE WHEN $13 THEN NULL ELSE seen_until END,
                    compared_at = NULL, compared_all_at = NULL,
                    rescanned_at = NULL, state = 'new', error = NULL
                WHERE project_id = $1 AND id = $2 RETURNING {_COLUMNS}
                """,  # noqa: S608 - own column names
                before.project_id,
                before.id,
                *_values(settings),
                is_other,
                is_other or before.scope != settings.scope,
            )
    except asyncpg.UniqueViolationError as error:
        raise _taken(settings) from error
    if row is None:
        raise _removed()
    after = _from_row(row)
    if before.level is not after.level:
        await add_backfill(writer, after, NewBackfill(levels=True))
    if is_other or before.scope != settings.scope:
        await repeat_backfills(writer, after)
    return after


async def set_decodes_at_sync(writer: Writer, connection: Connection, decodes: bool) -> None:
    await writer.execute(
        "UPDATE connections SET decodes_at_sync = $3 WHERE project_id = $1 AND id = $2",
        connection.project_id,
        connection.id,
        decodes,
    )


def _values(settings: ConnectionSettings) -> tuple[object, ...]:
    return (
        settings.address,
        settings.namespace,
        settings.scope,
        settings.level,
        settings.budget.visibility_per_second,
        settings.budget.history_per_second,
        settings.ui_address,
        settings.http_address,
        settings.codec_address,
    )


def _removed() -> NotFound:
    return NotFound("The connection was removed in the meantime.")


def _taken(settings: ConnectionSettings) -> Conflict:
    return Conflict(
        f"This project has a connection to namespace “{settings.namespace}” at {settings.address} already. Change that "
        "one, or make another project for a second look at the namespace."
    )


async def all_connections(reader: Reader) -> list[Connection]:
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM connections ORDER BY id")  # noqa: S608
    return [_from_row(row) for row in rows]


async def connections_of(reader: Reader, project_id: UUID) -> list[Connection]:
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM connections WHERE project_id = $1 ORDER BY id", project_id)  # noqa: S608
    return [_from_row(row) for row in rows]


async def first_connection(reader: Reader, project_id: UUID) -> Connection | None:
    """The project's oldest: where what is built in it runs."""
    row = await reader.fetchrow(
        f"SELECT {_COLUMNS} FROM connections WHERE project_id = $1 ORDER BY created_at, id LIMIT 1",  # noqa: S608
        project_id,
    )
    return None if row is None else _from_row(row)


async def connection_of_workflow(reader: Reader, workflow_id: UUID) -> Connection | None:
    """Where a built workflow runs: on its own connection, else on the project's oldest."""
    row = await reader.fetchrow(
        f"""
        SELECT {", ".join(f"c.{name}" for name in _COLUMNS.split(", "))}
        FROM workflows w JOIN connections c ON c.project_id = w.project_id
        WHERE w.id = $1 ORDER BY c.id = w.connection_id DESC NULLS LAST, c.created_at, c.id LIMIT 1
        """,  # noqa: S608 - own column names
        workflow_id,
    )
    return None if row is None else _from_row(row)


_DESCRIBED = f"""
    SELECT {", ".join(f"c.{name}" for name in _COLUMNS.split(", "))}, c.state, c.error, c.checked_at,
        c.shown_credentials, c.namespace_replaced_at, p.name AS project_name
    FROM connections c JOIN projects p ON p.id = c.project_id
"""  # noqa: S608 - own column names


async def read_described_connections(reader: Reader, *, project_id: UUID | None = None) -> list[Row]:
    """Connections with how they are, as lists show them: of one project, or of all that the reader sees."""
    return list(
        await reader.fetch(
            f"{_DESCRIBED} WHERE $1::uuid IS NULL OR c.project_id = $1 ORDER BY p.name, c.created_at, c.id", project_id
        )
    )


async def read_described_connection(reader: Reader, connection_id: UUID) -> Row | None:
    return await reader.fetchrow(f"{_DESCRIBED} WHERE c.id = $1", connection_id)


def connection_of(row: Row) -> Connection:
    """The connection in a row of the above."""
    return _from_row(row)


async def read_connection(reader: Reader, connection_id: UUID) -> Connection | None:
    row = await reader.fetchrow(f"SELECT {_COLUMNS} FROM connections WHERE id = $1", connection_id)  # noqa: S608
    return None if row is None else _from_row(row)


def _from_row(row: asyncpg.Record) -> Connection:
    return Connection(
        id=row["id"],
        project_id=row["project_id"],
        address=row["address"],
        namespace=row["namespace"],
        is_embedded=row["is_embedded"],
        ui_address=row["ui_address"],
        http_address=row["http_address"],
        scope=row["scope"],
        level=Level(row["level"]),
        budget=Budget(row["visibility_per_second"], row["history_per_second"]),
        codec_address=row["codec_address"],
        decodes_at_sync=row["decodes_at_sync"],
        namespace_id=row["namespace_id"],
    )


async def save_trouble(writer: Writer, connection: Connection, *, state: str, error: str) -> None:
    """Say on the project's page that the namespace does not answer (`unreachable`) or refuses (`refused`)."""
    await writer.execute(
        """
        UPDATE connections SET state = $3, error = $4, checked_at = clock_timestamp()
        WHERE project_id = $1 AND id = $2
        """,
        connection.project_id,
        connection.id,
        state,
        storable(error[:2000]),
    )

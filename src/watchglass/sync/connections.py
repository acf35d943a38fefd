"""Make and change connections: what API and command line share. Callers have made sure that the person asking may."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from watchglass.errors import Conflict, InvalidInput
from watchglass.model.connection import Connection, ConnectionSettings
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.store.connections import insert_connection, update_connection
from watchglass.store.credentials import open_kept, read_kept, save_credentials
from watchglass.store.scope import Store, Writer
from watchglass.temporal.certificates import check_credentials, shown


@dataclass(frozen=True, slots=True)
class Change:
    """New settings, and what becomes of the credentials."""

    settings: ConnectionSettings
    credentials: Credentials | None = None
    """All of them anew; None keeps what is stored."""


async def add_connection(
    store: Store, project_id: UUID, settings: ConnectionSettings, credentials: Credentials = NO_CREDENTIALS
) -> Connection:
    """A new connection; its namespace is looked at within seconds.

    Raises:
        InvalidInput: the credentials cannot work.
        Conflict: the project looks at that namespace already.
        Unsealable: this process cannot store credentials.
    """
    check_credentials(credentials)
    async with store.write() as writer:
        connection = await insert_connection(writer, project_id, settings)
        await _save(writer, store, connection, credentials)
    return connection


async def change_connection(store: Store, before: Connection, change: Change) -> Connection:
    """Change a connection; every process follows within seconds.

    Raises:
        InvalidInput, Conflict, NotFound, Unsealable
    """
    credentials = await credentials_after(store, before, change)
    if before.is_embedded and _place(before.settings) != _place(change.settings):
        raise Conflict(
            "This connection belongs to the Temporal that Watchglass starts itself; its address and namespace are "
            "not to be changed. Add another connection instead."
        )
    async with store.write() as writer:
        connection = await update_connection(writer, before, change.settings)
        if change.credentials is not None:
            await _save(writer, store, connection, credentials)
    return connection


async def credentials_after(store: Store, before: Connection, change: Change) -> Credentials:
    """The credentials that the connection has after the change.

    A stored secret is never sent where it was not entered for: whoever may change an address could otherwise have it
    sent to a server of their own.

    Raises:
        InvalidInput: they cannot work, or the address changes and a secret was not given anew.
        Unsealable: the stored ones cannot be opened.
    """
    if change.credentials is not None:
        check_credentials(change.credentials)
        return change.credentials
    async with store.write() as reader:
        kept = open_kept(store.seal, await read_kept(reader, before.id))
    moves = before.address != change.settings.address or before.http_address != change.settings.http_address
    if moves and (kept.api_key or kept.client_key or kept.headers):
        raise InvalidInput(
            "The stored credentials were entered for another address and are not sent to a new one. Enter them again, "
            "or choose to sign in without any."
        )
    return kept


async def _save(writer: Writer, store: Store, connection: Connection, credentials: Credentials) -> None:
    await save_credentials(
        writer,
        store.seal,
        project_id=connection.project_id,
        connection_id=connection.id,
        credentials=credentials,
        shown=shown(credentials, set_at=datetime.now(UTC)),
    )


def _place(settings: ConnectionSettings) -> tuple[str, str]:
    return settings.address, settings.namespace

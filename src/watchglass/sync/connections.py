"""Make and change connections: what API and command line share. Callers have made sure that the person asking may."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from watchglass.errors import Conflict, InvalidInput, WatchglassError
from watchglass.model.connection import Connection, ConnectionSettings
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.model.project import Principal
from watchglass.store.audit import add_line
from watchglass.store.connections import insert_connection, lock_settings, update_connection
from watchglass.store.credentials import open_kept, read_kept, save_credentials
from watchglass.store.scope import Reader, Store, Writer
from watchglass.store.seal import Unsealable
from watchglass.sync.parts import Parts
from watchglass.temporal.access import Access
from watchglass.temporal.certificates import check_credentials, shown
from watchglass.temporal.client import connect
from watchglass.temporal.errors import TemporalUnavailable
from watchglass.temporal.examine import Examination, examine
from watchglass.temporal.obstacle import find_obstacle


class Keep(Enum):
    """Leave this part of the credentials as it is stored."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True)
class ClientPair:
    """A client certificate and its key, PEM."""

    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CredentialsChange:
    """What becomes of each part of the credentials; None takes it away."""

    tls: bool | Keep = KEEP
    server_name: str | Keep | None = KEEP
    server_ca: str | Keep | None = KEEP
    api_key: str | Keep | None = field(default=KEEP, repr=False)
    client: ClientPair | Keep | None = KEEP
    headers: tuple[tuple[str, str], ...] | Keep = field(default=KEEP, repr=False)
    codec_token: Keep | None = KEEP
    """Entered only where decoding while values are copied is asked for (`sync.decode_setting`)."""

    @classmethod
    def to(cls, credentials: Credentials) -> "CredentialsChange":
        """Every part of the sign-in as it is here."""
        certificate, key = credentials.client_certificate, credentials.client_key
        return cls(
            tls=credentials.tls,
            server_name=credentials.server_name,
            server_ca=credentials.server_ca,
            api_key=credentials.api_key,
            client=ClientPair(certificate, key) if certificate and key else None,
            headers=credentials.headers,
        )

    def applied_to(self, before: Credentials) -> Credentials:
        """The credentials after the change."""
        after = before
        for name in ("tls", "server_name", "server_ca", "api_key", "headers"):
            value = getattr(self, name)
            if value is not KEEP:
                after = replace(after, **{name: value})
        if self.client is not KEEP:
            pair = self.client
            after = replace(
                after,
                client_certificate=pair.certificate if pair else None,
                client_key=pair.key if pair else None,
            )
        if self.codec_token is None:
            after = replace(after, codec_token=None, codec_token_for=None)
        return after

    def keeps_secrets_of(self, before: Credentials) -> bool:
        """Does a secret stay that was stored before?"""
        return bool(
            (self.api_key is KEEP and before.api_key)
            or (self.client is KEEP and before.client_key)
            or (self.headers is KEEP and before.headers)
        )

    @property
    def enters_secrets(self) -> bool:
        return any(part is not KEEP for part in (self.api_key, self.client, self.headers))


@dataclass(frozen=True, slots=True)
class Change:
    """New settings, and what becomes of the credentials."""

    settings: ConnectionSettings
    credentials: CredentialsChange = CredentialsChange()


def check_storable(store: Store, credentials: Credentials) -> None:
    """See whether the credentials of a connection could work and be stored, before anything is made for it.

    Raises:
        InvalidInput: the credentials cannot work.
        Unsealable: this process cannot store credentials.
    """
    check_credentials(credentials)
    if credentials != NO_CREDENTIALS:
        store.seal.check()


async def add_connection(
    store: Store,
    project_id: UUID,
    settings: ConnectionSettings,
    credentials: Credentials = NO_CREDENTIALS,
    *,
    by: Principal | None = None,
) -> Connection:
    """A new connection; its namespace is looked at within seconds.

    Raises:
        InvalidInput: the credentials cannot work.
        Conflict: the project looks at that namespace already.
        Unsealable: this process cannot store credentials.
    """
    check_storable(store, credentials)
    async with store.write() as writer:
        connection = await insert_connection(writer, project_id, settings)
        await _save(writer, store, connection, credentials)
        await add_line(
            writer,
            project_id=project_id,
            by=by,
            action="connection.create",
            target=connection.id,
            details={"address": settings.address, "namespace": settings.namespace},
        )
    return connection


async def change_connection(
    store: Store, before: Connection, change: Change, *, by: Principal | None = None
) -> Connection:
    """Change a connection; every process follows within seconds.

    Raises:
        Conflict: it is not as it was `before`, or the project has another connection to the new namespace.
        InvalidInput, NotFound, Unsealable
    """
    if before.is_embedded and _place(before.settings) != _place(change.settings):
        raise Conflict(
            "This connection belongs to the Temporal that Watchglass starts itself; its address and namespace cannot "
            "be changed. Add another connection instead."
        )
    async with store.write() as writer:
        # Locked, so that no secret is entered for the old address while the new one is checked without it.
        if (await lock_settings(writer, before)) != before.settings:
            raise Conflict("Somebody else changed this connection just now. Load it again, and change what is left.")
        credentials = await _after(writer, store, before, change)
        connection = await update_connection(writer, before, change.settings)
        if change.credentials != CredentialsChange():
            await _save(writer, store, connection, credentials)
        await add_line(
            writer,
            project_id=before.project_id,
            by=by,
            action="connection.update",
            target=before.id,
            details=_told(before, change),
        )
    return connection


def _told(before: Connection, change: Change) -> dict[str, Any]:
    """What changed, without any secret: of credentials only that they were entered anew."""
    old = {"address": before.address, "namespace": before.namespace}
    new = {"address": change.settings.address, "namespace": change.settings.namespace}
    moved = {f"{name}Before": value for name, value in old.items() if new[name] != value}
    return new | moved | {"credentials": change.credentials != CredentialsChange()}


async def credentials_after(store: Store, before: Connection, change: Change) -> Credentials:
    """The credentials that the connection has after the change.

    A stored secret is never sent where it was not entered for: whoever may change an address could otherwise have it
    sent to a server of their own.

    Raises:
        InvalidInput: they cannot work, or a secret that was entered for another address would be kept.
        Unsealable: the stored ones cannot be opened, and are not replaced.
    """
    async with store.write() as reader:
        return await _after(reader, store, before, change)


async def _after(reader: Reader, store: Store, before: Connection, change: Change) -> Credentials:
    stored = await _stored(reader, store, before, change)
    after = change.credentials.applied_to(stored)
    other_http = change.settings.http_address not in (None, before.http_address)
    moves = before.address != change.settings.address or other_http or (stored.tls and not after.tls)
    if moves and change.credentials.keeps_secrets_of(stored):
        raise InvalidInput(
            "The stored credentials were entered for another address, or for TLS, and are not sent elsewhere. Enter "
            "them again, or remove them."
        )
    check_credentials(after)
    return after


async def _stored(reader: Reader, store: Store, connection: Connection, change: Change) -> Credentials:
    kept = await read_kept(reader, connection.id)
    try:
        return open_kept(store.seal, kept)
    except Unsealable:
        if change.credentials.enters_secrets:
            return NO_CREDENTIALS
        raise


async def examine_connection(settings: ConnectionSettings, credentials: Credentials) -> Examination:
    """Try with a client of its own every call that is needed; nothing is stored.

    Raises:
        InvalidInput: the credentials cannot work.
    """
    check_credentials(credentials)
    client = await connect(settings.address, settings.namespace, credentials, lazy=True)
    return await examine(
        Access(client.workflow_service, settings.namespace),
        scope=settings.scope,
        find_obstacle=partial(find_obstacle, settings.address, credentials),
    )


async def explain_trouble(parts: Parts, connection: Connection, error: WatchglassError) -> str:
    """Why a namespace cannot be looked at: what stands in the way, where that can be found out."""
    if not isinstance(error, TemporalUnavailable):
        return error.message
    return await find_obstacle(connection.address, await parts.credentials(connection)) or error.message


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

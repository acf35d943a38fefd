"""Connections: owners and editors of a project make, change and test them; secrets go in and never come out."""

from datetime import timedelta
from uuid import UUID

from pydantic import SecretStr

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.rights import require_editor, require_member
from watchglass.api.procedures.where import refuse_other_places
from watchglass.api.render.connection import render_connection, render_test
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.connection import (
    ConnectionDetails,
    ConnectionFields,
    ConnectionIdInput,
    Connections,
    ConnectionTest,
    ConnectionTestInput,
    ConnectionUpdate,
    CredentialsInput,
    DecodeAtSyncInput,
    NewConnection,
)
from watchglass.api.trpc.router import Router
from watchglass.errors import InvalidInput
from watchglass.model.connection import Budget, Connection, ConnectionSettings
from watchglass.model.credentials import NO_CREDENTIALS
from watchglass.model.permission import Permission
from watchglass.store.connections import connection_of, read_described_connection, read_described_connections
from watchglass.sync.connections import (
    KEEP,
    Change,
    ClientPair,
    CredentialsChange,
    add_connection,
    change_connection,
    credentials_after,
    examine_connection,
)
from watchglass.sync.decode_setting import decode_at_sync, decode_on_view
from watchglass.temporal.addresses import checked_settings
from watchglass.temporal.examine import LONGEST_SECONDS

router: Router[Context] = Router()

_TEST_SECONDS = LONGEST_SECONDS + 12
"""With what it takes to find out why a server cannot be reached."""


@router.query("connection.list", permission=Permission.LOOK)
async def list_connections(context: Context, input: ProjectIdInput) -> Connections:
    """The connections of a project."""
    async with context.store.read_as(context.principal) as reader:
        role = (await require_member(reader, context.principal, input.project_id, otherwise="project")).role
        rows = await read_described_connections(reader, project_id=input.project_id)
    return Connections(items=[render_connection(row) for row in rows], role=role)


@router.query("connection.get", permission=Permission.LOOK)
async def get_connection(context: Context, input: ConnectionIdInput) -> ConnectionDetails:
    """One connection."""
    return await _shown(context, input.connection_id)


@router.mutation("connection.create", permission=Permission.EDIT)
async def create(context: Context, input: NewConnection) -> ConnectionDetails:
    """Make a connection; its namespace is looked at within seconds."""
    async with context.store.read_as(context.principal) as reader:
        await require_editor(reader, context.principal, input.project_id, otherwise="project")
    credentials = change_of(input.credentials).applied_to(NO_CREDENTIALS)
    settings = settings_of(context, input)
    refuse_other_places(context, settings)
    made = await add_connection(context.store, input.project_id, settings, credentials, by=context.principal)
    return await _shown(context, made.id)


@router.mutation("connection.update", permission=Permission.EDIT)
async def update(context: Context, input: ConnectionUpdate) -> ConnectionDetails:
    """Change a connection; every process follows within seconds."""
    before = await _changeable(context, input.connection_id)
    change = Change(settings_of(context, input), change_of(input.credentials))
    refuse_other_places(context, change.settings, before.settings)
    await change_connection(context.store, before, change, by=context.principal)
    return await _shown(context, input.connection_id)


@router.mutation("connection.decodeAtSync", permission=Permission.EDIT)
async def set_decoding(context: Context, input: DecodeAtSyncInput) -> ConnectionDetails:
    """Have values decoded while they are copied, or only while somebody looks at them.

    Decoded at sync, they are readable in the database, in its backups and in exports by everybody who may see the
    project, whether or not they could use the codec server.
    """
    connection = await _changeable(context, input.connection_id)
    if input.decodes:
        await decode_at_sync(context.store, connection, token=_opened(input.codec_token), by=context.principal)
    else:
        await decode_on_view(context.store, connection, by=context.principal)
    return await _shown(context, connection.id)


@router.mutation("connection.test", permission=Permission.SIGNED_IN, timeout=timedelta(seconds=_TEST_SECONDS))
async def test(context: Context, input: ConnectionTestInput) -> ConnectionTest:
    """Try every call that Watchglass needs; nothing is stored."""
    if input.connection_id is None and input.settings is None:
        raise InvalidInput("Say what to test: a connection, or settings.")
    if input.connection_id is None:
        assert input.settings is not None
        settings = settings_of(context, input.settings)
        refuse_other_places(context, settings)
        credentials = change_of(input.settings.credentials).applied_to(NO_CREDENTIALS)
        return render_test(await examine_connection(settings, credentials))
    before = await _changeable(context, input.connection_id)
    change = Change(before.settings)
    if input.settings is not None:
        change = Change(settings_of(context, input.settings), change_of(input.settings.credentials))
        refuse_other_places(context, change.settings, before.settings)
    credentials = await credentials_after(context.store, before, change)
    return render_test(await examine_connection(change.settings, credentials))


def settings_of(context: Context, input: ConnectionFields) -> ConnectionSettings:
    """Raises InvalidInput: an address cannot be one, or the codec server may not be asked."""
    settings = checked_settings(
        ConnectionSettings(
            address=input.address,
            namespace=input.namespace,
            scope=input.scope.strip(),
            level=input.level,
            budget=Budget(input.visibility_per_second, input.history_per_second),
            ui_address=input.ui_address,
            http_address=input.http_address,
            codec_address=input.codec_address,
        )
    )
    if settings.codec_address is not None:
        context.namespaces.codec_hosts.refuse_others(settings.codec_address)
    return settings


def change_of(input: CredentialsInput | None) -> CredentialsChange:
    """Absent is kept; null is taken away."""
    if input is None:
        return CredentialsChange()
    given = input.model_fields_set
    pair = input.client_certificate
    return CredentialsChange(
        tls=KEEP if input.tls is None else input.tls,
        server_name=(input.server_name or None) if "server_name" in given else KEEP,
        server_ca=(input.server_ca or None) if "server_ca" in given else KEEP,
        api_key=_opened(input.api_key) if "api_key" in given else KEEP,
        client=(ClientPair(pair.certificate, pair.key.get_secret_value()) if pair else None)
        if "client_certificate" in given
        else KEEP,
        headers=tuple((header.name.lower(), header.value.get_secret_value()) for header in input.headers or ())
        if "headers" in given
        else KEEP,
    )


def _opened(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


async def _changeable(context: Context, connection_id: UUID) -> Connection:
    """The connection, if the person asking may change it."""
    async with context.store.read_as(context.principal) as reader:
        row = await read_described_connection(reader, connection_id)
        if row is None:
            raise absent("connection")
        await require_editor(reader, context.principal, row["project_id"], otherwise="connection")
    return connection_of(row)


async def _shown(context: Context, connection_id: UUID) -> ConnectionDetails:
    async with context.store.read_as(context.principal) as reader:
        row = await read_described_connection(reader, connection_id)
    if row is None:
        raise absent("connection")
    return render_connection(row)

"""What a new installation begins with: its owner, and a project for each namespace that is looked at."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import structlog

from watchglass.cli.temporals import Observed
from watchglass.model.connection import Connection
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.store.backfills import ensure_backfill
from watchglass.store.connections import ensure_connection
from watchglass.store.credentials import open_kept, read_kept, reseal_credentials, save_credentials
from watchglass.store.scope import Store, Writer
from watchglass.store.seal import Seal, Unsealable
from watchglass.store.users import ensure_owner, ensure_project, find_project
from watchglass.temporal.certificates import check_credentials, shown

_log = structlog.get_logger(__name__)

OWNER = "owner"
"""The person at this machine, who manages the installation until others do."""


async def found(store: Store, observed: tuple[Observed, ...]) -> UUID:
    """Make what is missing, bring addresses up to date, and return the owner's id. Safe at every start."""
    async with store.door() as door:
        owner = await ensure_owner(door, OWNER)
        projects = [(place, await _project(door, place, owner)) for place in observed]
    async with store.write() as writer:
        await reseal_credentials(writer, store.seal)
        for place, project_id in projects:
            connection = await ensure_connection(
                writer,
                project_id=project_id,
                address=place.address,
                namespace=place.namespace,
                is_embedded=place.is_embedded,
                http_address=place.http_address,
                ui_address=place.ui_address,
            )
            await _keep_credentials(writer, store.seal, connection, place.credentials)
            # Nobody is asked how far back: two commands are all it takes to see everything.
            await ensure_backfill(writer, connection)
    return owner


async def _keep_credentials(writer: Writer, seal: Seal, connection: Connection, credentials: Credentials) -> None:
    """Bring them up to date. An environment that names none leaves those that were entered elsewhere.

    The codec server's token is nothing that an environment names: it stays.
    """
    if credentials == NO_CREDENTIALS:
        return
    check_credentials(credentials)
    kept = await read_kept(writer, connection.id)
    try:
        before = open_kept(seal, kept)
        credentials = replace(credentials, codec_token=before.codec_token, codec_token_for=before.codec_token_for)
        if before == credentials:
            return
    except Unsealable:
        _log.info(
            "credentials_replaced", message="Stored credentials that no key opens are replaced by the environment's."
        )
    await save_credentials(
        writer,
        seal,
        project_id=connection.project_id,
        connection_id=connection.id,
        credentials=credentials,
        shown=shown(credentials, set_at=datetime.now(UTC)),
    )


async def _project(door: Writer, place: Observed, owner: UUID) -> UUID:
    """By what it looks at before its name, which people may have changed."""
    found = await find_project(
        door, owner=owner, address=place.address, namespace=place.namespace, is_embedded=place.is_embedded
    )
    return found or await ensure_project(door, name=place.project, owner=owner)

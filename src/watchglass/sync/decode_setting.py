"""Switching on and off that a connection's values are decoded while they are copied."""

from dataclasses import replace
from datetime import UTC, datetime

from watchglass.errors import InvalidInput
from watchglass.model.connection import Connection
from watchglass.model.project import Principal
from watchglass.store.audit import add_line
from watchglass.store.connections import set_decodes_at_sync
from watchglass.store.credentials import open_kept, read_kept, save_credentials
from watchglass.store.scope import Store
from watchglass.temporal.addresses import refuse_bad_url
from watchglass.temporal.certificates import shown
from watchglass.temporal.codec import refuse_bad_token

WARNING = (
    "Decoded values are then readable in the database, in its backups and in exports by everybody who may see the "
    "project, whether or not they could use the codec server."
)


async def decode_at_sync(
    store: Store, connection: Connection, *, token: str | None, by: Principal | None = None
) -> None:
    """Have values decoded from now on; `token` is for the codec server, and for no other than today's.

    Raises:
        InvalidInput: the connection has no codec server that could be asked, or the token cannot be sent.
        Unsealable: this process cannot store a token.
    """
    if connection.codec_address is None:
        raise InvalidInput("The connection has no codec server. Set its address first.")
    refuse_bad_url(connection.codec_address, "a codec server")
    refuse_bad_token(token)
    await _set(store, connection, decodes=True, token=token, by=by)


async def decode_on_view(store: Store, connection: Connection, *, by: Principal | None = None) -> None:
    """Store values as Temporal holds them from now on, and forget the token. What was decoded stays so.

    Raises:
        Unsealable: this process cannot open what is stored beside the token.
    """
    await _set(store, connection, decodes=False, token=None, by=by)


async def _set(store: Store, connection: Connection, *, decodes: bool, token: str | None, by: Principal | None) -> None:
    async with store.write() as writer:
        await set_decodes_at_sync(writer, connection, decodes)
        await add_line(
            writer,
            project_id=connection.project_id,
            by=by,
            action="connection.decode",
            target=connection.id,
            details={"decodes": decodes, "codecAddress": connection.codec_address},
        )
        before = open_kept(store.seal, await read_kept(writer, connection.id))
        after = replace(before, codec_token=token, codec_token_for=connection.codec_address if token else None)
        if after != before:
            await save_credentials(
                writer,
                store.seal,
                project_id=connection.project_id,
                connection_id=connection.id,
                credentials=after,
                shown=shown(after, set_at=datetime.now(UTC)),
            )

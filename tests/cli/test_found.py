"""What `up` brings up to date at each start."""

from dataclasses import replace
from uuid import uuid4

from watchglass.cli.found import found
from watchglass.cli.temporals import Observed
from watchglass.model.credentials import Credentials
from watchglass.store.connections import all_connections, update_connection
from watchglass.store.credentials import open_kept, read_kept
from watchglass.store.scope import Store
from watchglass.sync.decode_setting import decode_at_sync

CODEC = "https://codec.example"


async def test_the_environments_credentials_leave_the_codec_servers_token(store: Store) -> None:
    namespace = f"found-{uuid4()}"

    def place(key: str) -> Observed:
        return Observed(namespace, "127.0.0.1:1", namespace, False, None, credentials=Credentials(api_key=key))

    async def stored() -> Credentials:
        async with store.write() as reader:
            return open_kept(store.seal, await read_kept(reader, connection.id))

    await found(store, (place("first"),))
    async with store.write() as writer:
        (connection,) = [c for c in await all_connections(writer) if c.namespace == namespace]
        connection = await update_connection(writer, connection, replace(connection.settings, codec_address=CODEC))
    await decode_at_sync(store, connection, token="codec-token")
    for key in ("first", "second"):
        await found(store, (place(key),))
        assert await stored() == Credentials(api_key=key, codec_token="codec-token", codec_token_for=CODEC)

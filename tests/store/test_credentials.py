"""Credentials are encrypted where they are kept, open only there, and follow a new key."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest
from tests.databases import SECRET_KEY, Database, make_project

from watchglass.errors import WatchglassError
from watchglass.model.connection import Connection, ConnectionSettings
from watchglass.model.credentials import Credentials
from watchglass.store.connections import all_connections, lock_settings
from watchglass.store.credentials import open_kept, read_kept, reseal_credentials
from watchglass.store.scope import Store
from watchglass.store.seal import Seal, Sealed, Unsealable
from watchglass.sync.connections import Change, CredentialsChange, add_connection, change_connection
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients

SECRETS = Credentials(tls=True, api_key="key-nobody-may-read", headers=(("x-tenant", "header-nobody-may-read"),))


async def read_all(store: Store) -> list[Connection]:
    async with store.write() as reader:
        return await all_connections(reader)


@pytest.fixture
async def connection(store: Store) -> Connection:
    project_id, _ = await make_project(store, f"sealed {uuid4()}", owner="ada")
    return await add_connection(store, project_id, ConnectionSettings("127.0.0.1:1", "sealed"), SECRETS)


class TestSeal:
    def test_what_was_sealed_opens_in_its_place_alone(self) -> None:
        seal = Seal([SECRET_KEY])
        sealed = seal.close(b"secret", place="a")
        assert b"secret" not in sealed.data
        assert seal.open(sealed, place="a") == b"secret"
        with pytest.raises(Unsealable, match="cannot be opened"):
            seal.open(sealed, place="b")

    def test_a_changed_byte_is_noticed(self) -> None:
        seal = Seal([SECRET_KEY])
        sealed = seal.close(b"secret", place="a")
        changed = Sealed(sealed.key_id, sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]))
        with pytest.raises(Unsealable):
            seal.open(changed, place="a")

    def test_the_same_text_is_sealed_differently_each_time(self) -> None:
        seal = Seal([SECRET_KEY])
        assert seal.close(b"secret", place="a").data != seal.close(b"secret", place="a").data

    def test_without_a_key_nothing_is_sealed(self) -> None:
        with pytest.raises(Unsealable, match="WATCHGLASS_SECRET_KEY"):
            Seal().close(b"secret", place="a")


class TestStored:
    async def test_no_dump_of_the_database_holds_a_secret(self, connection: Connection, database: Database) -> None:
        admin = await asyncpg.connect(database.admin_url)
        tables = await admin.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        texts = [str(await admin.fetch(f"SELECT * FROM {row['relname']}")) for row in tables]
        await admin.close()
        assert any("sealed=" in text for text in texts)
        assert not any("nobody-may-read" in text for text in texts)

    async def test_they_come_back_as_they_were_and_no_representation_tells_them(
        self, connection: Connection, store: Store
    ) -> None:
        async with store.write() as reader:
            kept = await read_kept(reader, connection.id)
        opened = open_kept(store.seal, kept)
        assert opened == SECRETS
        assert "nobody-may-read" not in repr(opened) + repr(kept)

    async def test_they_open_in_no_other_connections_row(self, connection: Connection, store: Store) -> None:
        settings = replace(connection.settings, namespace="other")
        other = await add_connection(store, connection.project_id, settings, Credentials(tls=True, api_key="other"))
        async with store.write() as writer:
            await writer.execute(
                "UPDATE connection_credentials SET sealed = (SELECT sealed FROM connection_credentials "
                "WHERE connection_id = $1) WHERE connection_id = $2",
                connection.id,
                other.id,
            )
        with pytest.raises(Unsealable):
            await Parts(store, Clients()).access(other)

    async def test_a_new_key_takes_the_old_ones_place(self, connection: Connection, store: Store) -> None:
        new = "another key that is long enough for an installation"
        both = Seal([new, SECRET_KEY])
        async with store.write() as writer:
            assert await reseal_credentials(writer, both) >= 1
            assert await reseal_credentials(writer, both) == 0
            kept = await read_kept(writer, connection.id)
            assert open_kept(Seal([new]), kept) == SECRETS
            with pytest.raises(Unsealable):
                open_kept(Seal([SECRET_KEY]), kept)
            await reseal_credentials(writer, Seal([SECRET_KEY, new]))

    async def test_a_process_without_the_key_says_what_to_do(self, connection: Connection, store: Store) -> None:
        keyless = replace(store, seal=Seal())
        with pytest.raises(Unsealable, match="WATCHGLASS_SECRET_KEY"):
            await Parts(keyless, Clients()).access(connection)

    async def test_stored_secrets_are_not_sent_to_another_address(self, connection: Connection, store: Store) -> None:
        moved = replace(connection.settings, address="127.0.0.1:2")
        with pytest.raises(Exception, match="Enter them again"):
            await change_connection(store, connection, Change(moved))
        entered = CredentialsChange(api_key="new", headers=())
        changed = await change_connection(store, connection, Change(moved, entered))
        assert changed.address == "127.0.0.1:2"

    async def test_a_secret_entered_meanwhile_does_not_follow_to_another_address(self, store: Store) -> None:
        project_id, _ = await make_project(store, f"raced {uuid4()}", owner="ada")
        before = await add_connection(store, project_id, ConnectionSettings("127.0.0.1:1", "raced"))
        moved = Change(replace(before.settings, address="127.0.0.1:2"))
        entered = Change(before.settings, CredentialsChange(api_key="key-nobody-may-read"))
        async with store.write() as writer:
            await lock_settings(writer, before)
            both = [asyncio.create_task(change_connection(store, before, change)) for change in (entered, moved)]
            await asyncio.sleep(0.2)
        done = await asyncio.gather(*both, return_exceptions=True)
        assert sum(isinstance(one, WatchglassError) for one in done) == 1, done
        (now,) = [c for c in await read_all(store) if c.id == before.id]
        credentials = await Parts(store, Clients()).credentials(now)
        assert (now.address == "127.0.0.1:1") == (credentials.api_key is not None)

    async def test_a_changed_scope_is_discovered_anew(self, connection: Connection, store: Store) -> None:
        async with store.write() as writer:
            await writer.execute(
                "UPDATE connections SET discovered_until = $2 WHERE id = $1", connection.id, datetime.now(UTC)
            )
        settings = connection.settings
        for scope, is_kept in (("", True), ("WorkflowType = 'A'", False)):
            await change_connection(store, connection, Change(replace(settings, scope=scope)))
            async with store.write() as reader:
                until = await reader.fetchval("SELECT discovered_until FROM connections WHERE id = $1", connection.id)
            assert (until is not None) is is_kept


class TestFollowed:
    async def test_changed_settings_are_followed_without_a_restart(
        self, connection: Connection, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("watchglass.sync.parts.KNOWN_SECONDS", 0.0)
        parts = Parts(store, Clients())
        before = await parts.access(connection)
        assert (await parts.access(connection)).service is before.service
        settings = replace(connection.settings, address="127.0.0.1:2", namespace="moved")
        await change_connection(
            store, connection, Change(settings, CredentialsChange(tls=False, api_key=None, headers=()))
        )
        after = await parts.access(connection)
        assert after.service is not before.service
        assert after.namespace == "moved"
        assert (await parts.credentials(connection)) == Credentials()

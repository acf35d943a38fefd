"""Another key for what is sealed: while processes run, in any number of tries, and without a mark changing."""

from pathlib import Path

import pytest
from tests.databases import SECRET_KEY, make_project

from watchglass.cli.secret_key import read_keys
from watchglass.embedded.secret import write_private
from watchglass.model.credentials import NOTHING_SHOWN, Credentials
from watchglass.model.service import HttpSettings, ServiceSecret
from watchglass.store.connections import ensure_connection
from watchglass.store.credentials import open_kept, read_kept, save_credentials
from watchglass.store.project_keys import ensure_project_key
from watchglass.store.reseal import reseal_all
from watchglass.store.scope import Store
from watchglass.store.seal import Seal, Unsealable
from watchglass.store.services import insert_service, save_secret

NEW = "the new key of an installation, as long as one has to be"


def with_seal(store: Store, seal: Seal) -> Store:
    return Store(store.login, store.sync, store.user_role, seal)


async def test_everything_that_is_sealed_is_sealed_anew(store: Store) -> None:
    project_id, _ = await make_project(store, "Rotated", owner="rita")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address="127.0.0.1:1", namespace="rotated", is_embedded=False
        )
        await save_credentials(
            writer,
            store.seal,
            project_id=project_id,
            connection_id=connection.id,
            credentials=Credentials(api_key="the api key"),
            shown=NOTHING_SHOWN,
        )
        before = await ensure_project_key(writer, store.seal, project_id)
        service_id = await insert_service(writer, project_id, "shop", HttpSettings(base_url="https://shop.example"))
        await save_secret(
            writer,
            store.seal,
            project_id=project_id,
            service_id=service_id,
            secret=ServiceSecret(password="the password"),
        )
    rotating = with_seal(store, Seal([NEW, SECRET_KEY]))
    done = await reseal_all(rotating)
    assert done.done >= 3 and done.left == 0
    assert (await reseal_all(rotating)).done == 0, "a second try finds nothing to do"
    after = Seal([NEW])
    async with store.write() as writer:
        assert open_kept(after, await read_kept(writer, connection.id)).api_key == "the api key"
        assert await ensure_project_key(writer, after, project_id) == before, "marks keep their meaning"
        with pytest.raises(Unsealable):
            open_kept(store.seal, await read_kept(writer, connection.id))
    back = await reseal_all(with_seal(store, Seal([SECRET_KEY, NEW])))
    assert back.done == done.done


async def test_a_running_process_follows_a_key_file_that_changes(tmp_path: Path) -> None:
    file = tmp_path / "secret-key"
    write_private(file, SECRET_KEY + "\n")
    running = Seal(read_keys(file), reread=lambda: read_keys(file))
    old = running.close(b"text", place="p")
    write_private(file, f"{NEW},{SECRET_KEY}\n")
    anew = running.close(b"text", place="p")
    assert anew.key_id != old.key_id, "nothing is sealed with the old key any more"
    other = Seal([SECRET_KEY], reread=lambda: read_keys(file))
    assert other.open(anew, place="p") == other.open(old, place="p") == b"text"
    write_private(file, NEW + "\n")
    assert running.open(anew, place="p") == b"text"

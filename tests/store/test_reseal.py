"""Another key for what is sealed: while processes run, in any number of tries, and without a mark changing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.databases import SECRET_KEY, make_project

from watchglass.cli.secret_key import read_keys
from watchglass.embedded.secret import write_private
from watchglass.model.credentials import NOTHING_SHOWN, Credentials
from watchglass.model.service import HttpSettings, ServiceSecret
from watchglass.store.connections import ensure_connection
from watchglass.store.credentials import open_kept, read_kept, save_credentials
from watchglass.store.erased_runs import bar_runs, bar_workflow, digest_of
from watchglass.store.lost_keys import find_lost, replace_lost
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
    # Other tests here leave projects behind whose key is the new one.
    await reseal_all(with_seal(store, Seal([SECRET_KEY, NEW])))
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


async def test_a_project_whose_key_is_lost_goes_on_with_another_and_what_is_lost_is_counted(store: Store) -> None:
    lost, _ = await make_project(store, "Lost key", owner="lotte")
    kept, _ = await make_project(store, "Kept key", owner="kai")
    restored = with_seal(store, Seal([NEW]))
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=lost, address="127.0.0.1:1", namespace="lost", is_embedded=False
        )
        before = await ensure_project_key(writer, store.seal, lost)
        await bar_workflow(writer, lost, digest_of(before, "workflow", "order-1"))
        run = digest_of(before, "run", "run-1")
        await bar_runs(writer, [(lost, connection.id, run, datetime(2026, 1, 1, tzinfo=UTC))])
        there = await ensure_project_key(writer, restored.seal, kept)
        with pytest.raises(Unsealable, match="rotate-key --forget-lost"):
            await ensure_project_key(writer, restored.seal, lost)
        found = {one.project_id: one for one in await find_lost(writer, restored.seal)}
    assert kept not in found
    assert (found[lost].name, found[lost].runs, found[lost].workflow_ids) == ("Lost key", 1, 1)
    assert await replace_lost(restored, lost)
    assert not await replace_lost(restored, lost), "a second try finds nothing to do"
    assert not await replace_lost(restored, kept)
    async with store.write() as writer:
        after = await ensure_project_key(writer, restored.seal, lost)
        assert after != before
        assert await ensure_project_key(writer, restored.seal, kept) == there
        assert lost not in {one.project_id for one in await find_lost(writer, restored.seal)}
        assert await writer.fetchval("SELECT count(*) FROM erased_runs WHERE project_id = $1", lost) == 0

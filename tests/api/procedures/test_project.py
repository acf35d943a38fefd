"""Making and renaming projects."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from tests.api.seeded import NOBODY, Caller, client_for, make_tenant, open_parts
from tests.databases import Database, make_project

from watchglass.cli.found import found
from watchglass.cli.temporals import Observed
from watchglass.errors import Conflict
from watchglass.store.connections import all_connections
from watchglass.store.projects import project_named
from watchglass.store.scope import Store
from watchglass.store.users import ensure_project, ensure_user


async def made(caller: Caller, **input: Any) -> dict[str, Any]:
    answer = await caller.mutate("project.create", input)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["result"]["data"]
    return data


@pytest.fixture
def name() -> str:
    return f"shop {uuid4()}"


async def signed_in(store: Store, name: str) -> Caller:
    parts = open_parts(store)
    tenant = await make_tenant(store, parts, name, [])
    return Caller(client_for(store, parts), tenant.token)


async def test_who_makes_a_project_owns_it_and_its_namespace_is_to_be_synced(store: Store, name: str) -> None:
    ada = await signed_in(store, f"{name} ada")
    project = await made(ada, name=name, connection={"address": NOBODY, "namespace": "orders"})
    assert (project["name"], project["role"]) == (name, "owner")
    assert (project["connection"]["address"], project["connection"]["namespace"]) == (NOBODY, "orders")
    assert await ada.data("project.get", {"projectId": project["id"]}) == project
    async with store.write() as reader:
        assert project["connection"]["id"] in {str(connection.id) for connection in await all_connections(reader)}


async def test_without_a_connection_it_looks_at_nothing(store: Store, name: str) -> None:
    ada = await signed_in(store, f"{name} ada")
    assert (await made(ada, name=name))["connection"] is None


async def test_a_taken_name_is_refused_for_new_and_for_old_projects(store: Store, name: str) -> None:
    ada = await signed_in(store, f"{name} ada")
    await made(ada, name=name)
    other = await made(ada, name=f"{name} two")
    for answer in (
        await ada.mutate("project.create", {"name": name}),
        await ada.mutate("project.update", {"projectId": other["id"], "name": name}),
    ):
        assert answer.status_code == 409
        assert name in answer.json()["error"]["message"]


async def test_that_somebody_else_took_a_name_is_told_to_nobody(store: Store, name: str) -> None:
    ada = await signed_in(store, f"{name} ada")
    bob = await signed_in(store, f"{name} bob")
    hers = await made(ada, name=name)
    his = await made(bob, name=name)
    assert hers["id"] != his["id"]
    other = await made(ada, name=f"{name} ada's")
    renamed = await bob.mutate("project.update", {"projectId": his["id"], "name": other["name"]})
    assert renamed.status_code == 200, renamed.text
    again = await bob.mutate("project.update", {"projectId": his["id"], "name": other["name"]})
    assert again.status_code == 200, "a project's own name is not taken"
    async with store.door() as door:
        theirs = await ensure_project(door, name=name, owner=await ensure_user(door, f"{name} carol"))
        assert theirs == await ensure_project(door, name=name, owner=await ensure_user(door, f"{name} carol"))
    assert str(theirs) not in {hers["id"], his["id"]}
    async with store.write() as reader:
        with pytest.raises(Conflict, match=f"(?s)Several projects are named.*{theirs}"):
            await project_named(reader, name)
        assert await project_named(reader, str(theirs)) == theirs


async def test_one_person_takes_a_name_once_however_many_try_at_once(store: Store, name: str) -> None:
    ada = await signed_in(store, f"{name} ada")
    answers = await asyncio.gather(*[ada.mutate("project.create", {"name": name}) for _ in range(6)])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("editor", 200), ("viewer", 403)])
async def test_owners_and_editors_rename_and_viewers_do_not(
    store: Store, database: Database, name: str, role: str, status: int
) -> None:
    ada = await signed_in(store, f"{name} ada")
    project = await made(ada, name=name)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("UPDATE project_members SET role = $2 WHERE project_id::text = $1", project["id"], role)
    await admin.close()
    answer = await ada.mutate("project.update", {"projectId": project["id"], "name": f"{name} renamed"})
    assert answer.status_code == status, answer.text
    kept = await ada.data("project.get", {"projectId": project["id"]})
    assert kept["name"] == (f"{name} renamed" if status == 200 else name)


@pytest.mark.parametrize("change", ["app.rename_project($1, $2)", "app.add_member($1, $2, 'viewer', true)"])
async def test_rows_of_a_project_are_written_beside_a_change_of_it(store: Store, name: str, change: str) -> None:
    project_id, owner = await make_project(store, name, owner=f"{name} ada")
    async with store.door() as door:
        await ensure_user(door, f"{name} renamed")
    async with store.write_as(owner) as changing:
        await changing.fetchval(f"SELECT {change}", project_id, f"{name} renamed")
        # As a foreign key to the project locks it; at once or not at all.
        async with store.write() as writer:
            locked = await writer.fetchval("SELECT id FROM projects WHERE id = $1 FOR KEY SHARE NOWAIT", project_id)
    assert locked == project_id


async def test_who_is_no_member_finds_no_project_to_rename(store: Store, name: str) -> None:
    ada = await signed_in(store, f"{name} ada")
    bob = await signed_in(store, f"{name} bob")
    project = await made(ada, name=name)
    answer = await bob.mutate("project.update", {"projectId": project["id"], "name": f"{name} bob's now"})
    assert answer.status_code == 404
    assert (await ada.data("project.get", {"projectId": project["id"]}))["name"] == name


@pytest.mark.parametrize(
    "input",
    [
        {"name": ""},
        {"name": " padded"},
        {"name": "two\nlines"},
        {"name": "nul\x00"},
        {"name": "x" * 101},
        {"name": "x", "connection": {"address": "localhost", "namespace": "a"}},
        {"name": "x", "connection": {"address": "http://localhost:7233", "namespace": "a"}},
        {"name": "x", "connection": {"address": "localhost:7233", "namespace": ""}},
        {"name": "x", "role": "owner"},
    ],
)
async def test_what_cannot_be_a_project_is_refused(store: Store, name: str, input: dict[str, Any]) -> None:
    ada = await signed_in(store, f"{name} ada")
    assert (await ada.mutate("project.create", input)).status_code == 400


async def test_a_renamed_project_is_found_again_at_the_next_start(store: Store, name: str) -> None:
    place = Observed(project=name, address="127.0.0.1:2", namespace=name, is_embedded=True, http_address=None)
    owner = await found(store, (place,))
    async with store.door() as door:
        before = await door.fetchval("SELECT app.find_project($1, '', $2, true)", owner, name)
    async with store.write() as writer:
        await writer.execute("UPDATE projects SET name = $2 WHERE id = $1", before, f"{name} renamed")
    await found(store, (place,))
    async with store.write() as reader:
        looking = await reader.fetch("SELECT project_id FROM connections WHERE namespace = $1", name)
        assert [row["project_id"] for row in looking] == [before]
        assert await reader.fetchval("SELECT name FROM projects WHERE id = $1", before) == f"{name} renamed"

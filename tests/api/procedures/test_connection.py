"""Connections through the API: who may change them, what is refused, and that no secret ever comes out."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from tests.acceptance.certificates import Authority
from tests.api.seeded import NOBODY, Caller, client_for, make_tenant, open_parts
from tests.databases import Database

from watchglass.api.shapes.connection import ConnectionFields
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.credentials import open_kept, read_kept
from watchglass.store.scope import Store

OURS = Authority("Ours")
PAIR = OURS.issue("reader")
SECRETS = {
    "tls": True,
    "serverCa": OURS.certificate,
    "clientCertificate": {"certificate": PAIR.certificate, "key": PAIR.key},
    "headers": [{"name": "X-Tenant", "value": "nobody-may-read-this"}],
}


@pytest.fixture
def name() -> str:
    return f"connected {uuid4()}"


async def signed_in(store: Store, name: str) -> tuple[Caller, str]:
    parts = open_parts(store)
    tenant = await make_tenant(store, parts, name, [])
    return Caller(client_for(store, parts), tenant.token), str(tenant.project_id)


async def manages(database: Database, name: str) -> None:
    """The project's owner becomes an administrator, who may connect any Temporal."""
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("UPDATE users SET is_admin = true WHERE name = $1", f"{name}-owner")
    await admin.close()


async def made(caller: Caller, project_id: str, **settings: Any) -> dict[str, Any]:
    given = {"projectId": project_id, "address": NOBODY, "namespace": "shop", **settings}
    answer = await caller.mutate("connection.create", given)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["result"]["data"]
    return data


async def test_what_is_told_of_credentials_is_their_kind_and_no_secret(store: Store, name: str) -> None:
    ada, project_id = await signed_in(store, name)
    connection = await made(ada, project_id, credentials=SECRETS, scope=" WorkflowType = 'A' ", level="failed")
    told = connection["credentials"]
    assert told["clientCertificate"]["subject"] == "CN=reader"
    assert (told["tls"], told["apiKey"], told["headerNames"]) == (True, False, ["x-tenant"])
    assert told["serverCa"]["subject"] == "CN=Ours" and told["setAt"] is not None
    assert (connection["scope"], connection["level"], connection["state"]) == (
        "WorkflowType = 'A'",
        "failed",
        "unknown",
    )
    listed = await ada.query("connection.list", {"projectId": project_id})
    got = await ada.data("connection.get", {"connectionId": connection["id"]})
    assert got == connection
    texts = listed.text + str(got) + (await ada.query("project.get", {"projectId": project_id})).text
    assert "nobody-may-read-this" not in texts and "PRIVATE KEY" not in texts


async def test_what_is_left_out_stays_and_null_takes_it_away(store: Store, name: str) -> None:
    ada, project_id = await signed_in(store, name)
    connection = await made(ada, project_id, credentials=SECRETS)
    change = {"connectionId": connection["id"], "address": NOBODY, "namespace": "shop", "historyPerSecond": 7}
    kept = (await ada.mutate("connection.update", change)).json()["result"]["data"]
    assert kept["credentials"] == connection["credentials"] and kept["historyPerSecond"] == 7
    credentials = {"headers": None, "clientCertificate": None, "apiKey": "a-key"}
    changed = (await ada.mutate("connection.update", {**change, "credentials": credentials})).json()["result"]["data"]
    assert (changed["credentials"]["apiKey"], changed["credentials"]["headerNames"]) == (True, [])
    assert changed["credentials"]["clientCertificate"] is None
    async with store.write() as reader:
        stored = open_kept(store.seal, await read_kept(reader, connection["id"]))
    assert (stored.api_key, stored.client_key, stored.headers) == ("a-key", None, ())
    assert stored.server_ca == OURS.certificate


async def test_stored_secrets_do_not_follow_to_another_address(store: Store, database: Database, name: str) -> None:
    ada, project_id = await signed_in(store, name)
    await manages(database, name)
    connection = await made(ada, project_id, credentials={"tls": True, "apiKey": "a-key"})
    for change in (
        {"address": "127.0.0.1:2"},
        {"httpAddress": "http://127.0.0.1:2"},
        {"credentials": {"tls": False}},
    ):
        settings = {"address": NOBODY, "namespace": "shop", **change}
        moved = await ada.mutate("connection.update", {"connectionId": connection["id"], **settings})
        tested = await ada.mutate("connection.test", {"connectionId": connection["id"], "settings": settings})
        assert (moved.status_code, tested.status_code) == (400, 400)
        assert "Enter them again" in moved.json()["error"]["message"]


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("editor", 200), ("viewer", 403)])
async def test_owners_and_editors_change_and_viewers_do_not(
    store: Store, database: Database, name: str, role: str, status: int
) -> None:
    ada, project_id = await signed_in(store, name)
    connection = await made(ada, project_id)
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("UPDATE project_members SET role = $2 WHERE project_id::text = $1", project_id, role)
    await admin.close()
    settings = {"address": NOBODY, "namespace": "other"}
    for call, input in (
        ("connection.create", {"projectId": project_id, **settings}),
        ("connection.update", {"connectionId": connection["id"], **settings, "namespace": "third"}),
        ("connection.test", {"connectionId": connection["id"]}),
    ):
        answer = await ada.mutate(call, input)
        assert answer.status_code == status, answer.text
    listed = await ada.data("connection.list", {"projectId": project_id})
    assert listed["role"] == role and connection["id"] in {item["id"] for item in listed["items"]}


async def test_another_tenants_connection_is_not_to_be_found(store: Store, name: str) -> None:
    ada, project_id = await signed_in(store, f"{name} ada")
    bob, _ = await signed_in(store, f"{name} bob")
    connection = await made(ada, project_id)
    settings = {"address": NOBODY, "namespace": "x"}
    for answer in (
        await bob.query("connection.get", {"connectionId": connection["id"]}),
        await bob.query("connection.list", {"projectId": project_id}),
        await bob.mutate("connection.create", {"projectId": project_id, **settings}),
        await bob.mutate("connection.update", {"connectionId": connection["id"], **settings}),
        await bob.mutate("connection.test", {"connectionId": connection["id"]}),
        await bob.query("connection.get", {"connectionId": str(uuid4())}),
    ):
        assert answer.status_code == 404, answer.text


async def test_a_second_look_at_the_same_namespace_needs_another_project(store: Store, name: str) -> None:
    ada, project_id = await signed_in(store, name)
    await made(ada, project_id)
    again = await ada.mutate("connection.create", {"projectId": project_id, "address": NOBODY, "namespace": "shop"})
    assert again.status_code == 409 and "make another project" in again.json()["error"]["message"]


@pytest.mark.parametrize(
    ("credentials", "sentence"),
    [
        ({"apiKey": "two\nlines"}, "perhaps a line break"),
        ({"serverCa": OURS.certificate}, "used with TLS only"),
        ({"tls": True, "serverCa": "not PEM"}, "It has to be PEM"),
        ({"tls": True, "clientCertificate": {"certificate": PAIR.certificate, "key": "not PEM"}}, "key of the client"),
        (
            {"tls": True, "clientCertificate": {"certificate": PAIR.certificate, "key": OURS.issue("another").key}},
            "does not belong to the client certificate",
        ),
        ({"headers": [{"name": "grpc-timeout", "value": "1"}]}, "cannot be the name of a header"),
        ({"headers": [{"name": "a", "value": "1"}, {"name": "A", "value": "2"}]}, "given twice"),
        ({"apiKey": "k", "headers": [{"name": "authorization", "value": "x"}]}, "Give the one or the other"),
    ],
)
async def test_credentials_that_cannot_work_are_refused_before_a_project_is_made(
    store: Store, name: str, credentials: dict[str, Any], sentence: str
) -> None:
    ada, project_id = await signed_in(store, name)
    connection = {"address": NOBODY, "namespace": "shop", "credentials": credentials}
    for answer in (
        await ada.mutate("connection.create", {"projectId": project_id, **connection}),
        await ada.mutate("project.create", {"name": f"{name} new", "connection": connection}),
    ):
        assert answer.status_code == 400
        assert sentence in answer.json()["error"]["message"]
        assert PAIR.key.splitlines()[1] not in answer.text
    projects = await ada.data("project.list")
    assert f"{name} new" not in {project["name"] for project in projects["items"]}


@pytest.mark.parametrize(
    "settings",
    [
        {"address": "localhost"},
        {"address": "http://localhost:7233"},
        {"namespace": ""},
        {"scope": "two\nlines"},
        {"level": "some"},
        {"visibilityPerSecond": 0},
        {"historyPerSecond": 1e9},
        {"address": "127.0.0.1:99999"},
        {"address": "two..dots:7233"},
        {"visibilityPerSecond": 1e-9},
        {"uiAddress": "javascript:alert(1)"},
        {"uiAddress": "https://user:password@temporal.example"},
        {"httpAddress": "https://user:password@temporal.example"},
        {"credentials": {"tls": True, "serverName": "two..dots"}},
        {"codecAddress": "ftp://codec"},
        {"isEmbedded": True},
        {"credentials": {"password": "x"}},
    ],
)
async def test_settings_that_make_no_sense_are_refused(store: Store, name: str, settings: dict[str, Any]) -> None:
    ada, project_id = await signed_in(store, name)
    given = {"projectId": project_id, "address": NOBODY, "namespace": "shop", **settings}
    assert (await ada.mutate("connection.create", given)).status_code == 400
    del given["projectId"]
    tested = await ada.mutate("connection.test", {"settings": given})
    assert tested.status_code == 400 and "password@" not in tested.text


async def test_a_codec_server_that_cannot_be_asked_is_refused_before_a_project_is_made(store: Store, name: str) -> None:
    ada, _ = await signed_in(store, name)
    connection = {"address": NOBODY, "namespace": "shop", "codecAddress": "http://user:password@codec.example"}
    answer = await ada.mutate("project.create", {"name": f"{name} new", "connection": connection})
    assert answer.status_code == 400 and "codec server" in answer.json()["error"]["message"]
    projects = await ada.data("project.list")
    assert f"{name} new" not in {project["name"] for project in projects["items"]}


def test_no_representation_of_an_input_tells_a_secret() -> None:
    credentials = {**SECRETS, "apiKey": "nobody-may-read-this"}
    given = ConnectionFields.model_validate({"address": NOBODY, "namespace": "shop", "credentials": credentials})
    told = repr(given) + str(given) + given.model_dump_json()
    assert "nobody-may-read-this" not in told and "PRIVATE KEY" not in told


async def test_a_refused_input_is_not_repeated(store: Store, name: str) -> None:
    ada, project_id = await signed_in(store, name)
    for credentials in ({"apiKey": "secret-" * 2000}, {"apiKey": {"value": "secret-"}}, {"api_key": "secret-"}):
        given = {"projectId": project_id, "address": NOBODY, "namespace": "shop", "credentials": credentials}
        answer = await ada.mutate("connection.create", given)
        assert answer.status_code == 400
        assert "secret-" not in answer.text


async def test_a_test_says_what_works_without_storing_anything(
    store: Store, database: Database, name: str, temporal: EmbeddedTemporal
) -> None:
    ada, project_id = await signed_in(store, name)
    await manages(database, name)
    before = await ada.data("connection.list", {"projectId": project_id})
    settings = {"address": temporal.address, "namespace": "default"}
    tested = (await ada.mutate("connection.test", {"settings": settings})).json()["result"]["data"]
    assert (tested["isGood"], tested["problem"], tested["retentionSeconds"]) == (True, None, 86_400)
    refused = (await ada.mutate("connection.test", {"settings": {**settings, "namespace": "nope"}})).json()
    assert "has no namespace 'nope'" in refused["result"]["data"]["problem"]
    assert (await ada.mutate("connection.test", {})).status_code == 400
    assert await ada.data("connection.list", {"projectId": project_id}) == before

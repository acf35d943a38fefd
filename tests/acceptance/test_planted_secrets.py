"""Secrets of every kind that the database is given, planted and then looked for: in all tables, and in all answers."""

import logging
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from tests.acceptance.bench import Bench, bench
from tests.acceptance.certificates import Authority
from tests.acceptance.private import CITY, ended, private_worker, started
from tests.api.examples import Things, project_inputs
from tests.api.seeded import Caller, client_for
from tests.databases import Database
from tests.everything_stored import everything_stored

from watchglass.api.procedures import router
from watchglass.api.trpc.router import Kind
from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.parse.describe import parse_described
from watchglass.parse.redaction.messages import redact
from watchglass.sync.listing import add_runs
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal.describe import describe_run

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


def planted() -> str:
    return f"planted-{uuid4()}"


async def test_planted_secrets_are_in_no_table_no_answer_and_no_log(
    bench: Bench, database: Database, temporal: EmbeddedTemporal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pair = Authority("Ours").issue("reader")
    secrets = {name: planted() for name in ("api key", "header", "password", "service header", "url password", "value")}
    project = str(bench.connection.project_id)
    token = await create_token(bench.store, user="ada", name="planted")
    caller = Caller(client_for(bench.store, bench.parts), token)
    answers: list[str] = []

    async def say(procedure: str, **given: object) -> dict[str, object]:
        answer = await caller.mutate(procedure, given)
        answers.append(answer.text)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["result"]["data"])

    rules = {"keys": ["password"], "paths": [], "patterns": [], "expressions": ["<?planted-[0-9a-f-]{36}>?"]}
    await say("privacy.saveRules", projectId=project, rules=rules)
    made = await say(
        "connection.create",
        projectId=project,
        address="127.0.0.1:1",
        namespace="planted",
        credentials={
            "tls": True,
            "clientCertificate": {"certificate": pair.certificate, "key": pair.key},
            "headers": [{"name": "X-Tenant", "value": secrets["header"]}],
        },
    )
    other = {
        "projectId": project,
        "address": "127.0.0.1:2",
        "namespace": "planted",
        "credentials": {"apiKey": secrets["api key"]},
    }
    answers.append((await caller.mutate("connection.create", other)).text)
    await say(
        "service.create",
        projectId=project,
        name="database",
        settings={"kind": "postgres", "host": "db.example", "database": "shop", "user": "shop"},
        secret={"password": secrets["password"]},
    )
    await say(
        "service.create",
        projectId=project,
        name="shop",
        settings={"kind": "http", "baseUrl": "https://shop.example"},
        secret={"headers": {"Authorization": secrets["service header"]}},
    )
    refused = f"http://ada:{secrets['url password']}@codec.example"
    answer = await caller.mutate(
        "connection.create",
        {"projectId": project, "address": "127.0.0.1:1", "namespace": "x", "codecAddress": refused},
    )
    assert answer.status_code == 400
    answers.append(answer.text)

    async with private_worker(temporal.address) as (client, queue):
        await _add_attribute(client)
        handle = await started(client, queue, secrets["value"])
        await ended(handle, secrets["value"])
    parts = Parts(bench.store, Clients())
    described = await describe_run(await parts.access(bench.connection), handle.id)
    redactor = await parts.redactor(bench.connection)
    assert redactor is not None
    redact(described, redactor)
    (key,) = await add_runs(parts, bench.connection, [parse_described(described)])
    assert (await sync_execution(parts, key)).is_final

    async with bench.store.write() as reader:
        workflow = await reader.fetchval("SELECT workflow_id FROM workflow_executions WHERE id = $1", key.id)
    things = [project, str(workflow), str(key.id), str(made["id"])]
    inputs = project_inputs(Things(*things, *[str(uuid4())] * 4))
    asked = 0
    for procedure in router:
        if procedure.kind is Kind.QUERY:
            answers.append((await caller.query(procedure.name, inputs.get(procedure.name))).text)
            asked += 1
    assert asked > 40

    needles = {**secrets, "bearer token": token, "tls key": pair.key.splitlines()[2]}
    stored = await everything_stored(database.admin_url)
    logged = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("temporalio", "asyncio"))
    )
    for name, needle in needles.items():
        assert [table for table, data in stored.items() if needle.encode() in data] == [], name
        assert not [text for text in answers if needle in text], name
        assert needle not in logged, name


async def _add_attribute(client: Client) -> None:
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace="default", search_attributes={CITY.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD}
        )
    )

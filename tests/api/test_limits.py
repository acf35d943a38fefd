"""What one request, and all together, may ask for; each limit refuses with a sentence."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import asyncpg
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from tests.api.conftest import Installation
from tests.api.outside import ask
from tests.api.procedures.drawn import edge, graph_of, made, node, signed_in
from tests.api.seeded import Caller
from tests.databases import Database

from watchglass.api.body import read_json
from watchglass.api.errors import translate
from watchglass.api.limits import MAX_BODY_BYTES, MAX_DRAWING_BYTES, MAX_JSON_VALUES, RequestLimits
from watchglass.api.procedures import router
from watchglass.api.rest.openapi import openapi
from watchglass.api.trpc.errors import TRPCError
from watchglass.model.graph import MAXIMUM_NODES
from watchglass.store.scope import Store

JSON = {"content-type": "application/json"}
LONGER_PAGES = {"execution.getExecutionDetails", "execution.getHistoryEvents", "execution.getNodeIterations"}
"""Of one run: what its page shows at once."""
BOUNDED_BY_THE_BODY = {
    "ActivityNode-Input.nonRetryableErrors",
    "WorkflowNode-Input.nonRetryableErrors",
    "WorkflowNode-Input.workflowId",
    "ServiceSecretInput.password",
    "ServiceSecretInput.headers{}",
}


async def body_length(scope: Scope, receive: Receive, send: Send) -> None:
    size = len(await Request(scope, receive).body())
    await PlainTextResponse(str(size))(scope, receive, send)


class Waiting:
    """An application whose requests take as long as one wants."""

    def __init__(self) -> None:
        self.entered = asyncio.Semaphore(0)
        self.may_end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/wait":
            await body_length(scope, receive, send)
            return
        await Request(scope, receive).body()
        self.entered.release()
        await self.may_end.wait()
        await PlainTextResponse("")(scope, receive, send)


class TestAtOnce:
    async def test_too_many_requests_are_told_to_come_back(self) -> None:
        app = Waiting()
        limits = RequestLimits(app, requests_at_once=1)
        first = asyncio.create_task(ask(limits, "GET", "/wait"))
        await app.entered.acquire()
        second = await ask(limits, "GET", "/")
        assert (second.status, second.headers["retry-after"]) == (503, "2")
        assert json.loads(second.body)["detail"].startswith("Too many requests are being answered at once.")
        assert (await ask(limits, "GET", "/healthz")).status == 200
        app.may_end.set()
        assert (await first).status == 200
        assert (await ask(limits, "GET", "/")).status == 200

    async def test_too_many_bytes_of_bodies_are_told_to_come_back(self) -> None:
        app = Waiting()
        limits = RequestLimits(app, body_bytes_at_once=1000)
        first = asyncio.create_task(ask(limits, "POST", "/wait", body=b"x" * 600))
        await app.entered.acquire()
        assert (await ask(limits, "POST", "/", body=b"x" * 600)).status == 503
        assert (await ask(limits, "POST", "/", body=b"x" * 400)).status == 200
        app.may_end.set()
        await first
        assert (await ask(limits, "POST", "/", body=b"x" * 1000)).status == 200


class TestBodies:
    async def test_one_that_does_not_arrive_is_given_up(self) -> None:
        async def never() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "headers": []}
        await RequestLimits(body_length, body_seconds=0.01)(scope, never, send)
        assert sent[0]["status"] == 408
        assert (b"connection", b"close") in sent[0]["headers"]

    async def test_none_is_larger_than_the_largest_drawing(self) -> None:
        limits = RequestLimits(body_length)
        assert (await ask(limits, "POST", "/", body=b"x" * MAX_DRAWING_BYTES)).status == 200
        assert (await ask(limits, "POST", "/", body=b"x" * (MAX_DRAWING_BYTES + 1))).status == 413

    @pytest.mark.parametrize("place", ["/trpc/project.create", "/api/v1/project.create"])
    async def test_what_procedures_take_is_less(self, installation: Installation, place: str) -> None:
        body = b'{"name": "x"}'.ljust(MAX_BODY_BYTES + 1)
        answer = await installation.me.client.post(place, content=body, headers=JSON)
        assert answer.status_code == 413
        assert "larger than 1 MiB" in answer.text

    async def test_the_largest_drawing_is_kept_however_it_is_written(self, store: Store) -> None:
        """2,000 steps, indented: the drawing itself is within its 1,000 kB, the text of it beyond 1 MiB."""
        ada, tenant = await signed_in(store)
        workflow_id = await made(ada, tenant, name="large")
        values = {f"argument-{number}": f"=input.value_{number}" for number in range(3)}
        steps = [node(f"step-{number}", "set", name=f"Charge {number}", values=values) for number in range(_STEPS)]
        edges = [edge(source["id"], target["id"]) for source, target in pairwise(steps)]
        graph = graph_of("large", steps, edges)
        assert len(graph["nodes"]) == MAXIMUM_NODES
        given = {"workflowId": workflow_id, "revision": 1, "graph": graph}
        body = json.dumps(given, indent=8).encode()
        assert MAX_BODY_BYTES < len(body) < MAX_DRAWING_BYTES
        headers = JSON | {"authorization": f"Bearer {ada.token}"}
        for number, place in enumerate(("/trpc/workflow.saveDraft", "/api/v1/workflow.saveDraft"), start=1):
            body = json.dumps(given | {"revision": number}, indent=8).encode()
            saved = await ada.client.post(place, content=body, headers=headers)
            assert saved.status_code == 200, saved.text

    async def test_one_that_is_too_large_for_temporal_is_told_so(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        workflow_id = await made(ada, tenant, name="larger")
        graph = graph_of("larger", [node(f"step-{number}", "set", notes="n" * 9000) for number in range(200)], [])
        told = await ada.mutate("workflow.saveDraft", {"workflowId": workflow_id, "revision": 1, "graph": graph})
        assert (told.status_code, "1,000 kB" in told.text) == (400, True)


class TestAddresses:
    @pytest.mark.parametrize("place", ["/trpc/project.list", "/api/v1/project.list", "/projects/1"])
    async def test_a_long_one_is_refused(self, installation: Installation, place: str) -> None:
        answer = await installation.me.client.get(place, params={"x": "y" * 16_400})
        assert answer.status_code == 414
        assert "longer than 16 KiB" in answer.text


class TestJson:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[" * 250 + "]" * 250, "nested more than 200 levels deep"),
            ("[" + "[]," * MAX_JSON_VALUES + "1]", "more than 100,000 values"),
            ("9" * 401, "a number of more than 400 characters"),
            ("0." + "1" * 400, "a number of more than 400 characters"),
            ("9" * 1_000_000, "is not JSON: number out of range"),
            ("1e400", "a number that is too large"),
            ('{"a": [-1e309]}', "a number that is too large"),
            ("1E+999999999", "a number that is too large"),
            ("9" * 400, "a number that is too large"),
            ("NaN", "is not JSON"),
            ("[1,]", "is not JSON"),
            ("\ufeff{}", "is not JSON"),
            ("", "is not JSON"),
        ],
    )
    def test_what_is_beyond_the_limits_is_refused(self, text: str, said: str) -> None:
        with pytest.raises(TRPCError, match="The input") as caught:
            read_json(text.encode())
        assert said in caught.value.message

    @pytest.mark.parametrize(
        "text",
        [
            "[" * 200 + "]" * 200,
            json.dumps([1] * (MAX_JSON_VALUES - 1)),
            json.dumps("," * 500_000),
            json.dumps('["1e400, \\" {' * 1000),
            json.dumps("9" * 5000),
            "1e308",
            "-1.7976931348623157e308",
            "5e-324",
            "1e-400",
            str(2**64 + 1),
            "1" * 308,
        ],
    )
    def test_what_is_within_them_is_read(self, text: str) -> None:
        assert read_json(text.encode()) == json.loads(text)

    async def test_both_protocols_refuse_alike(self, installation: Installation) -> None:
        workflow_id = "00000000-0000-4000-8000-000000000000"
        body = b'{"workflowId": "%s", "input": 1e999}' % workflow_id.encode()
        headers = JSON | {"authorization": f"Bearer {installation.me.token}"}
        for place in ("/trpc/workflow.run", "/api/v1/workflow.run"):
            answer = await installation.me.client.post(place, content=body, headers=headers)
            assert answer.status_code == 400
            assert "a number that is too large" in answer.text

    async def test_a_list_of_mistakes_is_answered_shortly(self, installation: Installation) -> None:
        wrong = {"projectId": "x", "networks": [1] * 40_000}
        answer = await installation.me.mutate("service.setNetworks", wrong)
        assert answer.status_code == 400
        assert len(answer.content) < 10_000


class TestBatches:
    async def test_twenty_calls_and_no_more(self, installation: Installation) -> None:
        for count, status in ((20, 200), (21, 400), (500, 400)):
            names = ",".join(["session.me"] * count)
            answer = await get(installation.me, f"/trpc/{names}?batch=1")
            assert answer.status_code == status


class TestInputs:
    def test_pages_are_no_longer_than_200(self) -> None:
        limits = {name: schema["maximum"] for name, field, schema in _query_fields() if field == "limit"}
        assert len(limits) >= 8
        assert {name for name, maximum in limits.items() if maximum > 200} == LONGER_PAGES
        assert max(limits.values()) == 1000

    def test_every_text_and_list_has_a_bound(self) -> None:
        document = openapi(router)
        models = document["components"]["schemas"]
        unbounded: set[str] = set()
        for path, operations in document["paths"].items():
            for operation in operations.values():
                for parameter in operation.get("parameters", ()):
                    unbounded |= set(_unbounded(parameter["schema"], f"{path}?{parameter['name']}", models, set()))
                if "requestBody" in operation:
                    schema = operation["requestBody"]["content"]["application/json"]["schema"]
                    unbounded |= set(_unbounded(schema, path, models, set()))
        assert unbounded == BOUNDED_BY_THE_BODY


class TestDatabase:
    async def test_a_statement_of_somebody_who_asks_ends_after_five_seconds(self, database: Database) -> None:
        login = await asyncpg.connect(database.login_url)
        assert await login.fetchval("SHOW statement_timeout") == "5s"
        assert await login.fetchval("SHOW lock_timeout") == "2s"
        await login.close()

    async def test_one_that_was_ended_is_told_as_taking_too_long(self, store: Store) -> None:
        with pytest.raises(asyncpg.QueryCanceledError) as caught:
            async with store.door() as door:
                await door.execute("SET LOCAL statement_timeout = '1ms'")
                await door.fetchval("SELECT pg_sleep(60)")
        told = translate(caught.value)
        assert told is not None
        assert (told.code, told.message) == ("TIMEOUT", "The database took too long. Try again, or ask for less.")


async def get(caller: Caller, path: str) -> httpx.Response:
    return await caller.client.get(path, headers={"authorization": f"Bearer {caller.token}"})


def _query_fields() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for operations in openapi(router)["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                yield operation["operationId"], parameter["name"], parameter["schema"]


def _unbounded(schema: Mapping[str, Any], where: str, models: Mapping[str, Any], seen: set[str]) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            seen.add(name)
            yield from _unbounded(models[name], name, models, seen)
    for choices in ("anyOf", "oneOf", "allOf"):
        for choice in schema.get(choices, ()):
            yield from _unbounded(choice, where, models, seen)
    match schema.get("type"):
        case "string" if schema.get("format") == "password" or not _TEXT_BOUNDS & set(schema):
            if "maxLength" not in schema:
                yield where
        case "array":
            if "maxItems" not in schema:
                yield where
            yield from _unbounded(schema.get("items", {}), where + "[]", models, seen)
        case "object":
            if isinstance(more := schema.get("additionalProperties"), Mapping):
                yield from _unbounded(more, where + "{}", models, seen)
            for name, field in schema.get("properties", {}).items():
                yield from _unbounded(field, f"{where}.{name}", models, seen)


_STEPS = MAXIMUM_NODES - 2
_TEXT_BOUNDS = {"maxLength", "enum", "const", "pattern", "format"}

"""What nobody's page would send: every text and every number of every input, replaced by hostile ones."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import pytest
import pytest_asyncio
from tests.api.seeded import RECORDED, Caller, Tenant, client_for, make_tenant, open_parts
from tests.hostile.texts import TEXTS

from watchglass.api.procedures import router
from watchglass.api.trpc.router import Kind, Procedure
from watchglass.store.scope import Store

_NUMBERS: Final = ("-1", "2147483648", "9223372036854775808", "1e400", "-0", "7" * 5000)
_TEXTS: Final = (
    *(TEXTS[name] for name in ("NUL", "script 3", "database 1", "database 17", "non-characters", "1,000 line breaks")),
    "",
    "x" * 100_000,
)
_WHOLE: Final = (
    b"",
    b"null",
    b"[]",
    b"{",
    b'"x"',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"__proto__": {"a": 1}}',
    b'{"projectId": "\\ud800"}',
    b"\xff\xfe",
    b'{"a": NaN}',
)
_PLACES: Final = (
    [10**30],
    [-(10**30)],
    [2**62 + 1],
    [True],
    [1e308],
    ["\x00", "\x00"],
    ["\ud800", "x"],
    [[10**30]],
    ["x", "no-uuid"],
    ["9999-99-99", "00000000-0000-0000-0000-000000000000"],
    [10**17, "no-uuid", 1],
    [2**61, "00000000-0000-0000-0000-000000000000", 2**61],
    [2**61, "00000000-0000-0000-0000-000000000000", 2**61, True],
    ["x", 2**61, "00000000-0000-0000-0000-000000000000"],
    [None, "00000000-0000-0000-0000-000000000000", 2**61, False],
    [{}, [], None],
)
_CURSOR_KINDS: Final = ("w", "a", "v", "e", "c", "chain-", "chain+", "s-a")
"""Of the lists as they are asked for here; a cursor of another list is refused without a look at the rest."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tenant(store: Store) -> Tenant:
    return await make_tenant(store, open_parts(store), "forged", RECORDED[:2])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def caller(store: Store, tenant: Tenant) -> AsyncIterator[Caller]:
    async with client_for(store, open_parts(store)) as client:
        yield Caller(client, tenant.token)


def _properties(procedure: Procedure) -> dict[str, Any]:
    assert procedure.input is not None
    schema = procedure.input.json_schema()
    definitions = schema.get("$defs", {})
    forms = [schema, *schema.get("anyOf", [])]
    named = [definitions[form["$ref"].rsplit("/", 1)[1]] if "$ref" in form else form for form in forms]
    return next((dict(form["properties"]) for form in named if "properties" in form), {})


async def _ids(caller: Caller, tenant: Tenant) -> dict[str, str]:
    """Things that are there, by the names that inputs give them."""
    project = str(tenant.project_id)
    (workflow, *_) = (await caller.data("workflow.list", {"projectId": project}))["items"]
    history = await caller.data("execution.getExecutionHistory", {"workflowId": workflow["id"]})
    return {
        "projectId": project,
        "workflowId": workflow["id"],
        "executionId": history["items"][0]["id"],
        "connectionId": str(tenant.connection.id),
    }


def _forged(procedure: Procedure, ids: dict[str, str]) -> Iterator[bytes]:
    """Inputs with one field forged, the others as they would be."""
    fields = _properties(procedure)
    usual: dict[str, Any] = {name: ids[name] for name in fields if name in ids}
    for name in fields:
        for text in _TEXTS:
            yield json.dumps({**usual, name: text}).encode()
        others = json.dumps({key: value for key, value in usual.items() if key != name})[1:-1]
        for number in _NUMBERS:
            yield f'{{{others}{", " if others else ""}"{name}": {number}}}'.encode()
        if name == "cursor":
            for kind in _CURSOR_KINDS:
                for place in _PLACES:
                    told = base64.urlsafe_b64encode(json.dumps([kind, *place]).encode()).decode().rstrip("=")
                    yield json.dumps({**usual, name: told}).encode()
    yield from _WHOLE


QUERIES = sorted(found.name for found in router if found.kind is Kind.QUERY and found.input is not None)


@pytest.mark.parametrize("name", QUERIES)
async def test_no_input_of_a_query_is_answered_with_a_bug(caller: Caller, tenant: Tenant, name: str) -> None:
    procedure = router.find(name)
    assert procedure is not None
    ids = await _ids(caller, tenant)
    headers = {"authorization": f"Bearer {tenant.token}", "content-type": "application/json"}
    answers = 0
    for body in dict.fromkeys(_forged(procedure, ids)):
        answer = await caller.client.post(f"/trpc/{name}", content=body, headers=headers)
        assert answer.status_code < 500, (body[:300], answer.text[:500])
        assert "Internal server error" not in answer.text
        answers += 1
    assert answers > len(_WHOLE)

"""`python -m tests.api.foreign [--samples N] [--only WORD]`: how long foreign things take, and things that are nowhere.

Every place where a procedure takes an id is found in the types of its input. Asked by somebody who owns everything
else that the call names, it gets the ids of everything another project has, of whatever kind, and one of nothing. The
answers have to be the same byte for byte, or the command ends with 1; with ids of the kind that the place is for, in
turns with ones of nothing, the medians of the times are printed.
"""

import argparse
import asyncio
import copy
import secrets
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from tests.api.examples import Inputs, Things, other_inputs, project_inputs
from tests.api.seeded import RECORDED, Caller, Tenant, dependencies, make_tenant, open_parts
from tests.databases import Database, with_user
from tests.servers import make_shared_directory

from watchglass.api.app import create_app
from watchglass.api.pace import Pace
from watchglass.api.procedures import router
from watchglass.api.trpc.router import Kind, Procedure
from watchglass.auth.credential import session_cookie
from watchglass.auth.secret import hash_secret
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.logging import configure_logging
from watchglass.model.schedule import Schedule
from watchglass.store.backfills import NewBackfill, add_backfill
from watchglass.store.migrate import migrate
from watchglass.store.roles import Passwords, Roles
from watchglass.store.schedules import ListedSchedule, save_listed_schedules
from watchglass.store.scope import Store
from watchglass.store.sessions import open_session

_VARYING = {"date", "x-request-id"}
_INSTEAD = {"expression.preview executionId": "input"}
"""Fields that the examples have, and that stand there instead of the id."""
_EITHER = {"projectId": "workflowId", "workflowId": "projectId"}
"""Where both may be left out, one of them is given."""
_NIGHTLY = Schedule("nightly", "Report", "every day at 02:00 UTC", "{}", False, "", (), ())


@dataclass(frozen=True)
class Place:
    """Where a procedure takes an id."""

    procedure: Procedure
    path: tuple[str, ...]
    """Names of fields, from the input inwards."""

    @property
    def name(self) -> str:
        return f"{self.procedure.name} {'.'.join(self.path)}"

    def with_id(self, input: dict[str, Any] | None, id: str) -> dict[str, Any]:
        """The input with that id in this place."""
        changed: dict[str, Any] = copy.deepcopy(input) or {}
        changed.pop(_INSTEAD.get(self.name, ""), None)
        assert self.procedure.input is not None
        if (other := _EITHER.get(self.path[-1], "")) not in self.procedure.input.json_schema().get("required", ()):
            changed.pop(other, None)
        holder = changed
        for field in self.path[:-1]:
            holder = holder[field]
        holder[self.path[-1]] = id
        return changed


def places() -> list[Place]:
    """All there are: whatever the published schema of an input calls a uuid."""
    found = []
    for procedure in router:
        if procedure.input is not None:
            schema = procedure.input.json_schema(by_alias=True)
            paths = dict.fromkeys(_ids(schema, schema.get("$defs", {})))
            found += [Place(procedure, path) for path in paths]
    return found


def _ids(
    schema: dict[str, Any], named: dict[str, Any], path: tuple[str, ...] = (), within: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    if reference := schema.get("$ref"):
        if reference not in within:
            yield from _ids(named[reference.rpartition("/")[2]], named, path, (*within, reference))
        return
    if schema.get("format") == "uuid":
        yield path
    for way in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(way, ()):
            yield from _ids(one, named, path, within)
    for field, inner in schema.get("properties", {}).items():
        yield from _ids(inner, named, (*path, field), within)
    for many in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(many, dict) and any(_ids(many, named, path, within)):
            raise NotImplementedError(f"{'.'.join(path)} takes several ids: say here how one of them is put there")


@dataclass(frozen=True)
class Belongings:
    """Everything that one person has."""

    things: Things
    ids: dict[str, str]
    """By the name of the field that takes them."""
    caller: Caller
    """In a browser that is signed in."""

    @property
    def inputs(self) -> Inputs:
        """A valid one for every procedure."""
        others = other_inputs(
            self.things.name, person=self.ids["userId"], session=self.ids["sessionId"], token=self.ids["tokenId"]
        )
        return {**project_inputs(self.things), **others}


@dataclass(frozen=True)
class _Browser(Caller):
    def _headers(self) -> dict[str, str]:
        return {"cookie": f"{session_cookie(is_behind_tls=False)}={self.token}"}


async def belongings(store: Store, client: httpx.AsyncClient, tenant: Tenant) -> Belongings:
    """One thing of every kind, of the project's owner."""
    secret = secrets.token_urlsafe(32)
    async with store.door() as door:
        session_id = await open_session(
            door,
            secret_hash=hash_secret(secret),
            user_id=tenant.principal.user_id,
            lifetime=timedelta(hours=1),
            method="password",
            user_agent=None,
            address=None,
            replaced=None,
        )
    async with store.write() as writer:
        listed = [ListedSchedule(_NIGHTLY, b"a line")]
        await save_listed_schedules(writer, tenant.connection, listed, at=datetime(2026, 11, 1, tzinfo=UTC))
        row = await writer.fetchrow(
            "SELECT e.id AS execution, e.workflow_id AS workflow, (SELECT id FROM schedules WHERE project_id = $1) AS "
            "schedule FROM workflow_executions e WHERE project_id = $1 ORDER BY e.id LIMIT 1",
            tenant.project_id,
        )
        assert row is not None
        job = await add_backfill(writer, tenant.connection, NewBackfill())
        service = await writer.fetchval(
            "INSERT INTO services (project_id, name, kind, settings, has_secret) VALUES ($1, $2, 'http', $3, false) "
            "RETURNING id",
            tenant.project_id,
            f"shop {secrets.token_hex(4)}",
            '{"kind": "http", "baseUrl": "https://shop.example"}',
        )
    caller = _Browser(client, secret)
    tokens = (await caller.data("token.list"))["items"]
    things = Things(
        project=str(tenant.project_id),
        workflow=str(row["workflow"]),
        execution=str(row["execution"]),
        connection=str(tenant.connection.id),
        backfill=str(job),
        schedule=str(row["schedule"]),
        service=str(service),
        member=str(tenant.principal.user_id),
    )
    kinds = ("project", "workflow", "execution", "connection", "backfill", "schedule", "service")
    ids = {f"{kind}Id": str(getattr(things, kind)) for kind in kinds}
    ids |= {"userId": things.member, "sessionId": str(session_id), "tokenId": tokens[0]["id"]}
    return Belongings(things, ids, caller)


async def ask(place: Place, who: Belongings, id: str) -> httpx.Response:
    """Call the procedure with what they have, but with this id in the place."""
    procedure = place.procedure
    call = who.caller.query if procedure.kind is Kind.QUERY else who.caller.mutate
    return await call(procedure.name, place.with_id(who.inputs[procedure.name], id))


def told(answer: httpx.Response) -> tuple[object, ...]:
    """All that an answer tells, the time and the number of the request excepted."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in _VARYING)
    return answer.status_code, answer.content, tuple(headers)


async def _run(samples: int, only: str) -> int:
    server = EmbeddedPostgres(make_shared_directory())
    await server.start()
    try:
        admin = await asyncpg.connect(server.admin_url)
        await admin.execute("CREATE DATABASE asked")
        await admin.close()
        url = f"{server.admin_url.rpartition('/')[0]}/asked"
        await migrate(url, passwords=Passwords("login-pw", "sync-pw"))
        login = with_user(url, user=Roles().login, password="login-pw", database="asked")
        sync = with_user(url, user=Roles().sync, password="sync-pw", database="asked")
        store = await Database(url, login, sync, Roles()).open_store()
        try:
            return await _ask(store, samples, only)
        finally:
            await store.close()
    finally:
        await server.stop()


async def _ask(store: Store, samples: int, only: str) -> int:
    parts = open_parts(store)
    # Nobody's pace is bounded, so that every sample is an answer of the procedure.
    app = create_app(replace(dependencies(parts), pace=Pace(per_minute={})))
    different, apart = [], []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        ours = await belongings(store, client, await make_tenant(store, parts, "ours", RECORDED[::8]))
        theirs = await belongings(store, client, await make_tenant(store, parts, "theirs", RECORDED[1:2]))
        for place in places():
            if only not in place.name:
                continue
            nowhere = str(uuid4())
            answers = {told(await ask(place, theirs, id)) for id in (*ours.ids.values(), nowhere)}
            foreign, unknown = await _medians(place, theirs, (ours.ids[place.path[-1]], nowhere), samples)
            difference = abs(foreign - unknown) / max(foreign, unknown)
            print(
                f"{place.name:52} {min(answers)[0]}  foreign {foreign:7.2f} ms  unknown {unknown:7.2f} ms  "
                f"{difference:5.1%} apart{'' if len(answers) == 1 else '  DIFFERENT ANSWERS'}",
                flush=True,
            )
            apart.append(difference)
            if len(answers) > 1:
                different.append(place.name)
    print(
        f"{len(apart)} places of {len(list(router))} procedures, {len(ours.ids)} kinds of foreign ids in each, "
        f"{samples} samples of the right kind and of ids of nothing: {len(different)} answer differently; medians "
        f"{statistics.median(apart):.1%} apart at the median, {max(apart):.1%} at most, "
        f"{sum(difference < 0.2 for difference in apart)} less than 20 %"
    )
    return 1 if different else 0


async def _medians(place: Place, who: Belongings, ids: tuple[str, str], samples: int) -> list[float]:
    times: list[list[float]] = [[], []]
    for turn in range(samples):
        # In turns, and which goes first in turns too.
        for which in (0, 1) if turn % 2 else (1, 0):
            began = time.perf_counter()
            await ask(place, who, ids[which])
            times[which].append((time.perf_counter() - began) * 1000)
    return [statistics.median(each) for each in times]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.api.foreign", description=__doc__)
    parser.add_argument("--samples", type=int, default=300, help="of each kind and place")
    parser.add_argument("--only", default="", help="places whose name has this word")
    given = parser.parse_args()
    configure_logging(json_lines=False, level="critical")
    return asyncio.run(_run(given.samples, given.only))


if __name__ == "__main__":
    sys.exit(main())

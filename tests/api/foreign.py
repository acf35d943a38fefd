"""`python -m tests.api.foreign [--samples N] [--only WORD]`: how long foreign things take, and things that are nowhere.

Every procedure about a project, asked by the owner of another one, about ids of that project and about ids of nothing,
in turns. The answers have to be the same byte for byte, or the command ends with 1; their medians are printed.
"""

import argparse
import asyncio
import statistics
import sys
import time
from uuid import uuid4

import asyncpg
import httpx
from tests.api.examples import IN_PROJECT, Inputs, Things, project_inputs
from tests.api.seeded import RECORDED, Caller, client_for, make_tenant, open_parts
from tests.databases import Database, with_user
from tests.servers import make_shared_directory

from watchglass.api.procedures import router
from watchglass.api.trpc.router import Kind, Procedure
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.logging import configure_logging
from watchglass.store.backfills import NewBackfill, add_backfill
from watchglass.store.migrate import migrate
from watchglass.store.roles import Passwords, Roles
from watchglass.store.scope import Store

_VARYING = {"date", "x-request-id", "retry-after"}


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
    ours = await make_tenant(store, parts, "ours", RECORDED[::8])
    theirs = await make_tenant(store, parts, "theirs", RECORDED[1:2])
    async with store.write() as writer:
        job = await add_backfill(writer, ours.connection, NewBackfill())
        run = await writer.fetchrow(
            "SELECT id, workflow_id FROM workflow_executions WHERE project_id = $1 LIMIT 1", ours.project_id
        )
    assert run is not None
    foreign = Things(
        project=str(ours.project_id),
        workflow=str(run["workflow_id"]),
        execution=str(run["id"]),
        connection=str(ours.connection.id),
        backfill=str(job),
        schedule=str(uuid4()),
        service=str(uuid4()),
        member=str(ours.principal.user_id),
    )
    unknown = Things(*[str(uuid4()) for _ in range(8)])
    inputs = project_inputs(foreign), project_inputs(unknown)
    different, apart = [], []
    async with client_for(store, parts) as client:
        caller = Caller(client, theirs.token)
        for procedure in router:
            if procedure.permission not in IN_PROJECT or only not in procedure.name:
                continue
            medians, is_same, status = await _medians(caller, procedure, inputs, samples)
            difference = abs(medians[0] - medians[1]) / max(medians)
            print(
                f"{procedure.name:42} {status}  foreign {medians[0]:7.2f} ms  unknown {medians[1]:7.2f} ms  "
                f"{difference:5.1%} apart{'' if is_same else '  DIFFERENT ANSWERS'}",
                flush=True,
            )
            apart.append(difference)
            if not is_same:
                different.append(procedure.name)
    print(
        f"{len(apart)} procedures, {samples} samples of each kind: {len(different)} answer differently; medians "
        f"{statistics.median(apart):.1%} apart at the median, {max(apart):.1%} at most, "
        f"{sum(difference < 0.2 for difference in apart)} less than 20 %"
    )
    return 1 if different else 0


async def _medians(
    caller: Caller, procedure: Procedure, inputs: tuple[Inputs, Inputs], samples: int
) -> tuple[list[float], bool, int]:
    ask = caller.query if procedure.kind is Kind.QUERY else caller.mutate
    times: list[list[float]] = [[], []]
    answers: set[tuple[object, ...]] = set()
    status = 0
    for turn in range(samples):
        # In turns, and which goes first in turns too.
        for which in (0, 1) if turn % 2 else (1, 0):
            began = time.perf_counter()
            answer = await ask(procedure.name, inputs[which][procedure.name])
            times[which].append((time.perf_counter() - began) * 1000)
            if answer.status_code != 429:
                answers.add(_bytes(answer))
            status = answer.status_code
    return [statistics.median(each) for each in times], len(answers) <= 1, status


def _bytes(answer: httpx.Response) -> tuple[object, ...]:
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in _VARYING)
    return answer.status_code, answer.content, tuple(headers)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.api.foreign", description=__doc__)
    parser.add_argument("--samples", type=int, default=300, help="of each kind and procedure")
    parser.add_argument("--only", default="", help="procedures whose name has this word")
    given = parser.parse_args()
    configure_logging(json_lines=False, level="critical")
    return asyncio.run(_run(given.samples, given.only))


if __name__ == "__main__":
    sys.exit(main())

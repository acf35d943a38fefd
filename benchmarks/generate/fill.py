"""Fill a database: projects with their people, a share of the runs as syncs store them, the others copied from those.

recorded pages ──parse, save_runs──▶ 2 % of the runs ──INSERT … SELECT──▶ the rest ──rebuild──▶ roll-ups
"""

import asyncio
import json
import random
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from tests.api.seeded import Tenant, make_tenant, open_parts

from benchmarks.generate.bulk import copy_runs
from benchmarks.generate.histories import Recorded, list_runs, read_page
from benchmarks.generate.shape import CROWDING, DAYS, THROUGH_STORE, Part, parts
from benchmarks.place import Installation
from watchglass.auth.tokens import create_token
from watchglass.model.described import Described
from watchglass.statistics.rebuild import projects_without_rollups, rebuild
from watchglass.store.scope import Store
from watchglass.sync.parts import Parts
from watchglass.sync.save import save_runs

_TOGETHER = 40
"""Runs of one transaction, as a sync takes them."""
_SYNCS = 4
"""That store at the same time."""
_AT_ONCE = 2
"""Projects that are rolled up at the same time."""
LIFETIME = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made, and how long it took."""

    projects: list[UUID]
    """The largest first."""
    executions: int
    components: int
    through_store: int
    store_seconds: float
    bulk_seconds: float
    rebuild_seconds: float

    def write(self, path: Path) -> None:
        values = {name: getattr(self, name) for name in self.__slots__}
        path.write_text(json.dumps(values | {"projects": [str(id) for id in self.projects]}))

    @classmethod
    def read(cls, path: Path) -> "Filled":
        values = json.loads(path.read_text())
        return cls(**(values | {"projects": [UUID(id) for id in values["projects"]]}))


async def fill(installation: Installation, scale: float) -> Filled:
    """The rows; `roll_up_all` makes their roll-ups."""
    wanted = list(parts(scale))
    async with installation.open_store() as store:
        work = open_parts(store)
        count = 1 + max(part.project for part in wanted)
        tenants = [await make_tenant(store, work, f"tenant-{number}", []) for number in range(count)]
        began = time.monotonic()
        through_store = await _through_store(work, tenants, wanted)
        stored = time.monotonic()
        await copy_runs(installation.admin_url, [tenant.project_id for tenant in tenants], wanted)
        copied = time.monotonic()
    admin = await asyncpg.connect(installation.admin_url)
    try:
        await admin.execute("ANALYZE")
        executions = await admin.fetchval("SELECT count(*) FROM workflow_executions")
        components = await admin.fetchval("SELECT count(*) FROM component_executions")
    finally:
        await admin.close()
    return Filled(
        [tenant.project_id for tenant in tenants],
        executions,
        components,
        through_store,
        stored - began,
        copied - stored,
        0.0,
    )


async def roll_up_all(installation: Installation, filled: Filled) -> Filled:
    """Make the roll-ups that are missing, also those that a migration has dropped since.

    Ends with a VACUUM ANALYZE, as a database has that was not filled a moment ago.
    """
    async with installation.open_store() as store:
        async with store.write() as reader:
            missing = set(await projects_without_rollups(reader))
        left = iter([project for project in filled.projects if project in missing])
        if not missing.intersection(filled.projects):
            return filled
        began = time.monotonic()

        async def work() -> None:
            for project in left:
                await rebuild(store, project)

        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
        took = time.monotonic() - began
    admin = await asyncpg.connect(installation.admin_url)
    try:
        await admin.execute("VACUUM ANALYZE")
    finally:
        await admin.close()
    return replace(filled, rebuild_seconds=took)


async def _through_store(work: Parts, tenants: list[Tenant], wanted: list[Part]) -> int:
    """Of every workflow at least one run, which the others are copied from."""
    recorded = Recorded.make()
    chance = random.Random(1)
    batches: list[tuple[Tenant, list[Described]]] = []
    for number, tenant in enumerate(tenants):
        described = [
            recorded.listed(f"Workflow {part.workflow}", _moment(chance))
            for part in wanted
            if part.project == number
            for _ in range(max(round(part.executions * THROUGH_STORE), 1))
        ]
        chance.shuffle(described)
        batches += [(tenant, described[first : first + _TOGETHER]) for first in range(0, len(described), _TOGETHER)]
    left = iter(batches)

    async def sync() -> None:
        for tenant, batch in left:
            listed = await list_runs(work, tenant.connection, batch)
            await save_runs(work.store, [read_page(recorded, one) for one in listed])

    await asyncio.gather(*(sync() for _ in range(_SYNCS)))
    return sum(len(batch) for _, batch in batches)


def _moment(chance: random.Random) -> datetime:
    age: float = chance.random() ** CROWDING
    return datetime.now(UTC) - timedelta(days=DAYS) * age - timedelta(minutes=1)


async def sign_in(store: Store, number: int) -> str:
    """A token of the owner of a project, the largest being number 0."""
    token: str = await create_token(store, user=f"tenant-{number}-owner", name="benchmark", lifetime=LIFETIME)
    return token

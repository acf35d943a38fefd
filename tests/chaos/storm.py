"""One storm: processes under load, faults at random by a seed, quiet, and the comparison."""

import asyncio
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.client import Client
from temporalio.service import RPCError
from tests.acceptance.eventually import eventually
from tests.acceptance.wire import Wire
from tests.chaos.answers import Answers
from tests.chaos.compared import Compared
from tests.chaos.explain import explain
from tests.chaos.load import Load
from tests.chaos.network import FAULTS, LASTING, spoil, through, wires
from tests.chaos.parts import Target, process, servers
from tests.chaos.people import People
from tests.chaos.report import Report
from tests.chaos.truth import check_rows, compare, copies_after
from tests.chaos.visitor import Visitor
from tests.chaos.waits import LATE_SECONDS, Waits
from tests.databases import Database, make_project, with_user
from tests.servers import make_shared_directory

from watchglass.auth.tokens import create_token
from watchglass.embedded.kept import KeptProcess
from watchglass.embedded.ports import free_port
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.connections import ensure_connection
from watchglass.store.migrate import migrate
from watchglass.store.outage import is_outage
from watchglass.store.roles import Passwords, Roles
from watchglass.store.scope import Store
from watchglass.sync.worker import CONTROL_NAMESPACE

KILL_EVERY = 1.6
"""Seconds between two kills, give or take a half."""
TROUBLE_EVERY = 3.0
"""So for freezes and faults of the network, which come at the same time."""
NETWORK = 0.6
"""Of all trouble; the rest freezes a process."""
TROUBLE_SECONDS = (0.5, 3.0)
QUIET_SECONDS = 180.0
"""What is not right by then is wrong."""
APIS = 2
PEOPLE = 4
"""Who start and answer built runs at the same time."""


async def storm(*, seed: int, seconds: float, logs: Path | None = None) -> Report:
    """Blow for `seconds`, and compare. `logs`: where to keep what processes said if something was wrong, or late."""
    directory = make_shared_directory()
    try:
        async with _scene(directory) as scene:
            report = await scene.blow(random.Random(seed), Report(seed, seconds))
        if logs is not None and (report.late or not report.is_right):
            logs.mkdir(parents=True, exist_ok=True)
            for file in directory.rglob("*.log"):
                shutil.copy(file, logs / f"{seed}-{file.parent.name}-{file.name}")
        return report
    finally:
        shutil.rmtree(directory)


@asynccontextmanager
async def _scene(directory: Path) -> AsyncIterator["_Scene"]:
    async with AsyncExitStack() as stack:
        observed, control, postgres = await stack.enter_async_context(servers(directory))
        database = await _database(postgres)
        store = await database.open_store(size=3)
        stack.push_async_callback(store.close)
        wired = await stack.enter_async_context(
            wires(
                **{
                    "observed Temporal": observed.address,
                    "control Temporal": control.address,
                    "PostgreSQL": f"127.0.0.1:{postgres.port}",
                }
            )
        )
        project_id, _ = await make_project(store, "Chaos", owner="ada")
        async with store.write() as writer:
            await ensure_connection(
                writer,
                project_id=project_id,
                address=wired["observed Temporal"].address,
                namespace="default",
                is_embedded=True,
                http_address=observed.http_address,
            )
        token = await create_token(store, user="ada", name="chaos", lifetime=timedelta(days=1))
        urls = [f"http://127.0.0.1:{free_port()}" for _ in range(APIS)]
        targets = [
            Target("observed Temporal", lambda: observed.pid),
            Target("control Temporal", lambda: control.pid),
            Target("PostgreSQL", lambda: postgres.pid, has_group=True),
        ]
        settings = {
            "WATCHGLASS_DATABASE_URL": through(database.login_url, wired["PostgreSQL"]),
            "WATCHGLASS_SYNC_DATABASE_URL": through(database.sync_url, wired["PostgreSQL"]),
            "WATCHGLASS_ROLE_SUFFIX": database.roles.suffix,
            "WATCHGLASS_CONTROL_TEMPORAL_ADDRESS": wired["control Temporal"].address,
            "WATCHGLASS_DATA_DIR": str(directory),
        }
        of_project = {"WATCHGLASS_URL": urls[0], "WATCHGLASS_TOKEN": token, "WATCHGLASS_DATA_DIR": str(directory)}
        copying = []
        for name, arguments in _commands(urls, observed.address).items():
            given = of_project if name == "project worker" else settings
            kept = process(name, arguments, log=directory / f"{name}.log", settings=given)
            await kept.start()
            copying.append(kept)
            stack.push_async_callback(kept.stop)
            targets.append(Target(name, lambda kept=kept: kept.pid if kept.is_running() else None))
        yield _Scene(
            directory,
            store,
            await Client.connect(observed.address),
            await Client.connect(control.address, namespace=CONTROL_NAMESPACE),
            targets,
            wired,
            urls,
            token,
            str(project_id),
            (observed, control, postgres),
            copying,
        )


def _commands(urls: Sequence[str], observed: str) -> Mapping[str, list[str]]:
    worker = ["-m", "watchglass", "worker", "--json-log"]
    ports = [url.rpartition(":")[2] for url in urls]
    return {
        **{f"api {n}": ["-m", "watchglass", "api", "--json-log", "--port", port] for n, port in enumerate(ports, 1)},
        "worker 1": worker,
        "worker 2": worker,
        "project worker": [*worker, "--app", "tests.chaos.app"],
        "observed worker": ["-m", "tests.chaos.observed", observed, "chaos"],
    }


async def _database(postgres: EmbeddedPostgres) -> Database:
    roles = Roles(suffix="_chaos")
    await migrate(postgres.admin_url, passwords=Passwords("login-pw", "sync-pw"), roles=roles)
    return Database(
        admin_url=postgres.admin_url,
        login_url=with_user(postgres.admin_url, user=roles.login, password="login-pw", database="watchglass"),
        sync_url=with_user(postgres.admin_url, user=roles.sync, password="sync-pw", database="watchglass"),
        roles=roles,
    )


@dataclass
class _Blown:
    """What has been done to them so far."""

    kills: int = 0
    freezes: int = 0
    by_target: Counter[str] = field(default_factory=Counter)
    network: Counter[str] = field(default_factory=Counter)


@dataclass
class _Scene:
    directory: Path
    store: Store
    client: Client
    control: Client
    targets: Sequence[Target]
    wires: Mapping[str, Wire]
    """Between Watchglass and each server."""
    urls: Sequence[str]
    token: str
    project_id: str
    kept: tuple[EmbeddedTemporal, EmbeddedTemporal, EmbeddedPostgres]
    copying: Sequence[KeptProcess]

    async def blow(self, dice: random.Random, report: Report) -> Report:
        answers = Answers()
        load = Load(self.client, "chaos", random.Random(dice.random()))
        people = People(self.urls, self.token, self.project_id, random.Random(dice.random()), answers)
        visitors = [
            Visitor(self.urls, self.token, self.project_id, random.Random(dice.random()), answers) for _ in range(2)
        ]
        assert await eventually(self._has_begun(load)), self._logs()
        await people.build()
        answers.counts.clear()
        tasks = [asyncio.create_task(each.go_on()) for each in (load, *[people] * PEOPLE, *visitors)]
        blown = _Blown()
        last_fault = await self._all_faults(dice, report.seconds, blown)
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError):
                raise RuntimeError("the load ended before the storm") from ended
        waits = Waits(self.store, self.control, self.targets, last_fault)
        looking = asyncio.create_task(waits.look_on())
        try:
            await self._until_healthy()
            await load.finish()
            compared = await self._until_right(load, people)
        finally:
            looking.cancel()
            await asyncio.wait([looking])
        if not compared.is_right:
            report.explanation = await explain(self.store, self.control)
        report.quiet_seconds = (datetime.now(UTC) - last_fault).total_seconds()
        copies = await copies_after(self.store, self.client, last_fault=last_fault)
        report.converged_seconds = max((copy.seconds for copy in copies), default=0.0)
        report.converged_runs = len(copies)
        report.late = waits.told([copy for copy in copies if copy.seconds > LATE_SECONDS])
        await self._stop_parts()
        await check_rows(self.store, compared)
        report.compared = compared
        report.kills, report.freezes = blown.kills, blown.freezes
        report.by_target, report.network = dict(blown.by_target), dict(blown.network)
        report.runs_acknowledged, report.signals_acknowledged = len(load.runs), len(load.signals)
        report.built_acknowledged = len(people.started)
        report.approvals_acknowledged, report.cancels_acknowledged = len(people.approved), len(people.cancelled)
        report.calls_refused, report.answers = load.refused, dict(answers.counts)
        report.wrong_answers = answers.wrong
        report.pages = sum(visitor.pages for visitor in visitors)
        return report

    def _has_begun(self, load: Load) -> Any:
        async def has_begun() -> bool:
            with suppress(RPCError):
                await load.first()
            async with self.store.write() as reader:
                return bool(await reader.fetchval("SELECT count(*) FROM workflow_executions WHERE is_final"))

        return has_begun

    async def _all_faults(self, dice: random.Random, seconds: float, blown: _Blown) -> datetime:
        """Kills, and other trouble beside them, until the time is over; returns when the last one ended."""
        end = time.monotonic() + seconds
        # Each has dice of its own, so that a seed gives the same choices however long each of them took.
        killing, troubling = random.Random(dice.random()), random.Random(dice.random())
        await asyncio.gather(self._kill_until(end, killing, blown), self._trouble_until(end, troubling, blown))
        for wire in self.wires.values():
            wire.mend()
        return datetime.now(UTC)

    async def _kill_until(self, end: float, dice: random.Random, blown: _Blown) -> None:
        while time.monotonic() < end:
            target = dice.choice(self.targets)
            if target.send(signal.SIGKILL) is not None:
                blown.kills += 1
                blown.by_target[target.name] += 1
                await asyncio.sleep(KILL_EVERY * dice.uniform(0.5, 1.5))
            else:
                await asyncio.sleep(0.05)

    async def _trouble_until(self, end: float, dice: random.Random, blown: _Blown) -> None:
        while time.monotonic() < end:
            await asyncio.sleep(TROUBLE_EVERY * dice.uniform(0.2, 1.0))
            lasting = dice.uniform(*TROUBLE_SECONDS)
            if dice.random() < NETWORK:
                await self._spoil(dice, lasting, blown)
            else:
                await self._freeze(dice.choice(self.targets), lasting, blown)

    async def _spoil(self, dice: random.Random, lasting: float, blown: _Blown) -> None:
        fault, wire = dice.choice(FAULTS), self.wires[dice.choice(sorted(self.wires))]
        spoil(wire, fault, dice)
        blown.network[fault] += 1
        await asyncio.sleep(lasting if fault in LASTING else min(lasting, 1.0))
        wire.mend()

    async def _freeze(self, target: Target, lasting: float, blown: _Blown) -> None:
        if target.send(signal.SIGSTOP) is None:
            return
        blown.freezes += 1
        blown.by_target[target.name] += 1
        try:
            await asyncio.sleep(lasting)
        finally:
            target.send(signal.SIGCONT)

    async def _until_healthy(self) -> None:
        async def are_healthy() -> bool:
            return all([await server.is_healthy() for server in self.kept])

        assert await eventually(are_healthy), self._logs()

    async def _until_right(self, load: Load, people: People) -> Compared:
        """Compare until all is equal, and no run of the observed worker has anything left to do."""
        settled: dict[str, list[bytes]] = {}
        end = time.monotonic() + QUIET_SECONDS
        while True:
            try:
                compared = await compare(self.store, self.client, load, people, settled=settled)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, RPCError) as error:
                if not isinstance(error, RPCError) and not is_outage(error):
                    raise
                compared = Compared(wrong=[f"not comparable: {error}"])
            if compared.is_right or time.monotonic() > end:
                return compared
            await asyncio.sleep(0.25)

    async def _stop_parts(self) -> None:
        """End what copies, so that the rows stand still while they are compared with a fresh parse."""
        await asyncio.gather(*(part.stop() for part in self.copying))

    def _logs(self) -> str:
        return "\n".join(file.read_text()[-2000:] for file in self.directory.glob("*.log"))

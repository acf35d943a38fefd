"""One storm: processes under load, faults at random by a seed, quiet, and the comparison."""

import asyncio
import json
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.client import Client
from temporalio.service import RPCError
from tests.acceptance.eventually import eventually
from tests.chaos.load import Load, Visitor
from tests.chaos.parts import Target, process, servers
from tests.chaos.truth import Compared, check_rows, compare, convergence
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

FAULT_EVERY = 1.6
KILLS = 0.7
"""Of all faults; the others freeze a process for a while."""
FROZEN_SECONDS = (0.5, 3.0)
QUIET_SECONDS = 180.0
"""What is not right by then is wrong."""


@dataclass
class Report:
    """What happened in one storm, and what was left of it."""

    seed: int
    seconds: float
    faults: int = 0
    kills: int = 0
    freezes: int = 0
    by_target: dict[str, int] = field(default_factory=dict)
    runs_acknowledged: int = 0
    signals_acknowledged: int = 0
    calls_refused: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    """Of the API, by status; `none`: it was away."""
    runs: int = 0
    events: int = 0
    units: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    api_defects: list[str] = field(default_factory=list)
    converged_seconds: float | None = None
    """The longest that a run, which had ended when the last fault was over or ended later, waited for its copy."""
    converged_runs: int = 0
    """Runs whose copies were made after the last fault."""
    quiet_seconds: float | None = None
    """From the last fault until everything stored was as in Temporal, whose own runs had to go on first."""

    @property
    def is_right(self) -> bool:
        return not (self.lost or self.doubled or self.wrong or self.stuck or self.api_defects)

    def lines(self) -> list[str]:
        """The report for a person."""
        targets = ", ".join(f"{name} {count}" for name, count in sorted(self.by_target.items()))
        said = [
            f"seed {self.seed}: {self.faults} faults in {self.seconds:.0f} s ({self.kills} kills, {self.freezes} "
            f"freezes: {targets})",
            f"  load: {self.runs_acknowledged} starts and {self.signals_acknowledged} signals acknowledged, "
            f"{self.calls_refused} refused; API answers {self.answers}",
            f"  stored: {self.runs} runs, {self.events} events, {self.units} units; lost {len(self.lost)}, doubled "
            f"{len(self.doubled)}, wrong {len(self.wrong)}, stuck {len(self.stuck)}, API defects "
            f"{len(self.api_defects)}",
        ]
        if self.converged_seconds is not None:
            said.append(
                f"  the slowest of {self.converged_runs} copies after the last fault took {self.converged_seconds:.1f} "
                f"s; all equal {self.quiet_seconds:.1f} s after it"
            )
        for name in ("lost", "doubled", "wrong", "stuck", "api_defects"):
            said += [f"  {name}: {what}" for what in getattr(self, name)[:10]]
        return said

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)


async def storm(*, seed: int, seconds: float) -> Report:
    """Blow for `seconds`, and compare."""
    directory = make_shared_directory()
    try:
        async with _scene(directory) as scene:
            return await scene.blow(random.Random(seed), Report(seed, seconds))
    finally:
        shutil.rmtree(directory)


@asynccontextmanager
async def _scene(directory: Path) -> AsyncIterator["_Scene"]:
    async with AsyncExitStack() as stack:
        observed, control, postgres = await stack.enter_async_context(servers(directory))
        roles = Roles(suffix="_chaos")
        await migrate(postgres.admin_url, passwords=Passwords("login-pw", "sync-pw"), roles=roles)
        database = Database(
            admin_url=postgres.admin_url,
            login_url=with_user(postgres.admin_url, user=roles.login, password="login-pw", database="watchglass"),
            sync_url=with_user(postgres.admin_url, user=roles.sync, password="sync-pw", database="watchglass"),
            roles=roles,
        )
        store = await database.open_store(size=3)
        stack.push_async_callback(store.close)
        project_id, _ = await make_project(store, "Chaos", owner="ada")
        async with store.write() as writer:
            await ensure_connection(
                writer,
                project_id=project_id,
                address=observed.address,
                namespace="default",
                is_embedded=True,
                http_address=observed.http_address,
            )
        token = await create_token(store, user="ada", name="chaos", lifetime=timedelta(days=1))
        port = free_port()
        settings = {
            "WATCHGLASS_DATABASE_URL": database.login_url,
            "WATCHGLASS_SYNC_DATABASE_URL": database.sync_url,
            "WATCHGLASS_ROLE_SUFFIX": roles.suffix,
            "WATCHGLASS_CONTROL_TEMPORAL_ADDRESS": control.address,
            "WATCHGLASS_DATA_DIR": str(directory),
        }
        commands = {
            "worker 1": ["-m", "watchglass", "worker", "--json-log"],
            "worker 2": ["-m", "watchglass", "worker", "--json-log"],
            "api": ["-m", "watchglass", "api", "--json-log", "--port", str(port)],
            "observed worker": ["-m", "tests.chaos.observed", observed.address, "chaos"],
        }
        targets = [
            Target("observed Temporal", lambda: observed.pid),
            Target("control Temporal", lambda: control.pid),
            Target("PostgreSQL", lambda: postgres.pid, has_group=True),
        ]
        copying = []
        for name, command in commands.items():
            kept = process(name, command, log=directory / f"{name}.log", settings=settings)
            await kept.start()
            copying.append(kept)
            stack.push_async_callback(kept.stop)
            targets.append(Target(name, lambda kept=kept: kept.pid if kept.is_running() else None))
        client = await Client.connect(observed.address)
        yield _Scene(
            directory, store, client, targets, f"http://127.0.0.1:{port}", token, (observed, control, postgres), copying
        )


@dataclass
class _Scene:
    directory: Path
    store: Store
    client: Client
    targets: Sequence[Target]
    url: str
    token: str
    kept: tuple[EmbeddedTemporal, EmbeddedTemporal, EmbeddedPostgres]
    copying: Sequence[KeptProcess]

    async def blow(self, dice: random.Random, report: Report) -> Report:
        load = Load(self.client, "chaos", random.Random(dice.random()))
        visitor = Visitor(self.store, self.url, self.token, random.Random(dice.random()))
        assert await eventually(self._has_begun(load)), self._logs()
        tasks = [asyncio.create_task(load.go_on()), asyncio.create_task(visitor.go_on())]
        faults: Counter[str] = Counter()
        end = time.monotonic() + report.seconds
        while time.monotonic() < end:
            began = time.monotonic()
            await self._fault(dice, report, faults)
            await asyncio.sleep(max(FAULT_EVERY * dice.uniform(0.5, 1.5) - (time.monotonic() - began), 0.1))
        last_fault = datetime.now(UTC)
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError):
                raise RuntimeError("the load ended before the storm") from ended
        await self._until_healthy()
        await load.finish()
        compared = await self._until_right(load)
        report.quiet_seconds = (datetime.now(UTC) - last_fault).total_seconds()
        report.converged_seconds, report.converged_runs = await convergence(
            self.store, self.client, last_fault=last_fault
        )
        await self._stop_parts()
        await check_rows(self.store, compared)
        report.by_target = dict(faults)
        report.runs_acknowledged, report.signals_acknowledged = len(load.runs), len(load.signals)
        report.calls_refused, report.answers, report.api_defects = load.refused, visitor.answers, visitor.defects
        report.runs, report.events, report.units = compared.runs, compared.events, compared.units
        report.lost, report.doubled = compared.lost, compared.doubled
        report.wrong, report.stuck = compared.wrong, compared.stuck
        return report

    def _has_begun(self, load: Load) -> Any:
        async def has_begun() -> bool:
            with suppress(RPCError):
                await load.first()
            async with self.store.write() as reader:
                return bool(await reader.fetchval("SELECT count(*) FROM workflow_executions WHERE is_final"))

        return has_begun

    async def _fault(self, dice: random.Random, report: Report, faults: Counter[str]) -> None:
        target = dice.choice([target for target in self.targets if target.pid() is not None])
        is_kill = dice.random() < KILLS
        frozen = dice.uniform(*FROZEN_SECONDS)
        if target.send(signal.SIGKILL if is_kill else signal.SIGSTOP) is None:
            return
        report.faults += 1
        faults[target.name] += 1
        if is_kill:
            report.kills += 1
            return
        report.freezes += 1
        try:
            await asyncio.sleep(frozen)
        finally:
            target.send(signal.SIGCONT)

    async def _until_healthy(self) -> None:
        async def are_healthy() -> bool:
            return all([await server.is_healthy() for server in self.kept])

        assert await eventually(are_healthy), self._logs()

    async def _until_right(self, load: Load) -> Compared:
        """Compare until all is equal, and no run of the observed worker has anything left to do."""
        settled: dict[str, list[bytes]] = {}
        end = time.monotonic() + QUIET_SECONDS
        while True:
            try:
                compared = await compare(self.store, self.client, load, settled=settled)
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

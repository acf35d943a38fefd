"""One storm: processes that sync and correct and are killed, a PostgreSQL that is taken away, and what is left of it.

    this process ─┬─ a Temporal that tells recorded runs (`served.py`), over gRPC
                  ├─ kills, ends connections, restarts PostgreSQL
                  └─ compares (`recounted.py`)
    8 processes ──── do what the product does (`work.py`), each five things at a time, until they are killed

What happens is told by how many syncs there were, not by a clock: a slow machine has the same storm.
"""

import asyncio
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from uuid import UUID

import asyncpg
from tests.acceptance.running import clean_environment
from tests.databases import Database, make_project
from tests.statistics.storm.journal import Heard
from tests.statistics.storm.left import compare_copies, compare_fresh_parse, fold_all
from tests.statistics.storm.recorded import recordings
from tests.statistics.storm.recounted import Compared, compare_figures, rolled_up_early
from tests.statistics.storm.report import Report
from tests.statistics.storm.served import RecordedTemporal
from tests.statistics.storm.work import Given, settle, work

from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.statistics.rebuild import rebuild
from watchglass.store.connections import ensure_connection
from watchglass.store.outage import is_outage
from watchglass.store.scope import Store

_LOOK_SECONDS = 0.02
_AWAY_SECONDS = 0.5
_FEW = 40
"""Pages read roll-ups of windows with more runs or steps than this."""


@dataclass(frozen=True)
class Plan:
    seed: int
    syncs: int
    processes: int = 8
    kills: int | None = None
    """None: one every 60 syncs."""
    ended: int | None = None
    """Times that connections are ended; None: one every 130 syncs."""
    restarts: int | None = None
    """None: one every 3,000 syncs."""
    failovers: int | None = None
    """None: one every 2,000 syncs."""
    comparisons: int = 6
    """While it goes on; there are more when it is over."""
    windows: int = 6
    """Compared in each of them, besides all of time."""
    projects: int = 2
    most_seconds: float | None = None
    """It ends then, also with fewer syncs."""
    split_runs: int = 60
    """A bucket of so many runs is kept finer."""
    most_recordings: int | None = None

    def moments(self, often: int | None, every: int, dice: random.Random) -> list[int]:
        """After how many syncs something happens, the last first."""
        return sorted(dice.randrange(self.syncs) for _ in range(self.syncs // every if often is None else often))[::-1]


class Processes:
    """Those that work; whoever is killed is followed by another."""

    def __init__(self, context: ForkServerContext, given: Callable[[], Given]) -> None:
        self._context = context
        self._given = given
        self._running: list[ForkServerProcess] = []

    def start(self, count: int) -> None:
        for _ in range(count):
            process = self._context.Process(target=work, args=(self._given(),), daemon=True)
            process.start()
            self._running.append(process)

    async def kill(self, dice: random.Random) -> None:
        await self._end(dice.choice(self._running))
        # Whoever starts processes is held up by a busy machine, and this one has questions to answer.
        await asyncio.to_thread(self.start, 1)

    async def kill_all(self) -> None:
        while self._running:
            await self._end(self._running[-1])

    async def _end(self, process: ForkServerProcess) -> None:
        process.kill()
        await asyncio.to_thread(process.join)
        self._running.remove(process)

    def dead(self) -> list[int | None]:
        """Exit codes of those that ended by themselves, which nobody should."""
        ended = [process for process in self._running if not process.is_alive()]
        self._running = [process for process in self._running if process not in ended]
        self.start(len(ended))
        return [process.exitcode for process in ended]


async def storm(
    plan: Plan, database: Database, server: EmbeddedPostgres, *, show: Callable[[str], None] = lambda _: None
) -> Report:
    report = Report(plan.seed)
    store = await database.open_store()
    try:
        with _directory() as directory, rolled_up_early(_FEW):
            recorded = recordings(random.Random(f"{plan.seed} recordings"), most=plan.most_recordings)
            async with RecordedTemporal(recorded, random.Random(f"{plan.seed} runs")) as temporal:
                projects = [await _make_project(store, temporal, number) for number in range(plan.projects)]
                await _Storm(plan, database, server, store, temporal, projects, directory, report, show).go_on()
    finally:
        await store.close()
    return report


@contextmanager
def _directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="watchglass-storm-") as directory:
        yield Path(directory)


async def _make_project(store: Store, temporal: RecordedTemporal, number: int) -> UUID:
    project_id, _ = await make_project(store, f"Storm {number}", owner=f"storm-{number}-{time.monotonic_ns()}")
    async with store.write() as writer:
        await ensure_connection(
            writer, project_id=project_id, address=temporal.address, namespace=f"recorded-{number}", is_embedded=True
        )
    return project_id


class _Storm:
    def __init__(
        self,
        plan: Plan,
        database: Database,
        server: EmbeddedPostgres,
        store: Store,
        temporal: RecordedTemporal,
        projects: list[UUID],
        directory: Path,
        report: Report,
        show: Callable[[str], None],
    ) -> None:
        self._plan, self._database, self._server, self._store = plan, database, server, store
        self._temporal, self._projects, self._report, self._show = temporal, projects, report, show
        self._dice = random.Random(f"{plan.seed} storm")
        self._journal = directory / "journal"
        self._heard = Heard(self._journal)
        self._compared = Compared()
        self._started = 0
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([work.__module__])
        self._processes = Processes(self._context, self._given)

    def _given(self) -> Given:
        self._started += 1
        return Given(
            seed=f"{self._plan.seed} {self._started}",
            sync_url=self._database.sync_url,
            user_role=self._database.roles.user,
            journal=self._journal,
            split_runs=self._plan.split_runs,
        )

    async def go_on(self) -> None:
        began = time.monotonic()
        try:
            self._processes.start(self._plan.processes)
            await self._until_done()
        finally:
            await self._processes.kill_all()
        self._report.seconds = time.monotonic() - began
        self._show("settling")
        await self._settle()
        await self._compare_what_is_left()
        self._heard.listen()
        report = self._report
        report.counts = dict(self._heard.counts)
        report.happened = asdict(self._temporal.happened)
        report.errors += self._heard.wrong
        report.figures = self._compared.figures
        report.differences += self._compared.differences

    async def _until_done(self) -> None:
        plan, dice, report = self._plan, self._dice, self._report
        kills = plan.moments(plan.kills, 60, dice)
        ended = plan.moments(plan.ended, 130, dice)
        restarts = plan.moments(plan.restarts, 3000, dice)
        failovers = plan.moments(plan.failovers, 2000, dice)
        comparisons = [plan.syncs * n // (plan.comparisons + 1) for n in range(plan.comparisons, 0, -1)]
        end = time.monotonic() + (plan.most_seconds or float("inf"))
        async with asyncio.TaskGroup() as beside:
            while (done := self._heard.counts["syncs"]) < plan.syncs and time.monotonic() < end:
                await asyncio.sleep(_LOOK_SECONDS * dice.random() * 2)
                self._heard.listen()
                report.errors += [f"a process ended with {code}" for code in self._processes.dead()]
                if _is_time(kills, done):
                    await self._processes.kill(dice)
                    report.kills += 1
                if _is_time(ended, done):
                    report.backends += await self._end_connections()
                if self._heard.counts["met"] > 1 and _is_time(failovers, done):
                    self._temporal.fail_over()
                if _is_time(restarts, done):
                    await self._restart()
                if _is_time(comparisons, done):
                    beside.create_task(self._compare_beside(done))

    async def _compare_beside(self, done: int) -> None:
        await self._compare()
        wrong = len(self._compared.differences), len(self._heard.wrong)
        self._show(f"{done} syncs, {self._report.kills} kills; {wrong[0]} differences, {wrong[1]} errors")

    async def _end_connections(self) -> int:
        try:
            admin = await asyncpg.connect(self._database.admin_url)
        except Exception as error:
            if is_outage(error):
                return 0
            raise
        try:
            rows = await admin.fetch(
                "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE datname = "
                "current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() "
                "ORDER BY random() LIMIT $1) chosen",
                self._dice.choice((1, 1, 2, 5)),
            )
        finally:
            await admin.close()
        return len(rows)

    async def _restart(self) -> None:
        pid = self._server.pid
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        while self._server.pid == pid or not await self._server.is_healthy():
            await asyncio.sleep(_LOOK_SECONDS)
        self._report.restarts += 1

    async def _compare(self) -> None:
        """Beside everything that goes on, each project in one moment of the database."""
        for project_id in self._projects:
            for _ in range(20):
                try:
                    await compare_figures(
                        self._store, project_id, self._dice, self._compared, windows=self._plan.windows
                    )
                except Exception as error:
                    # Its connection was ended, too.
                    if not is_outage(error):
                        raise
                    await asyncio.sleep(_AWAY_SECONDS)
                else:
                    break
            else:
                self._report.errors.append("the database was away whenever figures were compared")
        self._report.comparisons += 1

    async def _settle(self) -> None:
        self._temporal.is_growing = False
        process = self._context.Process(target=settle, args=(self._given(),), daemon=True)
        process.start()
        await asyncio.to_thread(process.join)
        if process.exitcode != 0:
            self._report.errors.append(f"settling ended with {process.exitcode}")

    async def _compare_what_is_left(self) -> None:
        report = self._report
        await self._compare()
        report.notes_left += await fold_all(self._store, self._projects)
        await self._compare()
        self._heard.listen()
        stored = await compare_copies(self._store, self._temporal, self._heard, report.copies)
        report.runs, report.components, report.events = stored.runs, stored.components, stored.events
        await compare_fresh_parse(self._store, report.differences, report.copies)
        report.notes_left += await fold_all(self._store, self._projects)
        for project_id in self._projects:
            if await rebuild(self._store, project_id) is None:
                report.errors.append("somebody else was at the figures when nobody should be")
        await self._compare()
        await self._check()

    async def _check(self) -> None:
        """`watchglass stats check`, as it is typed."""
        urls = {
            "WATCHGLASS_DATABASE_URL": self._database.login_url,
            "WATCHGLASS_SYNC_DATABASE_URL": self._database.sync_url,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "watchglass", "stats", "check"),
            env=clean_environment(**urls),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        self._show(said.decode().strip())
        if process.returncode != 0:
            self._report.differences.append(f"stats check: {said.decode()[-1500:]}")


def _is_time(moments: list[int], done: int) -> bool:
    if not moments or moments[-1] > done:
        return False
    moments.pop()
    return True

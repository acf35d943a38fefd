"""What one process of a storm does until it is killed: syncs, and now and then something that corrects figures.

Everything is done by the product's own functions, on a connection to a Temporal that tells recorded runs.
"""

import asyncio
import logging
import os
import random
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from tests.acceptance.older_rules import spoil
from tests.databases import SECRET_KEY
from tests.statistics.storm.journal import Journal
from tests.statistics.storm.served import EVERYTHING

from watchglass.errors import Conflict, StartupError
from watchglass.model.connection import Connection
from watchglass.model.redaction import NamedPattern, RedactionRules
from watchglass.model.rules import NodeRule, Rules, RunRule
from watchglass.parse import PARSE_VERSION
from watchglass.statistics import grains
from watchglass.statistics.compare import find_drift
from watchglass.statistics.fold import fold
from watchglass.statistics.rebuild import rebuild
from watchglass.store.connections import all_connections
from watchglass.store.outage import is_outage
from watchglass.store.pool import open_pool
from watchglass.store.redaction import read_rules, save_rules, unredacted_runs
from watchglass.store.scope import Store
from watchglass.store.seal import Seal
from watchglass.store.sync_states import ExecutionKey
from watchglass.store.workflows import set_registered
from watchglass.sync import gone
from watchglass.sync.erase import erase
from watchglass.sync.identity import meet_namespace
from watchglass.sync.listing import take_page
from watchglass.sync.one import NOTHING_TO_DO, sync_executions
from watchglass.sync.outdated import rederive_outdated
from watchglass.sync.parts import Parts
from watchglass.sync.redact_stored import redact_runs, redactor_of
from watchglass.sync.rederive import rederive
from watchglass.sync.rolled_up import roll_up
from watchglass.temporal.client import Clients
from watchglass.temporal.errors import TemporalUnavailable
from watchglass.temporal.visibility import list_runs

_AT_ONCE = 5
_POOL = 6
_PAUSE_SECONDS = 0.1
_MISSING_SECONDS = 1.5
"""Instead of a minute, after which a run that is still missing counts as gone."""
_RULES = (
    RedactionRules(keys=("name", "email"), patterns=(NamedPattern.EMAIL,)),
    RedactionRules(expressions=("[Hh]ello", "World")),
    RedactionRules(paths=("*.id",), patterns=(NamedPattern.API_KEY,)),
)
_ROUNDS = 2
_BATCH = 50
_GRAPHS = ("Graph of some", "Graph of others")


@dataclass(frozen=True)
class Given:
    """What a process is told when it starts."""

    seed: str
    sync_url: str
    user_role: str
    journal: Path
    split_runs: int


def prepare(given: Given) -> None:
    """Set what is a figure in the product, and would take hours or millions of runs to be reached here."""
    for module in [module for name, module in sys.modules.items() if name.startswith("watchglass.statistics.")]:
        if hasattr(module, "SPLIT_RUNS"):
            module.SPLIT_RUNS = given.split_runs  # type: ignore[attr-defined]
    assert given.split_runs == grains.SPLIT_RUNS
    gone.MISSING_RETRY_SECONDS = _MISSING_SECONDS
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def work(given: Given) -> None:
    """For as long as the process lives, in a session of its own: none takes the time of the one that plays Temporal."""
    os.setsid()
    prepare(given)
    asyncio.run(_work(given))


async def _work(given: Given) -> None:
    journal = Journal(given.journal)
    store = await _open(given)
    async with asyncio.TaskGroup() as tasks:
        for number in range(_AT_ONCE):
            one = Worker(store, journal, random.Random(f"{given.seed} {number}"))
            tasks.create_task(one.go_on())


async def _open(given: Given) -> Store:
    while True:
        try:
            pool = await open_pool(given.sync_url, size=_POOL)
        except Exception as error:
            if not isinstance(error, StartupError) and not is_outage(error):
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return Store(pool, pool, given.user_role, Seal([SECRET_KEY]))


class Worker:
    """Does one thing after the other, whichever the dice say."""

    def __init__(self, store: Store, journal: Journal, dice: random.Random) -> None:
        self._store = store
        self._journal = journal
        self._dice = dice
        self._parts = Parts(store, Clients())
        self._things: Sequence[tuple[Callable[[], Awaitable[None]], float]] = (
            (self.sync, 80),
            (self.take_list, 6),
            (self.fold, 5),
            (self.roll_up, 0.5),
            (self.rebuild, 0.4),
            (self.check, 0.6),
            (self.make_older, 1.2),
            (self.derive_outdated, 0.5),
            (self.derive_again, 1.2),
            (self.register, 0.5),
            (self.redact, 1.0),
            (self.erase, 0.8),
            (self.meet, 0.6),
        )

    async def go_on(self) -> None:
        things, weights = zip(*self._things, strict=True)
        parent = os.getppid()
        # Nobody is left to kill it when those who started it are gone.
        while os.getppid() == parent:
            (thing,) = self._dice.choices(things, weights)
            try:
                await thing()
            except TemporalUnavailable:
                self._journal.note(away=1)
            except Exception as error:
                if all(map(is_outage, _leaves(error))):
                    self._journal.note(outages=1)
                    await asyncio.sleep(_PAUSE_SECONDS)
                else:
                    self._journal.note(wrong=f"{thing.__name__}: {''.join(traceback.format_exception(error))}"[-3000:])

    async def sync(self) -> None:
        keys = await self._some("NOT is_final", self._dice.choice((1, 1, 2, 4, 8)))
        if not keys:
            await asyncio.sleep(_PAUSE_SECONDS)
            return
        outcomes = await sync_executions(self._parts, keys)
        told = [outcome for outcome in outcomes.values() if outcome is not NOTHING_TO_DO]
        failed = [
            outcome.error
            for outcome in told
            if outcome.error is not None
            and not (outcome.is_away or "no longer has" in outcome.error or outcome.is_final)
        ]
        self._journal.note(
            syncs=sum(outcome.synced for outcome in told),
            changed=sum(outcome.synced and outcome.changed for outcome in told),
            not_found=sum(not outcome.synced and not outcome.is_away for outcome in told) - len(failed),
            away=sum(outcome.is_away for outcome in told),
        )
        for error in failed:
            self._journal.note(wrong=f"not synced: {error}")

    async def take_list(self) -> None:
        connection = await self._connection()
        async for page in list_runs(await self._parts.access(connection), "", page_size=100):
            found = await take_page(self._parts, [connection], page)
            self._journal.note(listed=found.new)

    async def fold(self) -> None:
        folded = await fold(self._store, (await self._connection()).project_id)
        self._journal.note(**({"not_its_turn": 1} if folded is None else {"folds": 1, "folded": folded}))

    async def roll_up(self) -> None:
        await roll_up(self._store)
        self._journal.note(roll_ups=1)

    async def rebuild(self) -> None:
        done = await rebuild(self._store, (await self._connection()).project_id)
        self._journal.note(**{"not_its_turn" if done is None else "rebuilds": 1})

    async def check(self) -> None:
        found = await find_drift(self._store, (await self._connection()).project_id)
        self._journal.note(checks=1, checked=found.compared)
        if found.drift:
            self._journal.note(wrong=f"{len(found.drift)} differ: {found.drift[0]}")

    async def make_older(self) -> None:
        keys = await self._some("synced_event_id > 0", self._dice.randint(1, 8))
        await spoil(self._store, keys)
        self._journal.note(made_older=len(keys))

    async def derive_outdated(self) -> None:
        done = await rederive_outdated(self._store)
        self._derived(done.done, list(done.left.values()))

    async def derive_again(self) -> None:
        keys = await self._some("synced_event_id > 0", self._dice.randint(1, 12))
        done = await rederive(self._store, keys, below=PARSE_VERSION + 1)
        self._derived(done.done, list(done.left.values()))

    def _derived(self, done: int, left: Sequence[str]) -> None:
        self._journal.note(derived_again=done)
        for reason in left:
            self._journal.note(wrong=f"not derived: {reason}")

    async def register(self) -> None:
        """Runs of some type become those of a graph, with nodes, or of another one, or go back."""
        project_id = (await self._connection()).project_id
        async with self._store.write() as writer:
            types = [
                row["temporal_type"]
                for row in await writer.fetch(
                    "SELECT DISTINCT temporal_type FROM workflow_executions WHERE project_id = $1 ORDER BY 1",
                    project_id,
                )
            ]
            if not types:
                return
            chosen = self._dice.sample(types, min(len(types), 4))
            rules = Rules(
                runs=tuple(RunRule(workflow_type=name) for name in chosen),
                nodes=(NodeRule(node=f"n{self._dice.randrange(3)}", by="activity_type", matches="*", occurrence=1),),
            )
            await set_registered(writer, project_id=project_id, name=self._dice.choice(_GRAPHS), rules=rules)
        self._journal.note(registered=1)
        keys = await self._some(
            "synced_event_id > 0 AND project_id = $2 AND temporal_type = ANY ($3)", 30, project_id, chosen
        )
        done = await rederive(self._store, keys, below=PARSE_VERSION + 1)
        self._derived(done.done, list(done.left.values()))

    async def redact(self) -> None:
        project_id = (await self._connection()).project_id
        if self._dice.random() < 0.1:
            async with self._store.write() as writer:
                await save_rules(writer, project_id, self._dice.choice(_RULES))
            self._journal.note(rules_of_redaction=1)
        redactor = await redactor_of(self._store, project_id)
        if redactor is None:
            return
        async with self._store.write() as reader:
            revision = (await read_rules(reader, project_id)).revision
            after = UUID(int=0)
            keys = await unredacted_runs(reader, project_id, revision=revision, after=after, limit=20)
        done = await redact_runs(self._store, keys, redactor)
        self._journal.note(redacted=done.done)

    async def erase(self) -> None:
        async with self._store.write() as reader:
            row = await reader.fetchrow(
                "SELECT project_id, temporal_workflow_id, temporal_run_id FROM workflow_executions "
                "WHERE is_final ORDER BY random() LIMIT 1"
            )
        if row is None:
            return
        project_id, workflow_id = row["project_id"], row["temporal_workflow_id"]
        run_id = row["temporal_run_id"] if self._dice.random() < 0.5 else None
        which = [str(project_id), run_id or workflow_id]
        self._journal.note(erasing=which)
        try:
            done = await erase(self._store, project_id, workflow_id, run_id=run_id, by=None)
        except Conflict:
            # Another run of this workflow id goes on.
            self._journal.note(not_erased=1)
        else:
            self._journal.note(erased_runs=done.runs, erased=which)

    async def meet(self) -> None:
        await meet_namespace(self._parts, await self._connection())
        self._journal.note(met=1)

    async def _connection(self) -> Connection:
        async with self._store.write() as reader:
            return self._dice.choice(await all_connections(reader))

    async def _some(self, where: str, most: int, *arguments: object) -> list[ExecutionKey]:
        async with self._store.write() as reader:
            rows = await reader.fetch(
                f"SELECT project_id, id FROM workflow_executions WHERE {where} ORDER BY random() LIMIT $1",
                most,
                *arguments,
            )
        return [ExecutionKey(row["project_id"], row["id"]) for row in rows]


def _leaves(error: Exception) -> list[Exception]:
    """What a group is made of."""
    if isinstance(error, ExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]


def settle(given: Given) -> None:
    """Do all that is left to be done, undisturbed: afterwards every run is copied as Temporal has it."""
    prepare(given)
    asyncio.run(_settle(given))


async def _settle(given: Given) -> None:
    journal = Journal(given.journal)
    store = await _open(given)
    parts = Parts(store, Clients())
    left = (await rederive_outdated(store)).left
    for reason in left.values():
        journal.note(wrong=f"not derived: {reason}")
    async with store.write() as reader:
        connections = await all_connections(reader)
    for connection in connections:
        await meet_namespace(parts, connection)
        async for page in list_runs(await parts.access(connection), EVERYTHING):
            await take_page(parts, [connection], page)
    for _ in range(_ROUNDS):
        async with store.write() as reader:
            rows = await reader.fetch("SELECT project_id, id FROM workflow_executions WHERE NOT is_final ORDER BY id")
        keys = [ExecutionKey(row["project_id"], row["id"]) for row in rows]
        for start in range(0, len(keys), _BATCH):
            await sync_executions(parts, keys[start : start + _BATCH])
        # What is missing is asked for once more.
        await asyncio.sleep(_MISSING_SECONDS)
    await store.close()

"""All runs whose rows older rules made: derived again at full speed for who waits, or slowly beside other work."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

import structlog

from watchglass.parse import PARSE_VERSION
from watchglass.store.outage import is_outage
from watchglass.store.outdated import Outdated, list_outdated
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.rederive import NOTHING, Rederived, plus, rederive

log = structlog.get_logger()

BATCHES_AT_ONCE = 2
"""While one batch is written, the next is read."""
_BATCH_RUNS = 50
_BATCH_EVENTS = 5_000
_BATCH_BYTES = 32 * 1024 * 1024
"""Of histories as Temporal counts them. A batch locks its runs, so it should be over before a sync minds."""
_REST = 4
"""In the background, a pause of this many times what the batch took: a fifth of one core at most."""
_LOOK_AGAIN_SECONDS = 3600.0
"""Workers of an older version, while there are any, go on deriving by older rules."""


async def rederive_outdated(
    store: Store,
    *,
    connection_id: UUID | None = None,
    below: int = PARSE_VERSION,
    show: Callable[[Rederived], None] = lambda _: None,
) -> Rederived:
    """Derive all runs again whose rules are older than `below`; `show` is told how far it is."""
    total = NOTHING
    turn = asyncio.Semaphore(BATCHES_AT_ONCE)

    async def work(keys: Sequence[ExecutionKey]) -> None:
        nonlocal total
        try:
            done = await rederive(store, keys, below=below)
            total = plus(total, done)
            show(total)
        finally:
            turn.release()

    async with asyncio.TaskGroup() as tasks:
        async for keys in _batches(store, connection_id=connection_id, below=below):
            await turn.acquire()
            tasks.create_task(work(keys))
    return total


async def upgrade_slowly(store: Store) -> None:
    """Derive outdated runs again beside other work, for as long as the process lives."""
    while True:
        try:
            await _upgrade(store)
        except Exception as error:  # The worker has other work to do, whatever this is.
            if is_outage(error):
                log.warning("outdated_runs_wait", reason=f"The database does not answer ({error}).")
            else:
                log.error("upgrade_defect", exc_info=error)
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def _upgrade(store: Store) -> None:
    done = 0
    async for keys in _batches(store, connection_id=None, below=PARSE_VERSION):
        began = time.monotonic()
        done += (await rederive(store, keys)).done
        await asyncio.sleep(_REST * (time.monotonic() - began))
    if done:
        log.info("runs_rederived", count=done, version=PARSE_VERSION)


async def _batches(store: Store, *, connection_id: UUID | None, below: int) -> AsyncIterator[list[ExecutionKey]]:
    after: Outdated | None = None
    while True:
        async with store.write() as reader:
            found = await list_outdated(
                reader, below=below, connection_id=connection_id, after=after, limit=_BATCH_RUNS
            )
        if not found:
            return
        batch = _batch(found)
        yield [run.key for run in batch]
        after = batch[-1]


def _batch(found: Sequence[Outdated]) -> list[Outdated]:
    """The first of these runs, as many as make one batch."""
    events = size = 0
    batch: list[Outdated] = []
    for run in found:
        events += run.events
        size += run.history_bytes
        if batch and (events > _BATCH_EVENTS or size > _BATCH_BYTES):
            break
        batch.append(run)
    return batch

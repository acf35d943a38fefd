"""Attempts are kept once, whichever of their start and end was seen, however often and in whichever order."""

import itertools

import pytest
import pytest_asyncio
from tests.databases import make_project
from tests.store.rls.seed import described

from watchglass.model.failure import Failure
from watchglass.store.attempts import SeenAttempt, add_seen_attempts, settle_attempts
from watchglass.store.component_reads import read_attempts
from watchglass.store.connections import ensure_connection
from watchglass.store.listed_runs import insert_listed
from watchglass.store.scope import Store
from watchglass.store.sync_states import ExecutionKey

SECOND = 1_000_000
START = 1_700_000_000 * SECOND
_events = itertools.count(5)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def key(store: Store) -> ExecutionKey:
    project_id, _ = await make_project(store, "Attempts", owner="ada")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address="127.0.0.1:1", namespace="a", is_embedded=False
        )
        (new,) = await insert_listed(writer, connection, [described("run-1")])
    return new.key


async def new_unit(store: Store, key: ExecutionKey) -> int:
    event_id = next(_events)
    async with store.write() as writer:
        await writer.execute(
            "INSERT INTO component_executions (project_id, execution_id, event_id, last_event_id, node_id, occurrence, "
            "name, display_name, kind, status, clock_skew, cancel_requested, copied) "
            "VALUES ($1, $2, $3, $3, 'pay', 1, 'pay', 'pay', 'activity', 'running', false, false, false)",
            key.project_id,
            key.id,
            event_id,
        )
    return event_id


def began(number: int, at: float) -> tuple[int, int | None, int | None, Failure | None]:
    return number, START + int(at * SECOND), None, None


def _failure(number: int) -> Failure:
    return Failure("application", "NotYet", f"attempt {number} failed", "", non_retryable=False, cause=None)


def ended(number: int, at: float) -> tuple[int, int | None, int | None, Failure | None]:
    return number, None, START + int(at * SECOND), _failure(number)


async def see(
    store: Store, key: ExecutionKey, event_id: int, *sights: tuple[int, int | None, int | None, Failure | None]
) -> None:
    async with store.write() as writer:
        await add_seen_attempts(writer, [SeenAttempt(key.project_id, key.id, event_id, *sight) for sight in sights])


async def kept(store: Store, key: ExecutionKey, event_id: int) -> list[tuple[int, float | None, float | None]]:
    """(number, start, end) in seconds since the first moment."""
    async with store.write() as reader:
        found = await read_attempts(reader, project_id=key.project_id, execution_id=key.id, event_id=event_id)
    return [(attempt.number, _seconds(attempt.started_at), _seconds(attempt.ended_at)) for attempt in found]


def _seconds(moment: int | None) -> float | None:
    return None if moment is None else (moment - START) / SECOND


THREE = (began(1, 0), ended(1, 2), began(2, 3), ended(2, 5), began(3, 6))


@pytest.mark.parametrize(
    "order", [*itertools.permutations(range(len(THREE)))], ids=lambda order: "".join(map(str, order))
)
async def test_the_order_of_sights_makes_no_difference(store: Store, key: ExecutionKey, order: tuple[int, ...]) -> None:
    event_id = await new_unit(store, key)
    await see(store, key, event_id, *(THREE[place] for place in order), *THREE)
    assert await kept(store, key, event_id) == [(1, 0, 2), (2, 3, 5), (3, 6, None)]


async def test_a_start_that_was_not_seen_stays_unknown(store: Store, key: ExecutionKey) -> None:
    event_id = await new_unit(store, key)
    await see(store, key, event_id, ended(1, 2), began(2, 3), ended(1, 2))
    assert await kept(store, key, event_id) == [(1, None, 2), (2, 3, None)]


async def test_a_reset_counts_from_one_again_and_both_are_kept(store: Store, key: ExecutionKey) -> None:
    event_id = await new_unit(store, key)
    sights = (began(1, 0), ended(1, 2), began(2, 3), ended(2, 5), began(1, 10), ended(1, 12), began(2, 13))
    await see(store, key, event_id, *sights)
    await see(store, key, event_id, *sights)
    assert await kept(store, key, event_id) == [(1, 0, 2), (2, 3, 5), (1, 10, 12), (2, 13, None)]


async def end_unit(store: Store, key: ExecutionKey, event_id: int, *, attempt: int, start: float, end: float) -> None:
    async with store.write() as writer:
        await writer.execute(
            """
            UPDATE component_executions SET status = 'completed', attempt = $4,
                scheduled_at = timestamptz 'epoch' + $5::bigint * interval '1 microsecond',
                started_at = timestamptz 'epoch' + $6::bigint * interval '1 microsecond',
                completed_at = timestamptz 'epoch' + $7::bigint * interval '1 microsecond',
                duration_ms = $8, execution_ms = $9, retry_ms = $10
            WHERE project_id = $1 AND execution_id = $2 AND event_id = $3
            """,
            key.project_id,
            key.id,
            event_id,
            attempt,
            START,
            START + int(start * SECOND),
            START + int(end * SECOND),
            end * 1000,
            (end - start) * 1000,
            start * 1000,
        )
        await settle_attempts(writer, [(key.project_id, key.id, event_id)])


async def clocks(store: Store, key: ExecutionKey, event_id: int) -> tuple[float, float]:
    async with store.write() as reader:
        row = await reader.fetchrow(
            "SELECT execution_ms, retry_ms FROM component_executions WHERE execution_id = $1 AND event_id = $2",
            key.id,
            event_id,
        )
    assert row is not None
    return row["execution_ms"], row["retry_ms"]


async def test_execution_time_is_the_sum_when_each_attempt_was_seen(store: Store, key: ExecutionKey) -> None:
    event_id = await new_unit(store, key)
    await see(store, key, event_id, *THREE)
    await end_unit(store, key, event_id, attempt=3, start=6, end=7)
    assert await kept(store, key, event_id) == [(1, 0, 2), (2, 3, 5), (3, 6, 7)]
    assert await clocks(store, key, event_id) == (5000, 2000)


@pytest.mark.parametrize(
    "sights",
    [
        (began(1, 0), ended(1, 2), ended(2, 5)),
        (began(2, 3), ended(2, 5)),
        (began(1, 0), began(2, 3), ended(2, 5)),
        (began(1, 0), ended(1, 1), began(2, 3), ended(2, 5), began(2, 5.2), ended(2, 5.5)),
        (began(1, 0), ended(1, 2), began(4, 3), ended(4, 5)),
    ],
    ids=["a start missing", "an attempt missing", "an end missing", "one twice after a reset", "more before a reset"],
)
async def test_it_is_the_last_attempts_time_when_not_all_were_seen(
    store: Store, key: ExecutionKey, sights: tuple[tuple[int, int | None, int | None, Failure | None], ...]
) -> None:
    event_id = await new_unit(store, key)
    await see(store, key, event_id, *sights)
    await end_unit(store, key, event_id, attempt=3, start=6, end=7)
    assert await clocks(store, key, event_id) == (1000, 6000)

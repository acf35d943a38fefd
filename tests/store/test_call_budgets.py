"""Buckets that all processes share: who gets how many calls, by the database's clock."""

import asyncio
from uuid import uuid4

import pytest
from tests.databases import Database, make_project

from watchglass.store.call_budgets import Bucket, Grant, slow_calls, take_calls
from watchglass.store.connections import ensure_connection
from watchglass.store.scope import Store

SLOW = 1e-6
"""Calls a second: nothing worth counting comes in while a test runs."""


def new_bucket(rate: float) -> Bucket:
    return Bucket(f"{uuid4()}:7233", "default", "history", rate)


async def take(store: Store, bucket: Bucket, wanted: int = 1, *, urgent: bool = False) -> Grant:
    async with store.write() as writer:
        return await take_calls(writer, bucket, wanted=wanted, urgent=urgent)


async def set_tokens(store: Store, bucket: Bucket, tokens: float) -> None:
    await take(store, bucket, 0)
    async with store.write() as writer:
        await writer.execute(
            "UPDATE call_budgets SET tokens = $2, filled_at = clock_timestamp() WHERE address = $1",
            bucket.address,
            tokens,
        )


async def test_a_new_bucket_holds_one_second_and_the_last_fifth_is_for_who_waits(store: Store) -> None:
    bucket = new_bucket(50)
    assert await take(store, bucket, 0) == Grant(0, 50, 0)
    await set_tokens(store, bucket, 1000)
    assert (await take(store, bucket, 200)).calls == 40


async def test_who_waits_gets_the_rest_and_a_bucket_ahead(store: Store) -> None:
    bucket = new_bucket(SLOW)
    assert (await take(store, bucket, 10)).calls == 1, "the smallest bucket holds two"
    assert (await take(store, bucket, 10)).calls == 0
    assert (await take(store, bucket, 10, urgent=True)).calls == 3, "one that was kept back, and two ahead"
    none = await take(store, bucket, 1, urgent=True)
    assert none.calls == 0
    assert none.wait_seconds == pytest.approx(1 / SLOW, rel=0.01)
    assert (await take(store, bucket, 1)).wait_seconds > none.wait_seconds, "the others wait for what went ahead"


async def connect(store: Store, bucket: Bucket, rate: float, *, state: str = "ok") -> None:
    """Another project looks at the namespace."""
    project_id, _ = await make_project(store, f"of its own {uuid4()}", owner="ada")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address=bucket.address, namespace=bucket.namespace, is_embedded=False
        )
        await writer.execute(
            "UPDATE connections SET history_per_second = $2, state = $3 WHERE id = $1", connection.id, rate, state
        )


async def test_the_smallest_rate_of_all_connections_counts(store: Store) -> None:
    bucket = new_bucket(1000)
    for rate in (80, 30, 60):
        await connect(store, bucket, rate)
    assert (await take(store, bucket)).rate == 30
    other = Bucket(bucket.address, "another", "history", 7)
    assert (await take(store, other)).rate == 7, "another namespace has a bucket of its own"


async def test_one_project_cannot_stop_anothers_copy(store: Store) -> None:
    bucket = new_bucket(1000)
    await connect(store, bucket, 60)
    await connect(store, bucket, 0.1)
    assert (await take(store, bucket)).rate == 30, "an even share of the largest is left"


async def test_who_is_not_let_in_does_not_slow_who_is(store: Store) -> None:
    bucket = new_bucket(1000)
    for state in ("new", "refused", "unreachable"):
        await connect(store, bucket, 0.1, state=state)
    assert (await take(store, bucket)).rate == 0.1, "nobody is let in"
    await connect(store, bucket, 60)
    assert (await take(store, bucket)).rate == 60


async def test_a_refusal_halves_the_rate_once_and_it_comes_back(store: Store) -> None:
    bucket = new_bucket(64)
    await take(store, bucket)
    async with store.write() as writer:
        for _ in range(5):
            await slow_calls(writer, bucket)
    slowed = await take(store, bucket)
    assert slowed.calls == 0, "nobody's stored calls are let out after a refusal"
    assert 32 <= slowed.rate < 40, "five calls that were refused together are one refusal"

    async def seconds_later(seconds: int) -> float:
        async with store.write() as writer:
            await writer.execute(
                "UPDATE call_budgets SET slowed_at = slowed_at - $2 * interval '1 second' WHERE address = $1",
                bucket.address,
                seconds,
            )
        return (await take(store, bucket)).rate

    assert 48 <= await seconds_later(30) < 56
    async with store.write() as writer:
        await slow_calls(writer, bucket)
    assert 24 <= (await take(store, bucket)).rate < 32
    assert await seconds_later(120) == 64


async def test_calls_are_given_out_once_however_many_take_at_the_same_time(database: Database, store: Store) -> None:
    other = await database.open_store(size=6)
    bucket = Bucket(str(uuid4()), "default", "history", SLOW)
    await set_tokens(store, bucket, 2)
    grants = await asyncio.gather(*(take(where, bucket, 1, urgent=True) for where in (store, other) for _ in range(40)))
    await other.close()
    assert sum(grant.calls for grant in grants) == 4, "two that were there, and two ahead"

"""What goes wrong with one followed run concerns that run alone and is tried again; nobody is left unfollowed."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.acceptance.bench import Bench, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import Steps, new_id
from tests.acceptance.test_followers import following, rows

import watchglass.sync.follow
import watchglass.sync.followers
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.follow import Follower
from watchglass.sync.immediate import ImmediateSync

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


async def watched(bench: Bench, name: str) -> tuple[Any, ExecutionKey]:
    """An open run that somebody looks at."""
    handle = await bench.client.start_workflow(Steps.run, id=new_id(name), task_queue=bench.queue)
    key = await bench.key_of(handle)
    await ImmediateSync(bench.parts).watch(key.project_id, key.id)
    return handle, key


async def is_confirmed(bench: Bench, key: ExecutionKey) -> bool:
    return bool(
        await rows(
            bench.store,
            "SELECT FROM followed_executions WHERE execution_id = $1 AND confirmed_at IS NOT NULL",
            key.id,
        )
    )


async def has_step(bench: Bench, key: ExecutionKey) -> bool:
    return bool(await rows(bench.store, "SELECT FROM component_executions WHERE execution_id = $1", key.id))


async def test_a_defect_with_one_run_is_told_and_tried_again_and_the_others_are_followed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, ill_key = await watched(bench, "ill")
    well, well_key = await watched(bench, "well")
    healed = asyncio.Event()
    follow = Follower.follow

    async def planted(self: Follower) -> None:
        if self._key == ill_key and not healed.is_set():
            raise RuntimeError("planted")
        await follow(self)

    monkeypatch.setattr(Follower, "follow", planted)
    with capture_logs() as logs:
        async with following(bench.parts):
            assert await eventually(lambda: is_confirmed(bench, well_key))

            async def was_tried_twice() -> bool:
                told = [line for line in logs if line["event"] == "follower_defect"]
                assert all(line["execution_id"] == str(ill_key.id) for line in told)
                return len(told) >= 2

            assert await eventually(was_tried_twice)
            assert not await is_confirmed(bench, ill_key)
            healed.set()
            assert await eventually(lambda: is_confirmed(bench, ill_key))
    await ill.terminate()
    await well.terminate()


async def test_a_defect_while_leases_are_taken_is_told_and_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle, key = await watched(bench, "taken-late")
    claim = watchglass.sync.followers.claim_followed
    failures = [RuntimeError("planted"), RuntimeError("planted again")]

    async def planted(*args: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        return await claim(*args, **options)

    monkeypatch.setattr(watchglass.sync.followers, "claim_followed", planted)
    with capture_logs() as logs:
        async with following(bench.parts):
            assert await eventually(lambda: is_confirmed(bench, key))
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["followers_defect"] * 2
    await handle.terminate()


async def test_a_defect_while_news_is_awaited_is_told_and_waited_for_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle, key = await watched(bench, "awaited")
    wait = watchglass.sync.follow.wait_for_news
    failures = [RuntimeError("planted")]
    answered = asyncio.Event()

    async def planted(*args: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        answer = await wait(*args, **options)
        answered.set()
        return answer

    monkeypatch.setattr(watchglass.sync.follow, "wait_for_news", planted)
    with capture_logs() as logs:
        async with following(bench.parts):
            await asyncio.wait_for(answered.wait(), 60)
            await handle.signal(Steps.step, "a step")
            assert await eventually(lambda: has_step(bench, key))
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["follower_defect"]
    await handle.terminate()


async def test_who_looks_again_while_a_follower_is_still_ending_gets_a_new_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle, key = await watched(bench, "looked-at-again")
    is_ending, may_end = asyncio.Event(), asyncio.Event()
    stopped = watchglass.sync.follow._stopped

    async def slowly(task: "asyncio.Task[None]") -> None:
        await stopped(task)
        is_ending.set()
        await may_end.wait()

    monkeypatch.setattr(watchglass.sync.follow, "_stopped", slowly)
    async with following(bench.parts):
        assert await eventually(lambda: is_confirmed(bench, key))
        async with bench.store.write() as writer:
            await writer.execute(
                "UPDATE followed_executions SET watched_until = clock_timestamp() WHERE execution_id = $1", key.id
            )
        await asyncio.wait_for(is_ending.wait(), 60)
        (row,) = await rows(bench.store, "SELECT holder FROM followed_executions WHERE execution_id = $1", key.id)
        assert row["holder"] is None, "the lease of a run that is given up is given back at once"
        await ImmediateSync(bench.parts).watch(key.project_id, key.id)
        await handle.signal(Steps.step, "a step")
        assert await eventually(lambda: has_step(bench, key))
        may_end.set()
    await handle.terminate()

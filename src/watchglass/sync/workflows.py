"""Watchglass's own workflows on the control Temporal: definitions only, no driver is imported here.

    sync-coordinator (one per connection)
    ├── discover          one long activity: lists what is new, every second or so
    ├── patrol            one long activity: looks after open runs that get no further
    ├── wait_for_work     one long activity: sleeps until something is due, then takes it from the queue
    ├── sync-execution    a child per execution …
    └── sync-batch        … and, when many are due, children of up to 200

Children outlive the coordinator's run: one that continues as new, or is lost, leaves them to their end.

The queue is the database's `next_sync_at`: a coordinator that is lost with all of its Temporal's data has lost nothing.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, ChildWorkflowError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from watchglass.sync.messages import (
        COORDINATOR,
        FOLLOW_EXECUTION,
        SYNC_BATCH,
        SYNC_EXECUTION,
        BatchResult,
        CoordinatorState,
        Due,
        Key,
        Stuck,
        SyncResult,
    )

BATCH = 200
ALONE_LIMIT = 10
"""When more than this are due, batches are started instead of a child each, which costs the control Temporal more than
it costs to copy a run: what is due after an outage is copied in seconds that way, on a busy machine too."""
_ALONE_LIMIT_BEFORE = 50
_SOONER = "batches-from-eleven"
"""The patch with which coordinators start batches for so few."""
CHILDREN_LIMIT = 60
"""Children that run at the same time."""
_PATROLS = "patrol"
"""Coordinators that began before there was a patrol replay without it, and have one from their next run on."""
_UNDER_WAY_LOOKS = 30
_UNDER_WAY_PAUSE = timedelta(milliseconds=200)
BATCH_WEIGHT = 10
"""Children that a batch counts as: what is taken from the queue is begun within seconds."""
TASK_TIMEOUT = timedelta(seconds=5)
"""A workflow task that a worker died with is given to another after this time."""
_WAITS = "waits-for-who-syncs"
"""The patch with which coordinators wait for a sync that is under way, weigh batches, and leave following to leases."""
_UNDER_WAY_LONGEST_PAUSE = timedelta(seconds=3)
_BESIDE = "syncs-beside-who-is-stuck"
"""The patch with which coordinators wait no longer than a few seconds for a child that keeps its run no more."""
_STUCK_PAUSES = (timedelta(milliseconds=500), timedelta(seconds=5))
"""By then a child that has just begun keeps its run from the queue."""
_CARRIES = "carries-who-is-stuck"
"""The patch with which coordinators go on waiting for who kept the one before them waiting."""
_CHILD_LIMIT = timedelta(minutes=45)
"""A child that is stuck is given up by then: longer than all tries of an activity together."""
_HEARTBEAT = timedelta(seconds=6)
"""A worker that dies is noticed within this time, and its work moves to another."""
_FOR_EVER = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=3))
"""Together with the heartbeat less than ten seconds, however many workers have died with the same activity before."""
_FEW_TIMES = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_attempts=3)


@workflow.defn(name=SYNC_EXECUTION)
class SyncExecution:
    """Sync one execution."""

    @workflow.run
    async def run(self, key: Key) -> SyncResult:
        result: SyncResult = await workflow.execute_activity(
            "sync_one",
            key,
            result_type=SyncResult,
            start_to_close_timeout=timedelta(minutes=5),
            heartbeat_timeout=_HEARTBEAT,
            retry_policy=_FEW_TIMES,
        )
        return result


@workflow.defn(name=FOLLOW_EXECUTION)
class FollowExecution:
    """What coordinators of older versions started for retrying runs, which leases in the database do now.

    Kept so that coordinators and children which they began come to their end.
    """

    @workflow.run
    async def run(self, key: Key) -> SyncResult:
        if workflow.patched("followed-by-leases"):
            return SyncResult(synced=True, changed=False)
        result: SyncResult = await workflow.execute_activity(
            "follow_attempts",
            key,
            result_type=SyncResult,
            start_to_close_timeout=timedelta(minutes=10),
            heartbeat_timeout=_HEARTBEAT,
            retry_policy=_FEW_TIMES,
        )
        return result


@workflow.defn(name=SYNC_BATCH)
class SyncBatch:
    """Sync many executions; those that fail, or are being retried, are handed back to get a child of their own."""

    @workflow.run
    async def run(self, keys: list[Key]) -> BatchResult:
        result: BatchResult = await workflow.execute_activity(
            "sync_batch",
            keys,
            result_type=BatchResult,
            start_to_close_timeout=timedelta(minutes=10),
            heartbeat_timeout=_HEARTBEAT,
            retry_policy=_FEW_TIMES,
        )
        return result


@workflow.defn(name=COORDINATOR, failure_exception_types=[workflow.NondeterminismError])
class Coordinator:
    """Keeps one connection's copies fresh, for ever.

    One whose history newer code cannot take over fails instead of hanging: the worker starts another within seconds,
    and since the queue is in the database that one carries on where it ended.
    """

    @workflow.init
    def __init__(self, state: CoordinatorState) -> None:
        self._state = state
        self._enqueued = dict.fromkeys(state.enqueued)
        self._stuck: dict[Key, float] = {}
        self._children = 0
        self._starting = 0
        self._is_ending = False
        self._waits = False
        self._goes_beside = False
        self._alone_limit = _ALONE_LIMIT_BEFORE

    @workflow.run
    async def run(self, state: CoordinatorState) -> None:
        self._waits = workflow.patched(_WAITS)
        self._goes_beside = workflow.patched(_BESIDE)
        if workflow.patched(_SOONER):
            self._alone_limit = ALONE_LIMIT
        discovering = asyncio.create_task(self._discover())
        waiting = asyncio.create_task(self._take_work())
        loops = [discovering, waiting]
        # Runs that end again and again before a wait does would never go beside anybody.
        if state.stuck and workflow.patched(_CARRIES):
            for one in state.stuck:
                self._start(self._sync_stuck(one))
        if workflow.patched(_PATROLS):
            loops.append(asyncio.create_task(self._patrol()))
        await workflow.wait_condition(self._is_long_enough)
        # An activity that ends with a result in the moment it is cancelled swallows the cancellation: without this
        # the loops would go on, and the coordinator would never continue as new.
        self._is_ending = True
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        # Children that have started go on without us; what they leave undone is in the queue.
        await workflow.wait_condition(lambda: self._starting == 0 and workflow.all_handlers_finished())
        stuck = [Stuck(key, until) for key, until in self._stuck.items()]
        workflow.continue_as_new(CoordinatorState(state.connection_id, list(self._enqueued), stuck))

    @workflow.signal
    async def enqueue(self, keys: list[Key]) -> None:
        """Sync these executions soon."""
        self._enqueued |= dict.fromkeys(keys)

    @workflow.update
    async def sync_now(self, key: Key) -> SyncResult:
        """Sync one execution now and say what came of it; one that is under way already is waited for first."""
        return await self._sync_when_free(key)

    async def _sync_when_free(self, key: Key) -> SyncResult:
        """Sync after the sync that is under way: that one may have read before what this request is about."""
        result = await self._sync_one(key)
        pause = _UNDER_WAY_PAUSE
        for _ in range(_UNDER_WAY_LOOKS):
            if not result.is_under_way:
                break
            await workflow.sleep(pause)
            if self._waits:
                pause = min(pause * 2, _UNDER_WAY_LONGEST_PAUSE)
            result = await self._sync_one(key)
        return result

    async def _sync_due(self, key: Key) -> SyncResult:
        """Sync what was due in the queue, whatever stands in its way.

        A child that works on a run keeps it from being due. One that does not, and is open all the same, is stuck:
        its task went to a worker that died, once more after many times, or its server does not hand it out. While it
        is waited for the run stays uncopied, and is taken from the queue again and again.
        """
        until = workflow.time() + sum(_STUCK_PAUSES, timedelta()).total_seconds()
        for pause in _STUCK_PAUSES:
            result = await self._sync_one(key)
            if not result.is_under_way:
                return result
            await self._wait_for_stuck(key, pause, until)
        return await self._sync_beside(key)

    async def _sync_stuck(self, stuck: Stuck) -> SyncResult:
        left = stuck.until - workflow.time()
        if left > 0:
            await self._wait_for_stuck(stuck.key, timedelta(seconds=left), stuck.until)
        return await self._sync_beside(stuck.key)

    async def _wait_for_stuck(self, key: Key, pause: timedelta, until: float) -> None:
        self._stuck[key] = until
        await workflow.sleep(pause)
        # Whoever waits for the same one may have been first.
        self._stuck.pop(key, None)

    async def _sync_beside(self, key: Key) -> SyncResult:
        result = await self._sync_one(key)
        return await self._sync_one(key, beside=True) if result.is_under_way else result

    def _is_long_enough(self) -> bool:
        return workflow.info().is_continue_as_new_suggested() or workflow.info().get_current_history_length() > 2000

    async def _discover(self) -> None:
        while not self._is_ending:
            await workflow.execute_activity(
                "discover",
                self._state.connection_id,
                start_to_close_timeout=timedelta(hours=1),
                heartbeat_timeout=_HEARTBEAT,
                retry_policy=_FOR_EVER,
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            )

    async def _patrol(self) -> None:
        while not self._is_ending:
            await workflow.execute_activity(
                "patrol",
                self._state.connection_id,
                start_to_close_timeout=timedelta(hours=1),
                heartbeat_timeout=_HEARTBEAT,
                retry_policy=_FOR_EVER,
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            )

    async def _take_work(self) -> None:
        taking = asyncio.create_task(self._take_enqueued())
        try:
            while not self._is_ending:
                await workflow.wait_condition(lambda: self._children < CHILDREN_LIMIT)
                due = await workflow.execute_activity(
                    "wait_for_work",
                    self._state.connection_id,
                    result_type=Due,
                    start_to_close_timeout=timedelta(hours=1),
                    heartbeat_timeout=_HEARTBEAT,
                    retry_policy=_FOR_EVER,
                    cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                )
                self._start_children(due, was_due=True)
        finally:
            taking.cancel()

    async def _take_enqueued(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self._enqueued) and self._children < CHILDREN_LIMIT)
            keys = list(self._enqueued)[:BATCH]
            for key in keys:
                del self._enqueued[key]
            self._start_children(Due(keys=keys))

    def _start_children(self, due: Due, *, was_due: bool = False) -> None:
        alone, together = list(due.alone), list(due.keys)
        if len(together) <= self._alone_limit:
            alone, together = alone + together, []
        for key in alone:
            self._start_one(key, was_due=was_due)
        for start in range(0, len(together), BATCH):
            weight = BATCH_WEIGHT if self._waits else 1
            self._start(self._sync_batch(together[start : start + BATCH]), weight=weight)

    def _start_one(self, key: Key, *, was_due: bool) -> None:
        if was_due and self._goes_beside:
            self._start(self._sync_due(key))
        else:
            self._start(self._sync_when_free(key) if self._waits else self._sync_one(key))

    def _start(self, child: Coroutine[Any, Any, object], *, weight: int = 1) -> None:
        self._children += weight
        task = asyncio.create_task(child)
        task.add_done_callback(lambda _: self._ended(weight))

    def _ended(self, weight: int) -> None:
        self._children -= weight

    async def _sync_one(self, key: Key, *, beside: bool = False) -> SyncResult:
        child_id = f"{SYNC_EXECUTION}-{key.execution_id}"
        if beside:
            child_id += f"-{workflow.uuid4()}"
        try:
            child = await self._started(SYNC_EXECUTION, key, child_id=child_id, result=SyncResult)
            result: SyncResult = await child
        except WorkflowAlreadyStartedError:
            told = "A sync of this execution is already under way."
            return SyncResult(synced=False, changed=False, error=told, is_under_way=True)
        except (ChildWorkflowError, ActivityError) as error:
            # It is still in the queue: the lease on it runs out, and it is due again.
            return SyncResult(synced=False, changed=False, error=f"The sync did not end: {error.cause or error}")
        if result.is_retrying and not self._waits:
            await self._follow(key)
        return result

    async def _follow(self, key: Key) -> None:
        with suppress(WorkflowAlreadyStartedError):
            await self._started(
                FOLLOW_EXECUTION, key, child_id=f"{FOLLOW_EXECUTION}-{key.execution_id}", result=SyncResult
            )

    async def _sync_batch(self, keys: list[Key]) -> None:
        try:
            child = await self._started(
                SYNC_BATCH, keys, child_id=f"{SYNC_BATCH}-{workflow.uuid4()}", result=BatchResult
            )
            result: BatchResult = await child
        except (ChildWorkflowError, ActivityError):
            return
        for key in result.failed:
            self._start_one(key, was_due=True)

    async def _started(
        self, name: str, argument: Key | list[Key], *, child_id: str, result: type
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        self._starting += 1
        try:
            return await workflow.start_child_workflow(
                name,
                argument,
                id=child_id,
                result_type=result,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                task_timeout=TASK_TIMEOUT,
                execution_timeout=_CHILD_LIMIT if self._goes_beside else None,
            )
        finally:
            self._starting -= 1

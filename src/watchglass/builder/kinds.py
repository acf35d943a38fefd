"""What each kind of node does. Each function returns the port at which the node ends, and its output."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import common, workflow
from temporalio.common import RawValue

from watchglass.builder.cel.values import kind_of
from watchglass.builder.failures import RunEnds, called, failed, shown, unfit
from watchglass.builder.payloads import received, size_of
from watchglass.builder.place import Place
from watchglass.model.chosen_policy import policy_of
from watchglass.model.graph import (
    APPROVED,
    NEXT,
    OTHERWISE,
    REJECTED,
    TIMED_OUT,
    ActivityNode,
    ApprovalNode,
    BranchNode,
    EndNode,
    Json,
    SetNode,
    StartNode,
    WaitNode,
    WorkflowNode,
)
from watchglass.model.journal import MEMO_RUN, Decision
from watchglass.model.retry_choice import DEFAULT_START_TO_CLOSE_SECONDS, FailAfter, RetryChoice

Ended = tuple[str, Json]
LONGEST_QUESTION = 10_000
"""Characters; what is longer is cut."""
LONGEST_ID = 1000
"""Bytes of a workflow id; Temporal refuses what is longer, again and again."""
LONGEST_WAIT_SECONDS = 10 * 365 * 86_400


async def run_node(place: Place) -> Ended:
    """Do what a node does that has no body.

    Raises:
        FailureError: it failed.
        RunEnds: it ends the run.
    """
    match place.node:
        case StartNode():
            return NEXT, place.frame.names["input"]
        case ActivityNode() as node:
            return await _activity(place, node)
        case WorkflowNode() as node:
            return await _child(place, node)
        case BranchNode() as node:
            return _branch(place, node), None
        case WaitNode() as node:
            return await _wait(place, node)
        case ApprovalNode() as node:
            return await _approval(place, node)
        case SetNode() as node:
            return NEXT, place.value(node.values, "/values")
        case EndNode() as node:
            raise await _end(place, node)
        case _:
            return NEXT, None


async def _activity(place: Place, node: ActivityNode) -> Ended:
    given = place.value(node.input, "/input")
    await place.run.pace.hand_out(size_of(given, node, "/input"))
    limits = node.timeouts
    start_to_close = limits.start_to_close_seconds
    if start_to_close is None and limits.schedule_to_close_seconds is None:
        start_to_close = DEFAULT_START_TO_CLOSE_SECONDS
    with place.run.pace.under_way():
        result = await workflow.execute_activity(
            node.component,
            given,
            result_type=RawValue,
            activity_id=place.id,
            task_queue=node.task_queue,
            retry_policy=_policy(node.retry or FailAfter(), node.non_retryable_errors),
            start_to_close_timeout=_seconds(start_to_close),
            schedule_to_close_timeout=_seconds(limits.schedule_to_close_seconds),
            schedule_to_start_timeout=_seconds(limits.schedule_to_start_seconds),
            heartbeat_timeout=_seconds(limits.heartbeat_seconds),
            # One that gives signs of life hears with them that it is cancelled; of the others nobody would hear.
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
            if limits.heartbeat_seconds
            else workflow.ActivityCancellationType.TRY_CANCEL,
            summary=node.name or None,
        )
    return NEXT, received(result, node)


async def _child(place: Place, node: WorkflowNode) -> Ended:
    id = f"{workflow.info().workflow_id}/{place.id}"
    if len(id.encode()) > LONGEST_ID:
        raise failed(
            f"{called(node)}: The id of the sub-workflow would be this run's with “/{place.id}” behind it, and that is "
            f"longer than the {LONGEST_ID} bytes that Temporal takes. Start the run with a shorter id.",
            "InvalidInput",
        )
    given = place.value(node.input, "/input")
    await place.run.pace.hand_out(size_of(given, node, "/input"))
    is_built = node.workflow_id is not None
    version = {"workflowId": node.workflow_id, "version": node.version}
    arguments = [{**version, "input": given}] if is_built else [] if given is None else [given]
    with place.run.pace.under_way():
        result = await workflow.execute_child_workflow(
            node.workflow,
            args=arguments,
            result_type=RawValue,
            id=id,
            task_queue=node.task_queue,
            memo={MEMO_RUN: version} if is_built else None,
            retry_policy=_policy(node.retry, node.non_retryable_errors) if node.retry else None,
            execution_timeout=_seconds(node.timeout_seconds),
            # Ours end when they are asked to; of others nobody knows.
            cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED
            if is_built
            else workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_REQUESTED,
            parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
            static_summary=place.id,
        )
    return NEXT, received(result, node)


def _branch(place: Place, node: BranchNode) -> str:
    for number, case in enumerate(node.cases):
        answer = place.expression(case.when, f"/cases/{number}/when")
        if not isinstance(answer, bool):
            raise unfit(
                node, f"/cases/{number}/when", f"This gives {kind_of(answer)}, which is neither true nor false."
            )
        if answer:
            return case.port
    return OTHERWISE


async def _wait(place: Place, node: WaitNode) -> Ended:
    state = place.state
    if state.until is None:
        state.until = _until(place, node).isoformat()
    await place.sleep_until(datetime.fromisoformat(state.until).timestamp())
    return NEXT, None


def _until(place: Place, node: WaitNode) -> datetime:
    if node.until is not None:
        return _moment(place, node, place.expression(node.until, "/until"))
    seconds = node.seconds
    if isinstance(seconds, str):
        seconds = place.expression(seconds, "/seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_WAIT_SECONDS:
        raise unfit(node, "/seconds", f"This gives {kind_of(seconds)}, which is no number of seconds up to ten years.")
    return workflow.now() + timedelta(seconds=seconds)


def _moment(place: Place, node: WaitNode, value: Json) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise unfit(
            node,
            "/until",
            f"This gives {kind_of(value)}, which is no moment with its time zone (2030-12-31T08:00:00Z).",
        )
    if moment - workflow.now() > timedelta(seconds=LONGEST_WAIT_SECONDS):
        raise unfit(node, "/until", f"This gives {kind_of(value)}, which is more than ten years away.")
    # One of the year 1 would be of the year 0 elsewhere; what is past is all the same.
    return max(moment, workflow.now()).astimezone(UTC)


async def _approval(place: Place, node: ApprovalNode) -> Ended:
    state = place.state
    if state.until is None and node.timeout_seconds is not None:
        state.until = (workflow.now() + timedelta(seconds=node.timeout_seconds)).isoformat()
    question = place.value(node.question, "/question")
    text = question if isinstance(question, str) else json.dumps(question, ensure_ascii=False)
    place.started(output={"question": text[:LONGEST_QUESTION]})
    answer = place.run.decisions.awaited(node.id, place.frame.iteration)
    if not await _in_time(answer, place, state.until):
        at = workflow.now().isoformat()
        return TIMED_OUT, {"approved": False, "by": None, "at": at, "values": {}}
    decision = answer.result()
    output = {
        "approved": decision.approved,
        "by": decision.by,
        "at": workflow.now().isoformat(),
        "values": decision.values,
    }
    return APPROVED if decision.approved else REJECTED, output


async def _in_time(answer: asyncio.Future[Decision], place: Place, until: str | None) -> bool:
    """Wait for the answer; false when the time is over before it came."""
    if until is None:
        await answer
        return True
    timer = asyncio.create_task(place.sleep_until(datetime.fromisoformat(until).timestamp()))
    try:
        either: list[asyncio.Future[Any]] = [answer, timer]
        await workflow.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        await asyncio.gather(timer, return_exceptions=True)
    return answer.done()


async def _end(place: Place, node: EndNode) -> RunEnds:
    if node.outcome == "completed":
        result = place.value(node.result, "/result")
        await place.run.pace.hand_out(size_of(result, node, "/result"))
        place.run.journal.note_output(node.id, place.frame.iteration, result)
        return RunEnds(result=result)
    message = place.value(node.message, "/message")
    text = message if isinstance(message, str) else shown(message)
    place.run.journal.note(node.id, place.frame.iteration, "completed")
    return RunEnds(failure=failed(text, node.error_type or "Failed"))


def _policy(choice: RetryChoice, non_retryable: tuple[str, ...]) -> common.RetryPolicy:
    policy = policy_of(choice, non_retryable)
    initial, maximum = policy.initial_interval_ms, policy.maximum_interval_ms
    return common.RetryPolicy(
        initial_interval=timedelta(milliseconds=initial),
        backoff_coefficient=policy.backoff_coefficient,
        # The server refuses a longest wait that is shorter than the first one.
        maximum_interval=None if maximum is None else timedelta(milliseconds=max(initial, maximum)),
        maximum_attempts=policy.maximum_attempts,
        non_retryable_error_types=list(policy.non_retryable_error_types) or None,
    )


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)

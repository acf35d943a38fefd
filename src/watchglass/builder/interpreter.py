"""The one workflow that runs every drawing: a dynamic workflow, whose type is the name of what was drawn.

    read the pinned graph → walk its outermost scope → result, failure, or a new run that carries on

It makes every decision from its argument and from what its history says, so a worker that dies at any point leaves
nothing behind but a run that another worker takes up.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from watchglass.builder.carry import without_unneeded
    from watchglass.builder.decisions import Decisions
    from watchglass.builder.failures import TOO_LARGE, RunEnds, failed
    from watchglass.builder.fits import misfits
    from watchglass.builder.frame import Frame
    from watchglass.builder.journal import Journal
    from watchglass.builder.messages import RunArgument
    from watchglass.builder.payloads import DEEPEST
    from watchglass.builder.place import Run
    from watchglass.builder.plan import make_plan
    from watchglass.builder.read import is_deeper
    from watchglass.builder.state import Carried
    from watchglass.builder.walk import walk
    from watchglass.errors import InvalidInput
    from watchglass.model.graph import Graph, Json
    from watchglass.model.journal import DECIDE, MEMO_RUN, READ_GRAPH, BuiltRun, Decision

LARGEST_BYTES = 1_900_000
"""Of what a run hands on to the next one; Temporal refuses 2 MiB."""
FURTHER_EVENTS = 6_000
"""After how many more it is tried again when that was too large."""
LAST_EVENTS = 40_000
"""… and after which it is not."""
_READING = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
"""The API may be away for a while; a version that does not exist is told as not retryable."""


@workflow.defn(dynamic=True)
class Interpreter:
    def __init__(self) -> None:
        self._decisions = Decisions()

    @workflow.run
    async def run(self, arguments: Sequence[RawValue]) -> Json:
        argument = _argument(arguments)
        try:
            graph = await _read_graph(argument)
        except (ActivityError, asyncio.CancelledError) as error:
            if argument.carried is not None and is_cancelled_exception(error):
                _note_cancelled(argument.carried)
            raise
        if argument.carried is None and is_deeper(argument.input, DEEPEST):
            raise failed(
                f"The input has lists and objects more than {DEEPEST} deep inside one another.", "InvalidInput"
            )
        if argument.carried is None and (wrong := misfits(argument.input, graph.input_schema, what="The input")):
            raise failed(" ".join(wrong), "InvalidInput")
        try:
            run = Run(make_plan(graph), self._decisions)
        except InvalidInput as error:
            raise failed(f"This version cannot be run. {error.message}", "InvalidGraph") from error
        return await self._walk(run, argument)

    @workflow.signal(name=DECIDE)
    def decide(self, decision: Any) -> None:
        """Take in a person's answer. One that cannot be read is nobody's: a run does not fail because of it."""
        try:
            self._decisions.take_in(Decision.model_validate(decision))
        except ValidationError as error:
            workflow.logger.warning("A decision cannot be read: %s", error)

    async def _walk(self, run: Run, argument: RunArgument) -> Json:
        carried = argument.carried or Carried()
        for decision in carried.decisions:
            self._decisions.take_in(decision)
        frame = Frame.outermost(run.plan.outermost, carried.outermost, argument.input)
        walking = asyncio.create_task(walk(run, frame))
        writing = asyncio.create_task(run.journal.keep())
        try:
            while not walking.done():
                await workflow.wait_condition(lambda: walking.done() or run.pace.is_quiet)
                if run.pace.is_quiet and not walking.done():
                    await self._carry_on(run, argument, frame, walking)
            return walking.result()
        except RunEnds as end:
            if end.failure is not None:
                raise end.failure from None
            return end.result
        finally:
            walking.cancel()
            await asyncio.gather(walking, return_exceptions=True)
            writing.cancel()
            run.journal.write()

    async def _carry_on(self, run: Run, argument: RunArgument, frame: Frame, walking: "asyncio.Task[None]") -> None:
        """Continue as new; return when what would have to be handed on is too large for now."""
        state = Carried(outermost=without_unneeded(run.plan, frame.state), decisions=self._decisions.early)
        following = RunArgument(workflow_id=argument.workflow_id, version=argument.version, input=argument.input)
        handed_on = {**following.model_dump(mode="json", exclude={"carried"}), "carried": state.to_json()}
        # As the SDK writes it: six bytes and more for a character that is not ASCII.
        size = len(json.dumps(handed_on))
        events = workflow.info().get_current_history_length()
        if size > LARGEST_BYTES:
            if events > LAST_EVENTS:
                raise failed(_too_large(size, events), TOO_LARGE)
            run.pace.go_on(until_events=events + FURTHER_EVENTS)
            return
        run.pace.is_carrying = True
        walking.cancel()
        await asyncio.gather(walking, return_exceptions=True)
        run.journal.write()
        built = BuiltRun(workflow_id=argument.workflow_id, version=argument.version)
        workflow.continue_as_new(handed_on, memo={MEMO_RUN: built.model_dump(mode="json")})


def _argument(arguments: Sequence[RawValue]) -> RunArgument:
    try:
        given = [workflow.payload_converter().from_payload(argument.payload) for argument in arguments]
        return RunArgument.model_validate(*given)
    except (TypeError, ValueError, RuntimeError, KeyError) as error:
        raise failed(
            "This run was not started as Watchglass starts runs: its one argument is "
            f'{{"workflowId", "version", "input"}}. Start it from the page, or by the API. ({error})',
            "InvalidInput",
        ) from error


async def _read_graph(argument: RunArgument) -> Graph:
    """The graph of the pinned version. It is in the history, so that whoever reads that can draw it."""
    found = await workflow.execute_activity(
        READ_GRAPH,
        {"workflowId": argument.workflow_id, "version": argument.version},
        activity_id=READ_GRAPH,
        start_to_close_timeout=timedelta(seconds=30),
        retry_policy=_READING,
        summary="Read the drawing",
    )
    try:
        return Graph.model_validate(found)
    except ValidationError as error:
        raise failed(
            f"This worker cannot read version {argument.version} of the workflow: it may be older than the version. "
            f"Update the worker and start again. ({error})",
            "InvalidGraph",
        ) from error


def _note_cancelled(carried: Carried) -> None:
    """What the run before had begun is over, though this one never came to go on with it."""
    journal = Journal()
    for node_id in carried.outermost.begun:
        journal.note(node_id, (), "cancelled")
    journal.write()


def _too_large(size: int, events: int) -> str:
    return (
        f"After {events:,} events this run would have to carry on as a new one, and what it knows by now, "
        f"{size / 1e6:.1f} MB of JSON, is more than the 2 MB that Temporal lets it hand on. Let its steps give less "
        "back: only what later steps use, or where a large value is kept instead of the value."
    )

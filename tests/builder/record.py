"""Runs the drawings of `every_kind` on a real Temporal and keeps their histories: `python -m tests.builder.record`."""

import asyncio
import json
import shutil
from contextlib import suppress
from pathlib import Path

from google.protobuf.message import Message
from temporalio.client import Client, WorkflowFailureError
from tests.builder.drawings import COMPONENTS, activity, drawing, node
from tests.builder.every_kind import (
    CANCELLED,
    ENDS_BADLY,
    EVERY_KIND,
    EXPRESSION_FAILS,
    FAILS_INSIDE,
    MORE_COMPONENTS,
)
from tests.builder.runs import Bench, Handle, events_of, journal_of
from tests.servers import make_shared_directory

from watchglass.builder.component import registered_in
from watchglass.builder.worker import project_worker
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.graph import builder_queue
from watchglass.parse.export import history_json

RECORDED = Path(__file__).parents[1] / "fixtures" / "drawn"


async def main() -> None:
    directory = make_shared_directory()
    server = EmbeddedTemporal(directory, preferred_port=0)
    await server.start()
    try:
        bench = Bench(await Client.connect(server.address))
        await _record(bench)
    finally:
        await server.stop()
        shutil.rmtree(directory)


async def _record(bench: Bench) -> None:
    worker = project_worker(
        bench.client,
        task_queue=builder_queue(bench.project_id),
        components=registered_in([*COMPONENTS, *MORE_COMPONENTS]),
        read_graph=bench.read_graph,
    )
    RECORDED.mkdir(exist_ok=True)
    async with worker:
        every = await bench.start(EVERY_KIND, {"name": "ada", "numbers": [1, "two", 3]})
        await _until(every, "ask")
        await bench.decide(every, "ask")
        await _keep("every-kind", every)
        await _keep("fails-inside", await bench.start(FAILS_INSIDE, {"words": ["no", "never"]}))
        await _keep("ends-badly", await bench.start(ENDS_BADLY, {}))
        await _keep("expression-fails", await bench.start(EXPRESSION_FAILS, {}))
        cancelled = await bench.start(CANCELLED, {})
        await asyncio.sleep(2)
        await cancelled.cancel()
        await _keep("cancelled", cancelled)
        inner = drawing("Inner", [activity("shout", "shout", {"text": "=input.name"})], "start>shout")
        call = node(
            "call",
            "workflow",
            workflow="Inner",
            workflowId=str(bench.save(inner)),
            version=1,
            taskQueue=builder_queue(bench.project_id),
            input={"name": "ada"},
        )
        outer = await bench.start(drawing("Outer", [call], "start>call"), {})
        await _keep("calls-another", outer)
        await _keep("is-called", bench.client.get_workflow_handle(f"{outer.id}/call"))


async def _until(handle: Handle, node_id: str) -> None:
    async with asyncio.timeout(60):
        while not any(entry["node"] == node_id for entry in await journal_of(handle)):
            await asyncio.sleep(0.1)


async def _keep(name: str, handle: Handle) -> None:
    with suppress(WorkflowFailureError):
        await handle.result()
    events = await events_of(handle)
    for event in events:
        forget_stacks(event)
    text = json.dumps(history_json(events), indent=1, ensure_ascii=False)
    (RECORDED / f"{name}.json").write_text(text + "\n")


def forget_stacks(message: Message) -> None:
    """Stack traces tell of the machine that they were made on."""
    for field, value in message.ListFields():
        if field.name == "stack_trace":
            message.ClearField("stack_trace")
        elif isinstance(value, Message):
            forget_stacks(value)


if __name__ == "__main__":
    asyncio.run(main())

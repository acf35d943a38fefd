"""Records a history of every kind of node, to be replayed by later versions of the interpreter.

    PYTHONPATH=src:. python -m tests.builder.record_replay NAME

writes tests/builder/histories/<drawing>.NAME.json. Those of earlier names stay: they are what open runs look like that
newer code has to take over.
"""

import asyncio
import json
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError
from tests.builder.drawings import activity, drawing, node
from tests.builder.record import forget_stacks
from tests.builder.runs import Bench, Handle, events_of, journal_of
from tests.servers import make_shared_directory

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.graph import Graph
from watchglass.parse.export import history_json

HISTORIES = Path(__file__).parent / "histories"
SUGGESTED_AFTER = "120"

QUESTION = '="Send " + string(has(nodes.each) ? size(nodes.each) : 0) + "?"'
Act = Callable[[Bench, Handle], Awaitable[None]]


async def nothing(bench: Bench, handle: Handle) -> None:
    """Let it run."""


async def approve(bench: Bench, handle: Handle) -> None:
    await reached(handle, "ask")
    await bench.decide(handle, "ask", values={"note": "fine"})


async def answer_early(bench: Bench, handle: Handle) -> None:
    await bench.decide(handle, "ask", approved=False)


async def cancel(bench: Bench, handle: Handle) -> None:
    await reached(handle, "ask")
    await handle.cancel()


async def reached(handle: Handle, id: str) -> None:
    while id not in [entry["node"] for entry in await journal_of(handle)]:
        await asyncio.sleep(0.1)


def everything(child_id: str) -> Graph:
    """Every kind of node."""
    nodes = [
        node("prepare", "set", values={"names": "=input.names", "note": "==as it is"}),
        activity("shout", "shout", {"text": '=input.names[0] + "!"'}, name="Say it louder"),
        node("any-names", "branch", cases=[{"port": "several", "when": "size(input.names) > 1"}]),
        node("none", "set", values={}),
        node("both", "parallel"),
        node(
            "each", "for_each", items="input.names", concurrency=2, on_error="continue", result="nodes.each_shout.text"
        ),
        activity("loud", "shout", {"text": "=item"}, parent="each"),
        node("inner", "for_each", items="[1, 2]", parent="each"),
        activity("double", "double", {"number": "=item + index + loops.each.index"}, parent="inner"),
        node("nap", "wait", seconds=0.2),
        node("join", "join"),
        activity("refuse", "refuse", {"text": "not today"}),
        node("child", "workflow", workflow="Small", workflow_id=child_id, version=1, input={"name": "=input.names[0]"}),
        node("first", "join", mode="any"),
        node(
            "ask",
            "approval",
            question='="Send " + string(has(nodes.each) ? size(nodes.each) : 0) + "?"',
            timeout_seconds=60,
        ),
        node("yes", "end", result={"each": "=nodes.each", "error": "=errors.refuse", "child": "=nodes.child"}),
        node("no", "end", outcome="failed", error_type="Refused", message="Nobody wants it"),
    ]
    return drawing(
        "Everything",
        nodes,
        *("start>prepare>shout>any-names", "any-names.several>both", "any-names.otherwise>none"),
        *("both>each>join", "both>nap>join", "each.each>loud>inner", "inner.each>double"),
        *("join>refuse", "refuse.error>child>first>ask", "none>first", "ask.approved>yes", "ask.rejected>no"),
    )


SMALL = drawing(
    "Small",
    [activity("shout", "shout", {"text": "=input.name"}), node("end", "end", result="=nodes.shout")],
    "start>shout>end",
)
LONG = drawing(
    "Long",
    [
        node("each", "for_each", items="input.numbers", concurrency=4, result="nodes.double.number"),
        activity("double", "double", {"number": "=item"}, parent="each"),
        node("ask", "approval", question="Go on?", timeout_seconds=3600),
        node("first", "join", mode="any"),
        node("end", "end", result="=size(nodes.each)"),
    ],
    *("start>each>first>end", "start>ask", "ask.approved>first", "each.each>double"),
)
CONTROLS = drawing(
    "Controls",
    [
        node("each", "for_each", items="input.numbers", concurrency=50, result="nodes.half"),
        node("half", "set", values={"half": "=item / 2"}, parent="each"),
    ],
    *("start>each", "each.each>half"),
)
FAILS = drawing(
    "Fails",
    [activity("unlucky", "watchglass.random_failure", {"probability": 1}), node("slow", "wait", seconds=600)],
    *("start>unlucky", "start>slow"),
)
WRONG = drawing("Wrong", [node("wrong", "set", values={"a": "=nodes.nobody"})], "start>wrong")


async def record(name: str) -> None:
    directory = make_shared_directory()
    server = EmbeddedTemporal(
        directory, preferred_port=0, dynamic_config={"limit.historyCount.suggestContinueAsNew": SUGGESTED_AFTER}
    )
    await server.start()
    HISTORIES.mkdir(exist_ok=True)
    bench = Bench(await Client.connect(server.address, identity="worker"))
    small = str(bench.save(SMALL))
    names: Any = {"names": ["ada", 7, "grace"]}
    plays: list[tuple[str, Graph, Any, Act]] = [
        ("everything", everything(small), names, approve),
        ("refused", everything(small), names, answer_early),
        ("otherwise", everything(small), {"names": ["ada"]}, approve),
        ("cancelled", everything(small), names, cancel),
        ("long", LONG, {"numbers": list(range(60))}, nothing),
        ("controls", CONTROLS, {"numbers": list(range(700))}, nothing),
        ("fails", FAILS, {}, nothing),
        ("wrong", WRONG, {}, nothing),
    ]
    async with bench.working():
        for file, graph, input, act in plays:
            handle = await bench.start(graph, input)
            await act(bench, handle)
            await _ended(bench, handle)
            await _keep(bench, handle, f"{file}.{name}")
    await server.stop()
    shutil.rmtree(directory)


async def _ended(bench: Bench, handle: Handle) -> None:
    try:
        await bench.client.get_workflow_handle(handle.id).result()
    except WorkflowFailureError as error:
        print(f"{handle.id} failed: {error.cause}")


async def _keep(bench: Bench, handle: Handle, file: str) -> None:
    """Each run of the chain."""
    run_id, number = handle.first_execution_run_id or handle.run_id, 1
    while run_id:
        run = bench.client.get_workflow_handle(handle.id, run_id=run_id)
        path = HISTORIES / f"{file}{'' if number == 1 else f'-{number}'}.json"
        events = await events_of(run)
        for event in events:
            forget_stacks(event)
        path.write_text(json.dumps(history_json(events), indent=1, ensure_ascii=False) + "\n")
        run_id = events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        number += 1


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))

"""Long runs carry on as new ones, and a worker that dies at any point leaves nothing behind."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import new_id
from tests.builder.drawings import activity, drawing, node
from tests.builder.runs import Bench, Handle, events_of, journal_of, scheduled, told, upserts_of
from tests.servers import make_shared_directory

from watchglass.builder.worker import project_worker
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.journal import PAUSE

pytestmark = pytest.mark.acceptance


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def usual(temporal: EmbeddedTemporal) -> AsyncIterator[Bench]:
    bench = Bench(await Client.connect(temporal.address))
    async with bench.working():
        yield bench


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bench() -> AsyncIterator[Bench]:
    """A Temporal that suggests a new run after 400 events instead of 4,096."""
    directory = make_shared_directory()
    server = EmbeddedTemporal(
        directory, preferred_port=0, dynamic_config={"limit.historyCount.suggestContinueAsNew": "400"}
    )
    await server.start()
    bench = Bench(await Client.connect(server.address))
    async with bench.working():
        yield bench
    await server.stop()
    shutil.rmtree(directory)


async def chain_of(bench: Bench, handle: Handle) -> list[Handle]:
    """The runs that carry each other on, in their order."""
    chain = []
    run_id: str | None = handle.first_execution_run_id or handle.run_id
    while run_id:
        run = bench.client.get_workflow_handle(handle.id, run_id=run_id)
        chain.append(run)
        last = (await events_of(run))[-1]
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id or None
    return chain


async def carried_on(bench: Bench, handle: Handle) -> list[Handle]:
    """The runs, once there are two."""

    async def several() -> list[Handle]:
        runs = await chain_of(bench, handle)
        return runs if len(runs) > 1 else []

    runs = await eventually(several)
    assert runs
    return runs


async def test_a_loop_of_five_thousand_items_carries_on_as_new_runs_and_does_each_item_once(usual: Bench) -> None:
    nodes = [
        activity("before", "shout", {"text": "kept"}),
        node("each", "for_each", items="input.numbers", concurrency=50, result="nodes.double.number"),
        activity("double", "double", {"number": "=item"}, parent="each"),
        node("end", "end", result={"sum": "=size(nodes.each)", "last": "=nodes.each[4999]", "before": "=nodes.before"}),
    ]
    graph = drawing("Thousands", nodes, "start>before>each>end", "each.each>double")
    handle = await usual.start(graph, {"numbers": list(range(5000))})
    result = await usual.client.get_workflow_handle(handle.id).result()
    assert result == {"sum": 5000, "last": 9998, "before": {"text": "KEPT"}}
    runs = await chain_of(usual, handle)
    assert len(runs) >= 3
    done = [id for run in runs for id in scheduled(await events_of(run)) if id.startswith("double")]
    assert sorted(done) == sorted(f"double[{index}]" for index in range(5000))
    assert max([len(await events_of(run)) for run in runs]) < 10_000
    for run in runs:
        assert await (await run.describe()).memo_value("watchglass") == await (await handle.describe()).memo_value(
            "watchglass"
        )
    [started] = [entry for entry in told(await journal_of(runs[-1])) if entry[2] == "started"]
    assert started == ("each", (), "started", None)


async def test_control_nodes_alone_are_done_in_short_workflow_tasks(bench: Bench) -> None:
    nodes = [
        node("each", "for_each", items="input.numbers", concurrency=100),
        node("odd", "branch", parent="each", cases=[{"port": "yes", "when": "item % 2 == 1"}]),
        node("one", "set", parent="each", values={"odd": "=item"}),
        node("two", "set", parent="each", values={"even": "=item"}),
        node("end", "end", result="=size(nodes.each)"),
    ]
    graph = drawing("Controls", nodes, "start>each>end", "each.each>odd", "odd.yes>one", "odd.otherwise>two")
    handle = await bench.start(graph, {"numbers": list(range(2000))})
    assert await bench.client.get_workflow_handle(handle.id).result() == 2000
    runs = await chain_of(bench, handle)
    pauses = [
        event
        for run in runs
        for event in await events_of(run)
        if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED
    ]
    assert {event.user_metadata.summary.data.decode().strip('"') for event in pauses} == {PAUSE}
    assert 10 <= len(pauses) < 200
    entries = [entry for run in runs for entry in await journal_of(run)]
    assert len([entry for entry in entries if entry["node"] == "one" and entry["state"] == "skipped"]) == 1000
    sizes = [len(str(upsert)) for run in runs for upsert in await upserts_of(run)]
    assert max(sizes) < 500_000


async def test_what_waits_is_carried_on_and_still_answered(bench: Bench) -> None:
    """An approval, a timer and an early answer outlive the run in which they began."""
    nodes = [
        node("ask", "approval", question="Go on?", timeout_seconds=3600),
        node("nap", "wait", seconds=3600),
        node("any", "join", mode="any"),
        node("each", "for_each", items="input.numbers", concurrency=100),
        activity("double", "double", {"number": "=item"}, parent="each"),
        node("later", "approval", question="And now?"),
        node("both", "join"),
        node("end", "end", result={"by": "=nodes.ask.by", "and": "=nodes.later.values"}),
    ]
    graph = drawing(
        "Waits",
        nodes,
        *("start>ask", "start>nap>any", "start>each>later", "each.each>double"),
        *("ask.approved>both", "later.approved>both", "both>end"),
    )
    handle = await bench.start(graph, {"numbers": list(range(200))})
    await bench.decide(handle, "later", values={"early": True})
    newest = bench.client.get_workflow_handle(handle.id)
    runs = await carried_on(bench, handle)
    kinds = [event.event_type for event in await events_of(runs[0])]
    assert kinds.count(EventType.EVENT_TYPE_TIMER_STARTED) == kinds.count(EventType.EVENT_TYPE_TIMER_CANCELED) == 2
    assert "cancelled" not in [state for _, _, state, _ in told(await journal_of(runs[0]))]
    await bench.decide(handle, "ask")
    assert await newest.result() == {"by": "ada", "and": {"early": True}}


async def test_what_is_too_large_to_hand_on_is_handed_on_later_or_not_at_all(bench: Bench) -> None:
    """Results of no use to anybody ahead are left behind."""
    nodes = [
        node("big", "set", values={"text": "=input.text"}),
        node("bigger", "set", values={"text": "=nodes.big.text + nodes.big.text"}),
        node("each", "for_each", items="input.numbers", concurrency=100, result="null"),
        activity("double", "double", {"number": "=item"}, parent="each"),
        node("end", "end", result="=size(nodes.big.text)"),
    ]
    graph = drawing("Large", nodes, "start>big>bigger>each>end", "each.each>double")
    handle = await bench.start(graph, {"text": "x" * 500_000, "numbers": list(range(200))})
    assert await bench.client.get_workflow_handle(handle.id).result() == 500_000
    _, second, *_ = await chain_of(bench, handle)
    [started] = [e for e in await events_of(second) if e.event_id == 1]
    [argument] = await bench.client.data_converter.decode(
        started.workflow_execution_started_event_attributes.input.payloads
    )
    assert argument["carried"]["outermost"]["ends"]["bigger"] == {"port": "next"}
    assert len(argument["carried"]["outermost"]["ends"]["big"]["output"]["text"]) == 500_000


async def test_a_run_that_knows_too_much_fails_in_words(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [
        node("each", "for_each", items="input.numbers", concurrency=100),
        activity("shout", "shout", {"text": "=input.text"}, parent="each"),
    ]
    graph = drawing("TooMuch", nodes, "start>each", "each.each>shout")
    monkeypatch.setattr("watchglass.builder.interpreter.LAST_EVENTS", 700)
    monkeypatch.setattr("watchglass.builder.interpreter.FURTHER_EVENTS", 100)
    handle = await bench.start(graph, {"text": "x" * 20_000, "numbers": list(range(400))})
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result(follow_runs=False)
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == "TooLarge"
    assert "more than the 2 MB that Temporal lets it hand on" in caught.value.cause.message


async def test_what_a_run_knows_is_measured_as_it_is_sent(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter with an accent takes two bytes in a text, and six where the SDK writes it."""
    nodes = [
        node("twice", "set", values={"text": "=input.text + input.text"}),
        node("each", "for_each", items="input.numbers", concurrency=100, result="null"),
        activity("double", "double", {"number": "=item"}, parent="each"),
        node("end", "end", result="=size(nodes.twice.text)"),
    ]
    graph = drawing("Accents", nodes, "start>twice>each>end", "each.each>double")
    monkeypatch.setattr("watchglass.builder.interpreter.LAST_EVENTS", 700)
    monkeypatch.setattr("watchglass.builder.interpreter.FURTHER_EVENTS", 100)
    handle = await bench.start(graph, {"text": "é" * 200_000, "numbers": list(range(400))})
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result(follow_runs=False)
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == "TooLarge"


async def test_it_is_cancelled_in_the_middle_of_a_long_loop(bench: Bench) -> None:
    nodes = [
        node("each", "for_each", items="input.numbers", concurrency=20),
        activity("double", "double", {"number": "=item"}, parent="each"),
    ]
    handle = await bench.start(drawing("Stopped", nodes, "start>each", "each.each>double"), {"numbers": [0] * 2000})
    newest = bench.client.get_workflow_handle(handle.id)
    await carried_on(bench, handle)
    await newest.cancel()
    with pytest.raises(WorkflowFailureError):
        await newest.result()
    status: Any = (await newest.describe()).status
    assert status.name == "CANCELED"
    assert ("each", (), "cancelled", None) in told(await journal_of(newest))


async def test_a_loop_is_not_held_up_by_a_step_that_takes_long(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchglass.builder.pace.PATIENCE", timedelta(seconds=0.1))
    nodes = [
        activity("long", "watchglass.random_failure", {"probability": 0, "seconds": 12}),
        node("nap", "wait", seconds=1),
        node("each", "for_each", items="input.numbers", concurrency=50),
        activity("double", "double", {"number": "=item"}, parent="each"),
    ]
    graph = drawing("Beside", nodes, "start>long", "start>nap>each", "each.each>double")
    handle = await bench.start(graph, {"numbers": [0] * 200})
    await bench.client.get_workflow_handle(handle.id).result()
    [run] = await chain_of(bench, handle)
    assert len(await events_of(run)) > 600


async def test_one_that_is_cancelled_before_it_goes_on_tells_what_is_over(bench: Bench) -> None:
    async def never(workflow_id: str, version: int) -> Any:
        await asyncio.Event().wait()

    carried = {"outermost": {"ends": {"start": {"port": "next"}}, "begun": {"each": {"loop": {"results": [1]}}}}}
    argument = {"workflowId": "w", "version": 1, "input": {}, "carried": carried}
    queue = new_id("never")
    async with project_worker(bench.client, task_queue=queue, components=[], read_graph=never):
        handle = await bench.client.start_workflow("Goes on", argument, id=queue, task_queue=queue)

        async def reads() -> bool:
            return bool(scheduled(await events_of(handle)))

        assert await eventually(reads)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    status: Any = (await handle.describe()).status
    assert status.name == "CANCELED"
    assert told(await journal_of(handle)) == [("each", (), "cancelled", None)]

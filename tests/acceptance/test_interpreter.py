"""Drawings run on a real Temporal: what each kind of node does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio import activity as temporalio_activity
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError
from temporalio.worker import Worker
from tests.builder.drawings import activity, drawing, node
from tests.builder.runs import Bench, events_of, journal_of, scheduled, summaries, told, upserts_of

from watchglass.builder.start import start_run
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.journal import READ_GRAPH

pytestmark = pytest.mark.acceptance


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bench(temporal: EmbeddedTemporal) -> AsyncIterator[Bench]:
    bench = Bench(await Client.connect(temporal.address))
    async with bench.working():
        yield bench


async def failure_of(bench: Bench, *given: Any) -> BaseException:
    with pytest.raises(WorkflowFailureError) as caught:
        await bench.run(*given)
    assert caught.value.cause is not None
    return caught.value.cause


CHAIN = drawing(
    "Chain",
    [
        activity("shout", "shout", {"text": "=input.name"}, name="Say it louder"),
        node("both", "set", values={"said": "=nodes.shout.text", "plain": "==x", "list": ["=1 + 1"]}),
        node("end", "end", result="=nodes.both"),
    ],
    "start>shout>both>end",
)


class TestSteps:
    async def test_values_go_from_node_to_node(self, bench: Bench) -> None:
        assert await bench.run(CHAIN, {"name": "ada"}) == {"said": "ADA", "plain": "=x", "list": [2]}

    async def test_an_activitys_id_is_its_node_and_its_summary_the_nodes_name(self, bench: Bench) -> None:
        handle = await bench.start(CHAIN, {"name": "ada"})
        await handle.result()
        events = await events_of(handle)
        assert scheduled(events) == [READ_GRAPH, "shout"]
        kind = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        assert summaries(events, kind) == ["Read the drawing", "Say it louder"]

    async def test_control_nodes_are_written_down_once_a_workflow_task(self, bench: Bench) -> None:
        handle = await bench.start(CHAIN, {"name": "ada"})
        await handle.result()
        upserts = [told(entries) for entries in await upserts_of(handle)]
        assert upserts == [
            [("start", (), "completed", "next")],
            [("both", (), "completed", "next"), ("end", (), "completed", None)],
        ]

    async def test_a_node_that_chose_nothing_is_tried_three_times(self, bench: Bench) -> None:
        graph = drawing(
            "Unlucky", [activity("unlucky", "watchglass.random_failure", {"probability": 1})], "start>unlucky"
        )
        error = await failure_of(bench, graph)
        assert isinstance(error, ActivityError)
        assert error.activity_id == "unlucky"
        assert error.cause is not None
        assert "Attempt 3 failed by chance" in str(error.cause)

    async def test_a_functions_input_is_checked_and_the_field_named(self, bench: Bench) -> None:
        error = await failure_of(bench, drawing("Bad", [activity("shout", "shout", {"text": 7})], "start>shout"))
        assert isinstance(error.__cause__, ApplicationError)
        assert (error.__cause__.type, error.__cause__.non_retryable) == ("InvalidInput", True)
        assert "text: Input should be a valid string" in error.__cause__.message

    async def test_a_function_that_is_not_async_runs_too(self, bench: Bench) -> None:
        nodes = [activity("double", "double", {"number": 4}), node("end", "end", result="=nodes.double.number")]
        assert await bench.run(drawing("Double", nodes, "start>double>end")) == 8

    async def test_data_is_transformed(self, bench: Bench) -> None:
        given = {"data": "=input.orders", "expression": "data.filter(o, o.total > 10).map(o, o.id)"}
        nodes = [activity("transform", "watchglass.transform", given), node("end", "end", result="=nodes.transform")]
        graph = drawing("Transform", nodes, "start>transform>end")
        assert await bench.run(graph, {"orders": [{"id": 1, "total": 5}, {"id": 2, "total": 50}]}) == [2]


BRANCH = drawing(
    "Branch",
    [
        node("size", "branch", cases=[{"port": "big", "when": "input.n > 10"}, {"port": "mid", "when": "input.n > 5"}]),
        node("big", "set", values={"way": "big"}),
        node("mid", "set", values={"way": "mid"}),
        node("small", "set", values={"way": "small"}),
        node("after-small", "set", values={}),
        node("join", "join"),
        node("end", "end", result="=has(nodes.big) ? nodes.big : has(nodes.mid) ? nodes.mid : nodes.small"),
    ],
    "start>size",
    "size.big>big>join",
    "size.mid>mid>join",
    "size.otherwise>small>after-small>join",
    "join>end",
)


class TestBranches:
    @pytest.mark.parametrize(("n", "way"), [(20, "big"), (7, "mid"), (1, "small")])
    async def test_the_first_case_that_is_true_is_taken(self, bench: Bench, n: int, way: str) -> None:
        assert await bench.run(BRANCH, {"n": n}) == {"way": way}

    async def test_what_is_not_taken_is_passed_over_and_said_so(self, bench: Bench) -> None:
        handle = await bench.start(BRANCH, {"n": 20})
        await handle.result()
        assert told(await journal_of(handle)) == [
            ("start", (), "completed", "next"),
            ("size", (), "completed", "big"),
            ("mid", (), "skipped", None),
            ("small", (), "skipped", None),
            ("after-small", (), "skipped", None),
            ("big", (), "completed", "next"),
            ("join", (), "completed", "next"),
            ("end", (), "completed", None),
        ]

    async def test_a_case_that_is_no_truth_fails_with_its_place(self, bench: Bench) -> None:
        nodes = [node("odd", "branch", name="Odd?", cases=[{"port": "yes", "when": "3"}]), node("end", "end")]
        error = await failure_of(bench, drawing("Odd", nodes, "start>odd", "odd.yes>end"))
        assert isinstance(error, ApplicationError)
        assert (error.type, error.non_retryable) == ("ExpressionFailed", True)
        assert error.message == "Odd? (odd): /cases/0/when: This gives a number, which is neither true nor false."

    async def test_any_goes_on_with_the_first_and_the_end_stops_the_other(self, bench: Bench) -> None:
        nodes = [
            node("both", "parallel"),
            node("slow", "wait", seconds=3600),
            activity("quick", "double", {"number": 1}),
            node("any", "join", mode="any"),
            node("end", "end", result="first"),
        ]
        handle = await bench.start(drawing("Any", nodes, "start>both>slow>any>end", "both>quick>any"))
        assert await handle.result() == "first"
        assert ("slow", (), "cancelled", None) in told(await journal_of(handle))
        assert EventType.EVENT_TYPE_TIMER_CANCELED in [event.event_type for event in await events_of(handle)]


def loop(**more: Any) -> Any:
    """Doubles each number of the input in the body of a for-each node."""
    nodes = [
        node("each", "for_each", items="input.numbers", **more),
        activity("double", "double", {"number": "=item"}, parent="each"),
        node("end", "end", result="=nodes.each"),
    ]
    return drawing("Loop", nodes, "start>each>end", "each.each>double")


class TestForEach:
    @pytest.mark.parametrize("concurrency", [1, 3, 100])
    async def test_the_results_come_in_the_order_of_the_items(self, bench: Bench, concurrency: int) -> None:
        graph = loop(concurrency=concurrency, result="nodes.double.number")
        assert await bench.run(graph, {"numbers": [1, 2, 3, 4, 5]}) == [2, 4, 6, 8, 10]

    async def test_without_a_result_it_is_the_last_nodes_output(self, bench: Bench) -> None:
        assert await bench.run(loop(), {"numbers": [1, 2]}) == [{"number": 2}, {"number": 4}]

    async def test_no_items_are_no_matter(self, bench: Bench) -> None:
        assert await bench.run(loop(), {"numbers": []}) == []

    async def test_ids_carry_the_item_and_the_journal_the_count(self, bench: Bench) -> None:
        handle = await bench.start(loop(concurrency=2), {"numbers": [1, 2]})
        await handle.result()
        assert scheduled(await events_of(handle)) == [READ_GRAPH, "double[0]", "double[1]"]
        [started] = [e for e in await journal_of(handle) if e["state"] == "started"]
        assert (started["node"], started["count"]) == ("each", 2)

    async def test_no_more_run_at_once_than_said(self, bench: Bench) -> None:
        nodes = [
            node("each", "for_each", items="[1, 2, 3, 4, 5, 6]", concurrency=2),
            activity("busy", "watchglass.random_failure", {"probability": 0, "seconds": 0.2}, parent="each"),
        ]
        handle = await bench.start(drawing("Bounded", nodes, "start>each", "each.each>busy"))
        await handle.result()
        open_now = most = 0
        for event in await events_of(handle):
            open_now += event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
            open_now -= event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
            most = max(most, open_now)
        assert most == 2

    async def test_bodies_inside_bodies_see_both_items(self, bench: Bench) -> None:
        nodes = [
            node("rows", "for_each", items="input.rows", concurrency=2),
            node("cells", "for_each", items="item", concurrency=2, parent="rows", result="nodes.double.number"),
            activity("double", "double", {"number": "=item + 100 * loops.rows.index"}, parent="cells"),
            node("end", "end", result="=nodes.rows"),
        ]
        graph = drawing("Nested", nodes, "start>rows>end", "rows.each>cells", "cells.each>double")
        handle = await bench.start(graph, {"rows": [[1, 2], [3]]})
        assert await handle.result() == [[2, 4], [206]]
        assert sorted(scheduled(await events_of(handle))[1:]) == ["double[0.0]", "double[0.1]", "double[1.0]"]

    async def test_a_failed_item_fails_it_with_the_items_error(self, bench: Bench) -> None:
        error = await failure_of(bench, loop(), {"numbers": [1, "two", 3]})
        assert isinstance(error, ActivityError)
        assert error.activity_id == "double[1]"

    async def test_or_the_others_go_on(self, bench: Bench) -> None:
        handle = await bench.start(loop(on_error="continue", result="nodes.double.number"), {"numbers": [1, "two", 3]})
        assert await handle.result() == [2, None, 6]
        entries = told(await journal_of(handle))
        assert ("each", (1,), "failed", None) in entries
        assert ("each", (), "completed", "next") in entries

    async def test_what_is_no_list_is_told(self, bench: Bench) -> None:
        error = await failure_of(bench, loop(), {"numbers": "many"})
        assert isinstance(error, ApplicationError)
        assert error.message == "each: /items: This gives a text, which is no list."


class TestBodies:
    async def test_an_end_in_a_body_ends_the_run(self, bench: Bench) -> None:
        nodes = [
            node("each", "for_each", items="[1, 2, 3]", concurrency=3, on_error="continue"),
            node("second", "branch", parent="each", cases=[{"port": "yes", "when": "index == 1"}]),
            node("found", "end", parent="each", result="=item"),
            node("slow", "wait", parent="each", seconds=3600),
        ]
        graph = drawing("Found", nodes, "start>each", "each.each>second", "second.yes>found", "second.otherwise>slow")
        handle = await bench.start(graph)
        assert await handle.result() == 2
        cancelled = {(n, i) for n, i, state, _ in told(await journal_of(handle)) if state == "cancelled"}
        assert cancelled >= {("slow", (0,))}

    async def test_a_loop_that_fails_ends_its_other_items_and_goes_where_its_error_leads(self, bench: Bench) -> None:
        nodes = [
            node("each", "for_each", items="[1, 2]", concurrency=2),
            node("first", "branch", parent="each", cases=[{"port": "yes", "when": "index == 0"}]),
            activity("refuse", "refuse", {"text": "no"}, parent="each"),
            node("slow", "wait", parent="each", seconds=3600),
            node("sorry", "end", result="=errors.each"),
        ]
        ways = ["start>each", "each.each>first", "first.yes>refuse", "first.otherwise>slow", "each.error>sorry"]
        handle = await bench.start(drawing("LoopFails", nodes, *ways))
        assert await handle.result() == {"type": "Refused", "message": "no"}
        entries = told(await journal_of(handle))
        assert ("slow", (1,), "cancelled", None) in entries
        assert ("each", (), "failed", "error") in entries
        assert EventType.EVENT_TYPE_TIMER_CANCELED in [event.event_type for event in await events_of(handle)]

    async def test_a_branch_in_a_body_passes_over_for_one_item_alone(self, bench: Bench) -> None:
        nodes = [
            node("each", "for_each", items="[1, 2]", result="has(nodes.odd) ? 'odd' : 'even'"),
            node("kind", "branch", parent="each", cases=[{"port": "yes", "when": "item % 2 == 1"}]),
            node("odd", "set", parent="each"),
            node("end", "end", result="=nodes.each"),
        ]
        graph = drawing("Parity", nodes, "start>each>end", "each.each>kind", "kind.yes>odd")
        assert await bench.run(graph) == ["odd", "even"]


class TestErrors:
    async def test_an_error_goes_where_its_edge_leads(self, bench: Bench) -> None:
        nodes = [
            activity("refuse", "refuse", {"text": "not today"}),
            node("sorry", "end", result="=errors.refuse"),
            node("fine", "end", result="fine"),
        ]
        handle = await bench.start(drawing("Sorry", nodes, "start>refuse>fine", "refuse.error>sorry"))
        assert await handle.result() == {"type": "Refused", "message": "not today"}
        entries = told(await journal_of(handle))
        assert ("refuse", (), "failed", "error") in entries
        assert ("fine", (), "skipped", None) in entries

    async def test_without_one_it_fails_the_run_with_the_steps_error(self, bench: Bench) -> None:
        error = await failure_of(
            bench, drawing("Refused", [activity("refuse", "refuse", {"text": "no"})], "start>refuse")
        )
        assert isinstance(error, ActivityError)
        assert isinstance(error.cause, ApplicationError)
        assert (error.cause.type, error.cause.message) == ("Refused", "no")

    async def test_an_expression_that_fails_names_node_field_and_place(self, bench: Bench) -> None:
        nodes = [activity("shout", "shout", {"text": "=input.nobody.name"}, name="Shout")]
        error = await failure_of(bench, drawing("Wrong", nodes, "start>shout"), {"somebody": 1})
        assert isinstance(error, ApplicationError)
        assert (error.type, error.non_retryable) == ("ExpressionFailed", True)
        assert error.message.startswith("Shout (shout): /input/text, at character ")

    async def test_an_expression_that_never_ends_is_bounded(self, bench: Bench) -> None:
        nodes = [node("heavy", "set", values={"a": "=input.l.map(a, input.l.map(b, input.l.map(c, a + b + c)))"})]
        error = await failure_of(bench, drawing("Heavy", nodes, "start>heavy"), {"l": list(range(200))})
        assert isinstance(error, ApplicationError)
        assert "more than 100,000 steps" in error.message

    async def test_an_end_can_fail_the_run(self, bench: Bench) -> None:
        nodes = [node("end", "end", outcome="failed", error_type="OutOfStock", message='="No " + input.what')]
        error = await failure_of(bench, drawing("Fails", nodes, "start>end"), {"what": "bread"})
        assert isinstance(error, ApplicationError)
        assert (error.type, error.message) == ("OutOfStock", "No bread")

    async def test_an_input_that_does_not_fit_fails_at_the_start_with_the_fields_name(self, bench: Bench) -> None:
        graph = drawing(
            "Typed", [], input_schema={"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}
        )
        workflow_id = bench.save(graph)
        with pytest.raises(WorkflowFailureError) as caught:
            await bench.client.execute_workflow(
                "Typed",
                {"workflowId": str(workflow_id), "version": 1, "input": {"n": "many"}},
                id=f"typed-{workflow_id}",
                task_queue=f"watchglass-{bench.project_id}",
            )
        assert isinstance(caught.value.cause, ApplicationError)
        assert "does not fit: “n” is a text" in caught.value.cause.message

    async def test_a_run_that_was_started_by_other_hands_is_told_how(self, bench: Bench) -> None:
        with pytest.raises(WorkflowFailureError) as caught:
            await bench.client.execute_workflow(
                "Anything", "hello", id=f"other-{bench.project_id}", task_queue=f"watchglass-{bench.project_id}"
            )
        assert "not started as Watchglass starts runs" in str(caught.value.cause)


class TestValues:
    async def test_what_is_too_large_for_temporal_fails_its_node_in_words(self, bench: Bench) -> None:
        nodes = [
            activity("fill", "fill", {"number": 1_100_000}),
            node("both", "set", values={"a": "=nodes.fill.text", "b": "x"}),
            activity("send", "shout", {"text": "=nodes.fill.text", "more": "=nodes.both.a"}),
        ]
        error = await failure_of(bench, drawing("Heavy", nodes, "start>fill>both>send"))
        assert isinstance(error, ApplicationError)
        assert error.type in ("TooLarge", "ExpressionFailed")
        assert "send: /input" in error.message

    async def test_a_step_of_another_language_may_give_back_what_is_no_json(self, bench: Bench) -> None:
        queue = f"pictures-{bench.project_id}"
        nodes = [
            activity("picture", "picture", {}, taskQueue=queue, retry={"strategy": "no_retries"}),
            node("sorry", "end", result="=errors.picture"),
        ]

        @temporalio_activity.defn(name="picture")
        async def drawn(given: dict[str, Any]) -> bytes:
            return b"\x89PNG"

        async with Worker(bench.client, task_queue=queue, activities=[drawn]):
            found = await bench.run(drawing("Picture", nodes, "start>picture", "picture.error>sorry"))
        assert found["type"] == "NotJson"
        assert "encoding binary/plain" in found["message"]

    async def test_a_step_may_give_back_half_a_character(self, bench: Bench) -> None:
        queue = f"halves-{bench.project_id}"
        nodes = [
            node("each", "for_each", items="[1, 2]"),
            activity("half", "half", {}, parent="each", taskQueue=queue),
            node("end", "end", result="=size(nodes.each)"),
        ]

        @temporalio_activity.defn(name="half")
        async def half(given: dict[str, Any]) -> str:
            return "\ud83d"

        async with Worker(bench.client, task_queue=queue, activities=[half]):
            assert await bench.run(drawing("Halves", nodes, "start>each>end", "each.each>half")) == 2

    @pytest.mark.parametrize("depth", [150, 5000])
    async def test_what_a_step_gives_back_is_not_too_deep(self, bench: Bench, depth: int) -> None:
        queue = f"depths-{depth}-{bench.project_id}"
        nodes = [
            activity("deep", "deep", {}, taskQueue=queue, retry={"strategy": "no_retries"}),
            node("sorry", "end", result="=errors.deep"),
        ]

        @temporalio_activity.defn(name="deep")
        async def deep(given: dict[str, Any]) -> RawValue:
            text = b"[" * depth + b"]" * depth
            return RawValue(Payload(metadata={"encoding": b"json/plain"}, data=text))

        async with Worker(bench.client, task_queue=queue, activities=[deep]):
            found = await bench.run(drawing("Depths", nodes, "start>deep", "deep.error>sorry"))
        assert found["type"] == "NotJson"
        assert "more than 100 deep" in found["message"]

    async def test_many_large_inputs_at_once_are_handed_out_in_several_workflow_tasks(self, bench: Bench) -> None:
        nodes = [
            node("each", "for_each", items="input.numbers", concurrency=60, result="size(nodes.shout.text)"),
            activity("shout", "shout", {"text": "=input.text"}, parent="each"),
            node("end", "end", result="=size(nodes.each)"),
        ]
        graph = drawing("Crowd", nodes, "start>each>end", "each.each>shout")
        assert await bench.run(graph, {"text": "x" * 100_000, "numbers": list(range(60))}) == 60


class TestWaits:
    async def test_a_timers_summary_is_its_node(self, bench: Bench) -> None:
        nodes = [node("nap", "wait", seconds="=0.05 + 0.05"), node("end", "end", result="rested")]
        graph = drawing("Nap", [{**nodes[0], "seconds": "0.05 + 0.05"}, nodes[1]], "start>nap>end")
        handle = await bench.start(graph)
        assert await handle.result() == "rested"
        assert summaries(await events_of(handle), EventType.EVENT_TYPE_TIMER_STARTED) == ["nap"]

    @pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "2001-01-01T00:00:00Z"])
    async def test_a_moment_that_is_past_is_not_waited_for(self, bench: Bench, at: str) -> None:
        nodes = [node("until", "wait", until="input.at"), node("end", "end", result="there")]
        assert await bench.run(drawing("Past", nodes, "start>until>end"), {"at": at}) == "there"

    async def test_until_a_moment(self, bench: Bench) -> None:
        nodes = [node("until", "wait", until="input.at"), node("end", "end", result="there")]
        moment = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
        handle = await bench.start(drawing("Until", nodes, "start>until>end"), {"at": moment})
        assert await handle.result() == "there"
        assert datetime.now(UTC).isoformat() >= moment

    async def test_a_moment_that_has_gone_by_sets_no_timer(self, bench: Bench) -> None:
        nodes = [node("until", "wait", until="input.at"), node("end", "end", result="there")]
        handle = await bench.start(drawing("Past", nodes, "start>until>end"), {"at": "2020-01-01T00:00:00Z"})
        assert await handle.result() == "there"
        assert summaries(await events_of(handle), EventType.EVENT_TYPE_TIMER_STARTED) == []
        assert ("until", (), "completed", "next") in told(await journal_of(handle))

    @pytest.mark.parametrize(
        ("field", "value", "part"),
        [
            ("seconds", "'soon'", "no number of seconds"),
            ("seconds", "-1", "no number of seconds"),
            ("until", "'soon'", "no moment"),
            ("until", "'2030-01-01T00:00:00'", "no moment with its time zone"),
        ],
    )
    async def test_what_is_no_time_is_told(self, bench: Bench, field: str, value: str, part: str) -> None:
        error = await failure_of(bench, drawing("Never", [node("wait", "wait", **{field: value})], "start>wait"))
        assert isinstance(error, ApplicationError)
        assert error.message.startswith(f"wait: /{field}: ")
        assert part in error.message


def approval(**more: Any) -> Any:
    nodes = [
        node("approve", "approval", question='="Refund " + string(input.amount) + "?"', **more),
        node("yes", "end", result="=nodes.approve"),
        node("no", "end", result="refused"),
        node("late", "end", result="late"),
    ]
    late = ["approve.timed-out>late"] if more else []
    return drawing("Approval", nodes, "start>approve", "approve.approved>yes", "approve.rejected>no", *late)


class TestApprovals:
    async def test_a_run_waits_for_an_answer(self, bench: Bench) -> None:
        handle = await bench.start(approval(), {"amount": 12})
        while not [e for e in await journal_of(handle) if e["node"] == "approve"]:
            pass
        [waiting] = [e for e in await journal_of(handle) if e["node"] == "approve"]
        assert (waiting["state"], waiting["output"]) == ("started", {"question": "Refund 12?"})
        await bench.decide(handle, "approve", values={"note": "fine"})
        output = await handle.result()
        assert output.pop("at")
        assert output == {"approved": True, "by": "ada", "values": {"note": "fine"}}

    async def test_an_answer_that_comes_before_the_question_counts(self, bench: Bench) -> None:
        nodes = [node("nap", "wait", seconds=1), *approval().model_dump(mode="json")["nodes"][1:]]
        graph = drawing("Early", nodes, "start>nap>approve", "approve.approved>yes", "approve.rejected>no")
        handle = await bench.start(graph, {"amount": 12})
        await bench.decide(handle, "approve", approved=False)
        assert await handle.result() == "refused"
        entries = [e for e in told(await journal_of(handle)) if e[0] == "approve"]
        assert entries == [("approve", (), "started", None), ("approve", (), "completed", "rejected")]

    async def test_the_first_answer_counts(self, bench: Bench) -> None:
        handle = await bench.start(approval(), {"amount": 12})
        await bench.decide(handle, "approve", approved=False)
        await bench.client.get_workflow_handle(handle.id).signal("watchglass_decide", "no answer at all")
        assert await handle.result() == "refused"

    async def test_patience_ends(self, bench: Bench) -> None:
        handle = await bench.start(approval(timeout_seconds=0.3), {"amount": 12})
        assert await handle.result() == "late"
        assert summaries(await events_of(handle), EventType.EVENT_TYPE_TIMER_STARTED) == ["approve"]

    async def test_each_item_has_an_answer_of_its_own(self, bench: Bench) -> None:
        nodes = [
            node("each", "for_each", items="[10, 20]", concurrency=2, result="nodes.ask.approved"),
            node("ask", "approval", parent="each", question="=item"),
            node("end", "end", result="=nodes.each"),
        ]
        handle = await bench.start(drawing("Asks", nodes, "start>each>end", "each.each>ask"))
        await bench.decide(handle, "ask", iteration=(1,), approved=False)
        await bench.decide(handle, "ask", iteration=(0,), approved=True)
        assert await handle.result() == [True, False]


class TestChildren:
    async def test_an_id_that_is_too_long_for_the_child_fails_in_words(self, bench: Bench) -> None:
        child = node("child", "workflow", workflow="Chain", workflowId=str(bench.save(CHAIN)), version=1)
        graph = drawing("Long", [child, node("end", "end", result="=errors.child")], "start>child", "child.error>end")
        id = f"long-{bench.project_id}".ljust(996, "x")
        started = await start_run(
            bench.access,
            graph=graph,
            workflow_id=bench.save(graph),
            version=1,
            project_id=bench.project_id,
            input={},
            temporal_workflow_id=id,
            by="ada",
        )
        found = await bench.client.get_workflow_handle(id, run_id=started[1]).result()
        assert "longer than the 1000 bytes" in found["message"]

    async def test_a_built_child_is_pinned_and_named_after_its_node(self, bench: Bench) -> None:
        child_id = bench.save(CHAIN)
        nodes = [
            node(
                "child",
                "workflow",
                workflow="Chain",
                workflow_id=str(child_id),
                version=1,
                input={"name": "=input.who"},
            ),
            node("end", "end", result="=nodes.child.said"),
        ]
        handle = await bench.start(drawing("Parent", nodes, "start>child>end"), {"who": "grace"})
        assert await handle.result() == "GRACE"
        child = bench.client.get_workflow_handle(f"{handle.id}/child")
        described = await child.describe()
        assert described.workflow_type == "Chain"
        assert await described.memo_value("watchglass") == {"workflowId": str(child_id), "version": 1}
        kind = EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
        assert summaries(await events_of(handle), kind) == ["child"]

    async def test_a_failed_child_fails_its_node_with_the_childs_error(self, bench: Bench) -> None:
        graph = drawing("Refuses", [activity("refuse", "refuse", {"text": "no"})], "start>refuse")
        nodes = [
            node("child", "workflow", workflow="Refuses", workflow_id=str(bench.save(graph)), version=1),
            node("sorry", "end", result="=errors.child"),
        ]
        assert await bench.run(drawing("Sad", nodes, "start>child", "child.error>sorry")) == {
            "type": "InvalidInput",
            "message": "The input is null, and an object is wanted.",
        }
        nodes[0] = {**nodes[0], "input": {}}
        assert await bench.run(drawing("Sad", nodes, "start>child", "child.error>sorry")) == {
            "type": "Refused",
            "message": "no",
        }
        error = await failure_of(bench, drawing("Sadder", nodes[:1], "start>child"))
        assert isinstance(error, ChildWorkflowError)


class TestCancelling:
    async def test_what_runs_is_cancelled_and_written_down(self, bench: Bench) -> None:
        long = drawing("Long", [node("sleep", "wait", seconds=3600)], "start>sleep")
        nodes = [
            node("child", "workflow", workflow="Long", workflow_id=str(bench.save(long)), version=1, input={}),
            activity("beat", "watchglass.random_failure", {"seconds": 600}, timeouts={"startToCloseSeconds": 700}),
            node("wait", "wait", seconds=3600),
            node("each", "for_each", items="[1, 2]", concurrency=2),
            node("ask", "approval", parent="each"),
            node("never", "set", values={}),
        ]
        graph = drawing(
            "Cancelled", nodes, "start>child", "start>beat>never", "start>wait", "start>each", "each.each>ask"
        )
        handle = await bench.start(graph)
        child = bench.client.get_workflow_handle(f"{handle.id}/child")
        while "sleep" not in summaries(await _events_or_none(child), EventType.EVENT_TYPE_TIMER_STARTED):
            pass
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        described = await handle.describe()
        assert described.status is not None and described.status.name == "CANCELED"
        assert (await child.describe()).status.name == "CANCELED"  # type: ignore[union-attr]
        cancelled = {(n, i) for n, i, state, _ in told(await journal_of(handle)) if state == "cancelled"}
        assert cancelled == {("child", ()), ("beat", ()), ("wait", ()), ("each", ()), ("ask", (0,)), ("ask", (1,))}
        kinds = [event.event_type for event in await events_of(handle)]
        assert EventType.EVENT_TYPE_TIMER_CANCELED in kinds
        assert EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED in kinds
        assert EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED in kinds


async def _events_or_none(handle: Any) -> list[Any]:
    try:
        return await events_of(handle)
    except Exception as error:
        assert "not found" in str(error)
        return []

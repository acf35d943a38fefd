"""Drawings that have every kind of node between them, and every way to end."""

import asyncio

from temporalio import activity as running
from temporalio.exceptions import ApplicationError
from tests.builder.drawings import Text, activity, drawing, node

from watchglass.builder.component import component


@component
async def third_time(given: Text) -> Text:
    """Fails twice."""
    if running.info().attempt < 3:
        raise ApplicationError("not yet", type="NotYet")
    return given


@component
async def forever(given: Text) -> Text:
    """Gives signs of life until it is cancelled."""
    while True:
        running.heartbeat()
        await asyncio.sleep(0.2)


MORE_COMPONENTS = (third_time, forever)
EVERY_KIND = drawing(
    "Every kind",
    [
        node("large", "branch", cases=[{"port": "yes", "when": "size(input.numbers) > 1"}]),
        node("small", "set", values={"a": 1}),
        node("fork", "parallel"),
        activity("shout", "shout", {"text": "=input.name"}, name="Say it louder"),
        node("rest", "wait", seconds=0.5),
        node("both", "join"),
        node("ask", "approval", question='="Go on with " + nodes.shout.text + "?"', form={"type": "object"}),
        node("each", "for_each", items="input.numbers", concurrency=2, onError="continue", result="nodes.twice.number"),
        activity("twice", "double", {"number": "=item"}, parent="each"),
        node("mark", "set", parent="each", values={"n": "=nodes.twice.number"}),
        activity(
            "lucky",
            "third_time",
            {"text": "x"},
            retry={"strategy": "fail_after", "maximumAttempts": 3, "initialIntervalSeconds": 0.1},
        ),
        activity("unlucky", "third_time", {"text": "x"}),
        activity("risky", "refuse", {"text": "no"}, retry={"strategy": "no_retries"}),
        node("sorry", "set", values={"said": "=errors.risky.message"}),
        node("end", "end", result="=nodes.each"),
    ],
    "start>large",
    "large.yes>fork",
    "large.otherwise>small>end",
    "fork>shout>both",
    "fork>rest>both",
    "both>ask",
    "ask.approved>each",
    "ask.rejected>end",
    "each.each>twice>mark",
    "each>lucky>unlucky>risky",
    "risky.error>sorry>end",
)
FAILS_INSIDE = drawing(
    "Fails inside",
    [
        node("each", "for_each", items="input.words"),
        activity("say", "refuse", {"text": "=item"}, parent="each", retry={"strategy": "no_retries"}),
        activity("after", "shout", {"text": "x"}),
        node("end", "end"),
    ],
    "start>each>after>end",
    "each.each>say",
)
ENDS_BADLY = drawing(
    "Ends badly",
    [activity("say", "refuse", {"text": "no"}), node("end", "end", outcome="failed", message="no")],
    "start>say",
    "say.error>end",
)
EXPRESSION_FAILS = drawing(
    "Expression", [activity("say", "shout", {"text": "=input.nothing"}), node("end", "end")], "start>say>end"
)
CANCELLED = drawing(
    "Cancelled",
    [
        activity("work", "forever", {"text": "x"}, timeouts={"heartbeatSeconds": 2, "startToCloseSeconds": 60}),
        node("rest", "wait", seconds=3600),
        node("end", "end"),
    ],
    "start>work>end",
    "start>rest>end",
)

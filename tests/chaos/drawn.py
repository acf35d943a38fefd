"""The workflows that the storm builds, and what every run of them has to come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.builder.drawings import activity, drawing, node

from watchglass.model.graph import Graph

_OFTEN = {"strategy": "fail_after", "maximumAttempts": 200, "initialIntervalSeconds": 0.3}
_QUICK = {"startToCloseSeconds": 3}
ITEMS = ("a", "b", "c", "d")

Steps = Mapping[tuple[str, tuple[int, ...]], Any]
"""Node and item → its output."""


def _step(id: str, component: str, text: str, **more: Any) -> dict[str, Any]:
    return activity(id, component, {"text": text}, retry=_OFTEN, timeouts=_QUICK, **more)


@dataclass(frozen=True)
class Drawn:
    graph: Graph
    input: Mapping[str, Any]
    result: Any
    steps: Steps
    """Of a run that completes: each once."""
    is_asked: bool = False
    """A person has to approve."""
    is_endless: bool = False
    """It waits until somebody cancels it."""


EACH = Drawn(
    drawing(
        "Each",
        [
            node("each", "for_each", items="input.items", concurrency=2, result="nodes.mark.text"),
            _step("mark", "stamp", "=item", parent="each"),
            _step("up", "stumble", "each", parent=None),
            node("end", "end", result=["=nodes.each", "=nodes.up.text"]),
        ],
        *("start>each>up>end", "each.each>mark"),
    ),
    input={"items": list(ITEMS)},
    result=[[f"stamped {item}" for item in ITEMS], "up again with each"],
    steps={("mark", (number,)): {"text": f"stamped {item}"} for number, item in enumerate(ITEMS)}
    | {("up", ()): {"text": "up again with each"}},
)
ASK = Drawn(
    drawing(
        "Ask",
        [
            _step("before", "stamp", "=input.word"),
            node("ask", "approval", question="=nodes.before.text"),
            _step("after", "stamp", "=nodes.before.text"),
            node("yes", "end", result="=nodes.after.text"),
            node("no", "end", outcome="failed"),
        ],
        *("start>before>ask", "ask.approved>after>yes", "ask.rejected>no"),
    ),
    input={"word": "w"},
    result="stamped stamped w",
    steps={("before", ()): {"text": "stamped w"}, ("after", ()): {"text": "stamped stamped w"}},
    is_asked=True,
)
ENDLESS = Drawn(
    drawing("Endless", [_step("mark", "stamp", "once"), node("nap", "wait", seconds=3600)], "start>mark>nap"),
    input={},
    result=None,
    steps={("mark", ()): {"text": "stamped once"}},
    is_endless=True,
)
DRAWN: Mapping[str, Drawn] = {each.graph.name: each for each in (EACH, ASK, ENDLESS)}


def drawn_of(temporal_workflow_id: str) -> Drawn | None:
    """The drawing of one of the storm's runs (`built-Each-12`); None for other runs."""
    words = temporal_workflow_id.split("-")
    return DRAWN.get(words[1]) if words[0] == "built" and len(words) == 3 else None

"""New code takes over what old code began: recorded histories of every kind of node replay without a difference."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from watchglass.builder.interpreter import Interpreter
from watchglass.builder.worker import sandbox
from watchglass.model.graph import NodeKind
from watchglass.model.journal import PAUSE

RECORDED = sorted((Path(__file__).parent / "histories").glob("*.json"))
"""Made by `tests.builder.record_replay` on a Temporal that suggests a new run after 120 events."""


PARSED = sorted((Path(__file__).parents[1] / "fixtures" / "drawn").glob("*.json"))
"""Recorded for the parser, by `tests.builder.record`."""


def replayer() -> Replayer:
    return Replayer(workflows=[Interpreter], workflow_runner=sandbox())


def history(text: str) -> WorkflowHistory:
    """With the workflow id that it was recorded under: children's ids begin with it."""
    first = json.loads(text)["events"][0]
    return WorkflowHistory.from_json(first["workflowExecutionStartedEventAttributes"]["workflowId"], text)


def graph_in(path: Path) -> dict[str, Any]:
    """The graph that the run read."""
    for event in json.loads(path.read_text())["events"]:
        payloads = event.get("activityTaskCompletedEventAttributes", {}).get("result", {}).get("payloads")
        if payloads:
            return dict(json.loads(b64decode(payloads[0]["data"])))
    raise AssertionError(f"{path.name} has read no graph")


def test_every_kind_of_node_is_recorded() -> None:
    kinds = {node["kind"] for path in RECORDED for node in graph_in(path)["nodes"]}
    assert kinds == {kind.value for kind in NodeKind}


def test_so_are_a_pause_a_new_run_a_failure_and_a_cancellation() -> None:
    texts = [path.read_text() for path in RECORDED]
    for word in ("CONTINUED_AS_NEW", "EXECUTION_FAILED", "EXECUTION_CANCELED", "EXECUTION_COMPLETED"):
        assert any(word in text for text in texts), word
    assert any(json.dumps(PAUSE) in b64decode(part).decode(errors="replace") for part in _summaries(texts))


def _summaries(texts: list[str]) -> list[str]:
    events = [event for text in texts for event in json.loads(text)["events"]]
    found = [event.get("userMetadata", {}).get("summary", {}).get("data") for event in events]
    return [summary for summary in found if summary]


@pytest.mark.parametrize("path", [*RECORDED, *PARSED], ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    await replayer().replay_workflow(history(path.read_text()))


@pytest.mark.parametrize("kind", ["activityTaskScheduled", "startChildWorkflowExecutionInitiated"])
async def test_a_history_that_tells_something_else_is_noticed(kind: str) -> None:
    """Of the events of each kind one is taken for another's."""
    path = next(path for path in RECORDED if path.stem.startswith("everything"))
    found = json.loads(path.read_text())
    changed = [event for event in found["events"] if f"{kind}EventAttributes" in event][-1]
    attributes = changed[f"{kind}EventAttributes"]
    for key in ("activityId", "workflowId"):
        if key in attributes:
            attributes[key] = "another"
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(history(json.dumps(found)))

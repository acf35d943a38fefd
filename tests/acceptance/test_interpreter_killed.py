"""A worker that is killed at any point leaves nothing behind: the next one takes the run up where it was."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from tests.acceptance.eventually import eventually
from tests.builder.drawings import activity, drawing, node
from tests.builder.runs import Bench, Handle, events_of, journal_of, scheduled, told
from tests.servers import SOURCES

from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.journal import READ_GRAPH

pytestmark = pytest.mark.acceptance

QUICK = {"startToCloseSeconds": 2}
RETRY = {"strategy": "keep_trying", "initialIntervalSeconds": 0.1}


def _activity(id: str, component: str, given: dict[str, object], **more: object) -> dict[str, object]:
    return activity(id, component, given, timeouts=QUICK, retry=RETRY, **more)


GRAPH = drawing(
    "Killed",
    [
        _activity("shout", "shout", {"text": "=input.name"}),
        node("size", "branch", cases=[{"port": "small", "when": "size(nodes.shout.text) < 100"}]),
        node("each", "for_each", items="[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", concurrency=2, result="nodes.double.number"),
        _activity("double", "double", {"number": "=item"}, parent="each"),
        _activity("rest", "watchglass.random_failure", {"probability": 0, "seconds": 0.7}, parent="each"),
        node("nap", "wait", seconds=1),
        node("join", "join"),
        node("ask", "approval", question="Go on?"),
        _activity("again", "shout", {"text": "=nodes.ask.by"}),
        node("end", "end", result=["=nodes.each", "=nodes.again.text"]),
        node("never", "end", outcome="failed"),
    ],
    *("start>shout>size", "size.small>each>join", "size.small>nap>join", "size.otherwise>never"),
    *("each.each>double>rest", "join>ask", "ask.approved>again>end"),
)


class Killed:
    """A worker in a process of its own, killed and started again."""

    def __init__(self, bench: Bench, address: str, versions: Path) -> None:
        versions.write_text(json.dumps({id: graph.model_dump(mode="json") for id, graph in bench.versions.items()}))
        self._command = [sys.executable, "-m", "tests.builder.worker_process", address, str(bench.project_id)]
        self._command.append(str(versions))
        self._process = self._start()
        self.times = 0

    def again(self) -> None:
        self.end()
        self.times += 1
        self._process = self._start()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        root = str(Path(SOURCES).parent)
        env = {**os.environ, "PYTHONPATH": os.pathsep.join((SOURCES, root))}
        return subprocess.Popen(self._command, cwd=root, env=env, stderr=subprocess.DEVNULL)


@contextmanager
def killed(bench: Bench, address: str, versions: Path) -> Iterator[Killed]:
    worker = Killed(bench, address, versions)
    try:
        yield worker
    finally:
        worker.end()


async def test_a_run_goes_on_where_it_was_however_often_its_worker_is_killed(
    temporal: EmbeddedTemporal, tmp_path: Path
) -> None:
    bench = Bench(await Client.connect(temporal.address))
    handle = await bench.start(GRAPH, {"name": "ada"})
    with killed(bench, temporal.address, tmp_path / "versions.json") as worker:
        reached = 0
        while worker.times < 8:
            reached = await _grown(handle, beyond=reached)
            if ("ask", (), "started", None) in told(await journal_of(handle)):
                break
            worker.again()
        assert worker.times >= 3
        await bench.decide(handle, "ask")
        worker.again()
        result = await asyncio.wait_for(handle.result(), 120)
    assert result == [[2, 4, 6, 8, 10, 12, 14, 16, 18, 20], "ADA"]
    events = await events_of(handle)
    body = [f"{id}[{index}]" for id in ("double", "rest") for index in range(10)]
    assert sorted(scheduled(events)) == sorted([READ_GRAPH, "shout", "again", *body])
    entries = told(await journal_of(handle))
    assert len(entries) == len(set(entries))
    assert ("never", (), "skipped", None) in entries
    failed = [event for event in events if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED]
    assert failed == []


async def _grown(handle: Handle, *, beyond: int) -> int:
    """Wait until there are some more events, and say how many there are."""

    async def events() -> int:
        count = len(await events_of(handle))
        return count if count > beyond + 3 else 0

    count = await eventually(events, seconds=90)
    assert count
    return count

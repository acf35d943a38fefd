"""*Builder overhead*: what a node costs beside its work, on the embedded server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel
from temporalio.client import Client

from benchmarks.figure import Figure
from benchmarks.place import Place
from watchglass.builder.component import component, registered_in
from watchglass.builder.start import start_run
from watchglass.builder.worker import project_worker
from watchglass.model.graph import Graph, builder_queue
from watchglass.temporal.access import Access

CHAIN = 50
ITEMS = 1_000
"""At scale 1: of the for-each node."""
_TIMES = 5
_PROJECT = uuid4()


class Nothing(BaseModel):
    pass


@component
async def nothing(given: Nothing) -> None:
    """Done at once."""


async def measure_builder_overhead(place: Place, scale: float) -> list[Figure]:
    client = await place.client()
    graphs = {
        f"a chain of {CHAIN} activities that do nothing": (_chain(_activity), {}, CHAIN, 500.0),
        f"a chain of {CHAIN} set nodes": (_chain(_set), {}, CHAIN, 500.0),
        "an item of a for-each node with one activity, ten at once": (
            _loop(),
            {"numbers": [0] * round(ITEMS * scale)},
            round(ITEMS * scale),
            500.0,
        ),
    }
    figures = [await _empty(client)]
    for what, (graph, given, count, most) in graphs.items():
        took = [await _seconds(client, graph, given) for _ in range(_TIMES)]
        figures.append(
            Figure(
                "builder overhead",
                f"{what}: a node",
                median(took) * 1000 / count,
                unit="ms",
                most=most,
                note=f"whole runs of {min(took):.2f}–{max(took):.2f} s, from start to result",
            )
        )
    return figures


async def _empty(client: Client) -> Figure:
    """What every run has: its start, reading the graph, its result."""
    graph = _graph([], [])
    took = [await _seconds(client, graph, {}) for _ in range(_TIMES)]
    return Figure("builder overhead", "a run without any steps", median(took) * 1000, unit="ms")


async def _seconds(client: Client, graph: Graph, given: dict[str, Any]) -> float:
    async with _working(client, graph):
        began = asyncio.get_running_loop().time()
        id, _ = await start_run(
            Access(client.workflow_service, client.namespace),
            graph=graph,
            workflow_id=UUID(int=1),
            version=1,
            project_id=_PROJECT,
            input=given,
            by="benchmark",
        )
        await client.get_workflow_handle(id).result()
        return asyncio.get_running_loop().time() - began


@asynccontextmanager
async def _working(client: Client, graph: Graph) -> AsyncIterator[None]:
    async def read_graph(workflow_id: str, version: int) -> Any:
        return graph.model_dump(mode="json")

    worker = project_worker(
        client, task_queue=builder_queue(_PROJECT), components=registered_in([nothing]), read_graph=read_graph
    )
    async with worker:
        yield


def _activity(id: str) -> dict[str, Any]:
    return {"id": id, "kind": "activity", "component": "nothing", "input": {}}


def _set(id: str) -> dict[str, Any]:
    return {"id": id, "kind": "set", "values": {"number": "=1 + 1"}}


def _chain(node: Any) -> Graph:
    ids = [f"n{number}" for number in range(CHAIN)]
    edges = [{"source": a, "target": b} for a, b in zip(["start", *ids], ids, strict=False)]
    return _graph([node(id) for id in ids], edges)


def _loop() -> Graph:
    nodes = [
        {"id": "each", "kind": "for_each", "items": "input.numbers", "concurrency": 10},
        {**_activity("nothing"), "parent": "each"},
    ]
    edges = [{"source": "start", "target": "each"}, {"source": "each", "port": "each", "target": "nothing"}]
    return _graph(nodes, edges)


def _graph(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> Graph:
    return Graph.model_validate(
        {"name": "Overhead", "nodes": [{"id": "start", "kind": "start"}, *nodes], "edges": edges}
    )

"""Hostile values as somebody's drawings, components, services and projects: all that a person can write here."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
from tests.acceptance.observed import new_id
from tests.hostile.up import Up

from watchglass.builder.file import read_file, write_file
from watchglass.model.graph import Graph

Json = dict[str, Any]
_BATCH = 40
_AT_ONCE = 8


@dataclass
class Drawn:
    """What was taken, what was refused with a sentence, and what came back as something else."""

    workflows: list[str] = field(default_factory=list)
    refused: int = 0
    altered: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Answers that are no sentence of ours: 5xx."""


async def draw(up: Up, texts: list[str]) -> Drawn:
    """Put every text wherever a person can put one."""
    drawn = Drawn()
    for start in range(0, len(texts), _BATCH):
        await _draw_batch(up, drawn, texts[start : start + _BATCH])
    turns = asyncio.Semaphore(_AT_ONCE)

    async def put(text: str) -> None:
        async with turns:
            await _put(up, drawn, text)

    async with asyncio.TaskGroup() as group:
        for text in texts:
            group.create_task(put(text))
    return drawn


async def _put(up: Up, drawn: Drawn, text: str) -> None:
    await _register(up, drawn, text)
    await _say(up, drawn, "project.create", name=text[:200])
    await _say(up, drawn, "workflow.importFile", projectId=up.project_id, text=text)
    await _say(up, drawn, "expression.check", projectId=up.project_id, expression=text)
    settings = {
        "address": "127.0.0.1:1",
        "namespace": text[:200],
        "uiAddress": text,
        "codecAddress": text,
        "scope": text,
    }
    await _say(up, drawn, "connection.create", projectId=up.project_id, **settings)


async def _draw_batch(up: Up, drawn: Drawn, texts: list[str]) -> None:
    graph = _graph(texts)
    made = await up.mutate("workflow.importFile", projectId=up.project_id, text=write_file(Graph.model_validate(graph)))
    drawn.workflows.append(made["workflowId"])
    exported = await up.query("workflow.exportFile", workflowId=made["workflowId"])
    read = read_file(exported["text"])
    if read.graph != Graph.model_validate(graph):
        drawn.altered.append(f"the file of {graph['name']}")
    kept = await up.query("workflow.getDraft", workflowId=made["workflowId"])
    if Graph.model_validate(kept["graph"]) != Graph.model_validate(graph):
        drawn.altered.append(f"the draft of {graph['name']}")


def _graph(texts: list[str]) -> Json:
    """A drawing with a node for each text, which is its name, its notes, its values and what it is told."""
    nodes: list[Json] = [{"kind": "start", "id": "start"}]
    for number, text in enumerate(texts):
        named = {"id": f"n{number}", "name": text[:200], "notes": text}
        value = "=" + text if text.startswith("=") else text
        nodes += [
            {**named, "kind": "set", "values": {text: value, "list": [value, {text: value}], "shown": f"={text}"}},
            {
                "id": f"a{number}",
                "kind": "activity",
                "name": text[:200],
                "component": text[:1000] or "x",
                "input": {text: value},
            },
            {"id": f"q{number}", "kind": "approval", "question": text[:1000] or "x"},
        ]
    edges = [{"source": "start", "target": node["id"]} for node in nodes[1:]]
    return {
        "format": "watchglass/workflow/v1",
        "name": f"Hostile {new_id('drawing')}",
        "description": "\n".join(texts)[:10_000],
        "nodes": nodes,
        "edges": edges,
    }


async def _register(up: Up, drawn: Drawn, text: str) -> None:
    schema = {
        "type": "object",
        "title": text,
        "description": text,
        "properties": {text: {"type": "string", "title": text, "description": text, "default": text, "enum": [text]}},
    }
    component = {
        "type": text[:1000],
        "name": text[:200],
        "description": text,
        "category": text[:100],
        "icon": text[:50],
        "inputSchema": schema,
        "outputSchema": schema,
    }
    made = await _say(up, drawn, "component.register", projectId=up.project_id, component=component)
    if made is None:
        return
    for name, given in component.items():
        if made[name] != given:
            drawn.altered.append(f"the component {text[:40]!r}: {name}")


async def _say(up: Up, drawn: Drawn, procedure: str, **given: Any) -> Any:
    """The answer; None when it was refused with a sentence."""
    try:
        answer = await up.http.post(f"/trpc/{procedure}", json=given)
    except httpx.HTTPError as error:
        drawn.broken.append(f"{procedure}: {error!r}")
        return None
    up.statuses[answer.status_code] += 1
    if answer.status_code >= 500:
        drawn.broken.append(f"{procedure} {str(given)[:200]}: {answer.text[:300]}")
        return None
    if answer.status_code != httpx.codes.OK:
        drawn.refused += 1
        return None
    return answer.json()["result"]["data"]

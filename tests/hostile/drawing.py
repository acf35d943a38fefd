"""Hostile values on drawings: their names, notes, values and questions."""

from collections.abc import Sequence

from tests.acceptance.observed import new_id
from tests.hostile.telling import Told
from tests.hostile.up import Json, Up

from watchglass.builder.blank import blank_graph
from watchglass.builder.file import read_file, write_file
from watchglass.model.graph import Graph

TEXTS_OF_A_DRAWING = 40


async def draw(up: Up, texts: Sequence[str], told: Told) -> list[str]:
    """Put every text wherever one stands on a drawing; return the workflows."""
    made = [
        await _draw_batch(up, told, texts[start : start + TEXTS_OF_A_DRAWING])
        for start in range(0, len(texts), TEXTS_OF_A_DRAWING)
    ]
    for person, text in enumerate(texts):
        project = {"projectId": up.project_id}
        await told.tell(up, "file", "workflow.importFile", project | {"text": text}, person=person)
        expression = {
            "nodeId": "end",
            "expression": text,
            "graph": blank_graph("x").model_dump(mode="json", by_alias=True),
        }
        await told.tell(up, "expression", "expression.check", project | expression, person=person)
    return made


async def _draw_batch(up: Up, told: Told, texts: Sequence[str]) -> str:
    graph = Graph.model_validate(_graph(texts))
    made = await up.mutate("workflow.importFile", projectId=up.project_id, text=write_file(graph))
    exported = await up.query("workflow.exportFile", workflowId=made["workflowId"])
    told.compare("drawing, as a file", graph, read_file(exported["text"]).graph)
    kept = await up.query("workflow.getDraft", workflowId=made["workflowId"])
    told.compare("drawing", graph, Graph.model_validate(kept["graph"]))
    return str(made["workflowId"])


def _graph(texts: Sequence[str]) -> Json:
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

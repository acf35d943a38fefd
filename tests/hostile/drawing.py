"""Hostile values on drawings: their names, notes, values and questions; and runs that are shown on such drawings."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from tests.acceptance.observed import new_id
from tests.hostile.payloads import text_payload
from tests.hostile.planting import Planter, activity, chain_of_causes, fail
from tests.hostile.telling import Told
from tests.hostile.up import Json, Up

from watchglass.builder.blank import blank_graph
from watchglass.builder.file import read_file, write_file
from watchglass.model.graph import Graph
from watchglass.model.rules import is_pattern

TEXTS_OF_A_DRAWING = 40
_LONGEST_RULE = 500


@dataclass(frozen=True)
class Drawn:
    """A run, and nodes of the drawing that it is shown on, one for each of its steps."""

    run: WorkflowExecution
    nodes: list[str]


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


async def run_drawn(up: Up, texts: Sequence[str], planter: Planter) -> list[Drawn]:
    """Runs with a step for every text, each of which is a node of that name on the run's drawing."""
    drawn: list[Drawn] = []
    # A rule holds no NUL, and says so.
    texts = [text for text in texts if "\x00" not in text]
    for start in range(0, len(texts), TEXTS_OF_A_DRAWING):
        some = texts[start : start + TEXTS_OF_A_DRAWING]
        queue = f"hostile-{uuid4().hex[:8]}"
        workflow_id = f"drawn-{queue}"
        steps = {f"a{number}": text[:_LONGEST_RULE] for number, text in enumerate(some)}
        # The first rule that holds decides, and "?" would hold for every letter.
        exact_first = sorted(steps.items(), key=lambda step: is_pattern(step[1]))
        rules = {
            "runs": [{"workflowId": workflow_id}],
            "nodes": [{"node": node, "by": "activity_id", "matches": text} for node, text in exact_first],
        }
        await up.mutate("workflow.register", projectId=up.project_id, graph=_graph(some), rules=rules)
        run = await planter.start(workflow_id, queue)
        commands = [activity(text, text, queue, text_payload(text)) for text in dict.fromkeys(steps.values())]
        await planter.decide(queue, commands)
        await planter.tell(run, "end")
        await planter.decide(queue, [fail(chain_of_causes(some[0], text_payload(some[0])))])
        drawn.append(Drawn(run, list(steps)))
    return drawn


async def compare_drawn(up: Up, drawn: Drawn, execution_id: str, told: Told) -> None:
    """Each step of the run is on the drawing as the node of its name."""
    shown = await up.query("execution.getGraph", executionId=execution_id)
    found = {node["nodeId"] for node in shown["nodes"] if node["eventId"] is not None}
    told.compare("run on a drawing", set(drawn.nodes), found & set(drawn.nodes))


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

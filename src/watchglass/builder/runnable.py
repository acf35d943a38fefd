"""A version as it runs: whole, so that whoever runs it needs to ask nobody."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from watchglass.builder.stored import from_stored
from watchglass.errors import Conflict
from watchglass.model.catalogue import Component
from watchglass.model.graph import ActivityNode, Graph, Node, WorkflowNode, builder_queue
from watchglass.model.retry_choice import Timeouts
from watchglass.store.scope import Reader
from watchglass.store.versions import version_named


async def resolve(
    reader: Reader, project_id: UUID, graph: Graph, *, saved_at: datetime, components: Iterable[Component]
) -> Graph:
    """The graph of a version with what it takes over filled in: from components, and which version each child is.

    Children are those of the moment at which the version was saved, so that it always runs the same.

    Raises:
        Conflict: a child has no such version.
    """
    known = {component.type: component for component in components}
    children = {
        node.id: await _child(reader, project_id, node, saved_at=saved_at)
        for node in graph.nodes
        if isinstance(node, WorkflowNode) and node.task_queue is None
    }
    return graph.model_copy(update={"nodes": tuple(_whole(node, known, children) for node in graph.nodes)})


async def _child(reader: Reader, project_id: UUID, node: WorkflowNode, *, saved_at: datetime) -> dict[str, object]:
    """The fields of the node that say which workflow it starts, and where."""
    row = await version_named(reader, project_id, node.workflow, version=node.version, at=saved_at)
    if row is None:
        version = f"version {node.version}" if node.version else "version from before this one was saved"
        raise Conflict(
            f"Node “{node.name or node.id}” runs the workflow “{node.workflow}”, which has no {version} in this "
            "project. Choose another, and save a new version."
        )
    queue = from_stored(row["graph"]).task_queue or builder_queue(project_id)
    return {"workflow_id": str(row["workflow_id"]), "version": row["version"], "task_queue": queue}


def _whole(node: Node, known: Mapping[str, Component], children: Mapping[str, Mapping[str, object]]) -> Node:
    if isinstance(node, ActivityNode) and node.component in known:
        return _with_defaults(node, known[node.component])
    if node.id in children:
        return node.model_copy(update=children[node.id])
    return node


def _with_defaults(node: ActivityNode, component: Component) -> ActivityNode:
    given, usual = node.timeouts.model_dump(), component.timeouts.model_dump()
    timeouts = {name: usual[name] if value is None else value for name, value in given.items()}
    return node.model_copy(
        update={
            "name": node.name or component.name,
            "retry": node.retry or component.retry,
            "timeouts": Timeouts(**timeouts),
            "task_queue": node.task_queue or component.task_queue,
        }
    )

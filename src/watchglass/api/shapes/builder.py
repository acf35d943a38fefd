"""Drawings: drafts, versions, and what is wrong with them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import CursorInput, Input, Output, WorkflowIdInput
from watchglass.model.catalogue import Component
from watchglass.model.graph import Graph, WorkflowName
from watchglass.model.problem import Severity
from watchglass.model.rules import Rules

Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Revision = Annotated[int, Field(ge=1, le=2**63 - 1)]


class GraphProblem(Output):
    """What is wrong with a graph, and where."""

    severity: Severity
    node: str | None
    """Null: the graph as a whole, or an edge."""
    field: str | None
    """JSON pointer into the node, or into the graph where no node is named."""
    edge: int | None
    """Index of the edge."""
    at: tuple[int, int] | None
    """In an expression: from the first character at fault to behind the last."""
    message: str
    """A sentence."""


class NewWorkflow(Input):
    """A workflow to build."""

    project_id: UUID
    name: WorkflowName
    graph: Graph | None = None
    """Absent: one with a start and an end."""


class MadeWorkflow(Output):
    """A workflow that was made."""

    workflow_id: str


class Draft(Output):
    """What is being drawn."""

    graph: Graph
    revision: int
    """To be given with what is saved: it goes up with every save."""
    based_on: int | None
    """The version that the draft was last equal to."""
    latest_version: int | None
    change_count: int
    """Nodes, edges and settings that differ from `basedOn`."""
    updated_at: datetime
    updated_by: str | None
    problems: list[GraphProblem]


class DraftSave(Input):
    """A draft as it shall be."""

    workflow_id: UUID
    revision: Revision
    """The one that was changed."""
    graph: Graph


class SavedDraft(Output):
    """A draft that was saved. It may have problems: only what is run must have none."""

    revision: int
    updated_at: datetime
    change_count: int
    problems: list[GraphProblem]


class VersionSave(Input):
    """The draft that shall become a version."""

    workflow_id: UUID
    revision: Revision
    note: Annotated[str, Field(max_length=2000)] = ""


class SavedVersion(Output):
    """A version that was saved."""

    version: int


class Registration(Input):
    """A graph that somebody else's interpreter runs, and how its runs are known."""

    project_id: UUID
    graph: Graph
    rules: Rules


class Registered(Output):
    """A graph that was registered."""

    workflow_id: str
    version: int


class VersionsInput(CursorInput):
    """Which workflow's versions."""

    workflow_id: UUID
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class VersionSummary(Output):
    """A version in a list."""

    version: int
    note: str
    created_at: datetime
    created_by: str | None
    node_count: int


class Versions(Output):
    """The versions of a workflow, newest first."""

    items: list[VersionSummary]
    next_cursor: str | None


class VersionInput(WorkflowIdInput):
    """Names one version."""

    version: Version


class VersionDetails(Output):
    """A version with its graph."""

    graph: Graph
    version: int
    note: str
    created_at: datetime
    created_by: str | None
    problems: list[GraphProblem]
    """As of now: a component may have changed since."""


class Runnable(Output):
    """A version as it runs: what its nodes take over from components is filled in, and so are children's versions."""

    graph: Graph


class GraphToValidate(Input):
    """JSON that may be a graph."""

    project_id: UUID
    graph: Any


class Validated(Output):
    """What came of looking through a graph."""

    graph: Graph | None
    """Null: it cannot be read as a graph."""
    problems: list[GraphProblem]


class FileInput(Input):
    """What to write into a file."""

    workflow_id: UUID
    version: Version | None = None
    """Absent: the draft."""


class WorkflowFile(Output):
    """A workflow as a file that lives well in git."""

    file_name: str
    text: str
    """YAML."""


class FileImport(Input):
    """A file to read."""

    project_id: UUID
    text: Annotated[str, Field(max_length=1_000_000)]
    """YAML or JSON."""
    workflow_id: UUID | None = None
    """Whose draft it replaces; absent: a new workflow."""
    revision: Revision | None = None
    """Of the draft that is replaced."""


class ImportedFile(Output):
    """The draft that a file became."""

    workflow_id: str
    revision: int
    problems: list[GraphProblem]


class ComponentList(Output):
    """The catalogue of a project, by category and name."""

    items: list[Component]


class Place(Output):
    """Where a project's own worker asks for work."""

    address: str
    """`host:port` of the Temporal frontend."""
    namespace: str
    task_queue: str


class NewComponent(Input):
    """A component to write down."""

    project_id: UUID
    component: Component


class Announcement(Input):
    """What a worker can do."""

    project_id: UUID
    components: Annotated[list[Component], Field(max_length=500)]


class ComponentType(Input):
    """Names a component of a project."""

    project_id: UUID
    type: Annotated[str, Field(min_length=1, max_length=1000)]


class Removed(Output):
    """It is gone."""

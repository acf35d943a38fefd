"""Who may do what to a built workflow."""

from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.rights import require_editor
from watchglass.errors import Conflict
from watchglass.store.drafts import read_draft
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row


async def visible_draft(reader: Reader, workflow_id: UUID) -> Row:
    """A workflow with its draft. Raises NotFound, and Conflict where it has none."""
    row = await visible_workflow(reader, workflow_id)
    if row["revision"] is None:
        raise _not_drawn_here(row)
    return row


async def changeable_draft(context: Context, workflow_id: UUID) -> Row:
    """The same, of what the person asking may change. Raises Forbidden too."""
    async with context.store.read_as(context.principal) as reader:
        row = await visible_workflow(reader, workflow_id)
        await require_editor(reader, context.principal, row["project_id"], otherwise="workflow")
    if row["revision"] is None:
        raise _not_drawn_here(row)
    return row


async def visible_workflow(reader: Reader, workflow_id: UUID) -> Row:
    """A workflow, whether or not it is drawn here. Raises NotFound."""
    row = await read_draft(reader, workflow_id)
    if row is None:
        raise absent("workflow")
    return row


def _not_drawn_here(row: Row) -> Conflict:
    if row["kind"] == "observed":
        return Conflict(f"“{row['name']}” was found in Temporal and is not drawn here. Make a new workflow.")
    return Conflict(f"“{row['name']}” is drawn elsewhere and registered here. Change it there.")

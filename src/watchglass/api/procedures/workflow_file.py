"""Built workflows as files."""

import re

from watchglass.api.context import Context
from watchglass.api.limits import MAX_DRAWING_BYTES
from watchglass.api.procedures.built import changeable_draft, visible_draft, visible_workflow
from watchglass.api.procedures.draft import replace_draft
from watchglass.api.procedures.rights import require_editor
from watchglass.api.render.graph import render_problems
from watchglass.api.shapes.builder import FileImport, FileInput, ImportedFile, WorkflowFile
from watchglass.api.trpc.router import Router
from watchglass.builder.file import read_file, write_file
from watchglass.builder.judge import find_problems
from watchglass.builder.keep import create_workflow
from watchglass.builder.launch import no_version
from watchglass.builder.stored import from_stored
from watchglass.errors import Conflict, InvalidInput
from watchglass.model.permission import Permission
from watchglass.store.versions import read_version

router: Router[Context] = Router()


@router.query("workflow.exportFile", permission=Permission.LOOK)
async def export_file(context: Context, input: FileInput) -> WorkflowFile:
    """The draft, or a version, as a file that lives well in git."""
    async with context.store.read_as(context.principal) as reader:
        if input.version is None:
            graph = from_stored((await visible_draft(reader, input.workflow_id))["graph"])
        else:
            workflow = await visible_workflow(reader, input.workflow_id)
            row = await read_version(reader, input.workflow_id, input.version)
            if row is None:
                raise no_version(workflow, input.version)
            graph = from_stored(row["graph"])
    return WorkflowFile(file_name=f"{_plain(graph.name)}.yaml", text=write_file(graph))


def _plain(name: str) -> str:
    """The name with nothing in it that file systems or shells mind."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "workflow"


@router.mutation("workflow.importFile", permission=Permission.EDIT, body_limit=MAX_DRAWING_BYTES)
async def import_file(context: Context, input: FileImport) -> ImportedFile:
    """Make a file a new workflow, or the draft of one that is there. It may have problems, as any draft may."""
    async with context.store.read_as(context.principal) as reader:
        await require_editor(reader, context.principal, input.project_id, otherwise="project")
    file = read_file(input.text)
    graph = file.graph
    if graph is None:
        first, *others = file.problems
        line = file.line(first)
        where = f"Line {line}: " if line is not None and line > 1 else ""
        more = f" (and {len(others)} more)" if others else ""
        raise InvalidInput(f"The file is not a workflow of Watchglass. {where}{first.message}{more}")
    if input.workflow_id is None:
        workflow_id = await create_workflow(context.store, input.project_id, graph, by=context.principal)
        async with context.store.read_as(context.principal) as reader:
            problems = await find_problems(reader, input.project_id, graph)
        return ImportedFile(workflow_id=str(workflow_id), revision=1, problems=render_problems(problems))
    row = await changeable_draft(context, input.workflow_id)
    if row["project_id"] != input.project_id:
        raise Conflict(f"“{row['name']}” belongs to another project than the one that was named.")
    if input.revision is None:
        raise InvalidInput("Say with the revision which draft the file replaces, so that nobody's changes are lost.")
    saved = await replace_draft(context, row, input.revision, graph)
    return ImportedFile(workflow_id=str(input.workflow_id), revision=saved.revision, problems=saved.problems)

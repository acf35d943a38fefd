"""`watchglass workflow …`: workflows as files, beside a running installation."""

import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
import uvloop

from watchglass.builder.changes import count_changes
from watchglass.builder.file import GraphFile, read_file, write_file
from watchglass.builder.judge import find_problems
from watchglass.builder.keep import create_workflow, save_draft, save_version
from watchglass.builder.launch import launch, no_version, prepare
from watchglass.builder.stored import from_stored
from watchglass.builder.validate import has_errors, validate
from watchglass.cli.await_run import Ended, await_end
from watchglass.cli.found import OWNER
from watchglass.cli.open_store import open_store
from watchglass.cli.running import Running, find_running
from watchglass.cli.tell_problems import tell
from watchglass.cli.visible import say
from watchglass.config import Settings
from watchglass.errors import Conflict, InvalidInput, NotFound
from watchglass.logging import configure_logging
from watchglass.model.graph import Graph
from watchglass.model.problem import Problem, Severity
from watchglass.model.project import Principal
from watchglass.store.drafts import read_draft
from watchglass.store.projects import all_projects, project_named
from watchglass.store.scope import Reader, Store
from watchglass.store.summaries import Row
from watchglass.store.users import ensure_owner
from watchglass.store.versions import read_version
from watchglass.store.workflows import find_built
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients

workflows = typer.Typer(
    help="Workflows that are built here.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)

DataDir = Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")]
Project = Annotated[str | None, typer.Option(help="Name or id of the project; needed when several could be meant.")]
Name = Annotated[str, typer.Argument(help="The workflow's name.")]
Version = Annotated[int | None, typer.Option(min=1, help="By default the newest.")]


@workflows.callback()
def root() -> None:
    """Workflows that are built here."""


@workflows.command("push")
def push(
    file: Annotated[Path, typer.Argument(help="YAML or JSON; - reads standard input.")],
    project: Project = None,
    note: Annotated[str, typer.Option(help="What changed, for the list of versions.")] = "",
    over_draft: Annotated[bool, typer.Option(help="Also when the draft has changes that are in no version.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Make a file the newest version of the workflow that it names; makes the workflow when there is none."""
    graph = _read(file)
    uvloop.run(_push(_settings(data_dir), graph, project, note=note, over_draft=over_draft))


@workflows.command("validate")
def validate_files(
    files: Annotated[list[Path], typer.Argument(help="YAML or JSON; - reads standard input.")],
    project: Annotated[
        str | None,
        typer.Option(help="Also look for components and other workflows in this project of a running `up`."),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Say what is wrong with workflow files, with the lines. Exit code 1 when one of them cannot run."""
    read = {file: _read_file(file) for file in files}
    wrong = [file for file, each in read.items() if not _judge(file, each, project, data_dir)]
    if wrong:
        raise Conflict(
            "The workflow cannot run like this."
            if len(read) == 1
            else f"{len(wrong)} of {len(read)} cannot run like this."
        )


def _judge(file: Path, read: GraphFile, project: str | None, data_dir: Path | None) -> bool:
    """Tell a file's problems; is it without errors?"""
    problems: Sequence[Problem] = read.problems
    if read.graph is not None:
        problems = (
            validate(read.graph, None, None)
            if project is None
            else uvloop.run(_problems_in(_settings(data_dir), read.graph, project))
        )
    if problems:
        say(tell(file, read, problems))
    else:
        say(f"{file}: no problems")
    return not has_errors(problems)


async def _problems_in(settings: Settings, graph: Graph, project: str) -> list[Problem]:
    async with _open(settings) as opened, opened.store.write() as reader:
        return await find_problems(reader, await _named(reader, project), graph)


@workflows.command("pull")
def pull(
    name: Name,
    project: Project = None,
    version: Version = None,
    draft: Annotated[bool, typer.Option(help="The draft instead of a version.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write it there; by default it is printed.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Print a workflow as a file that lives well in git."""
    text = uvloop.run(_pull(_settings(data_dir), name, project, version=version, draft=draft))
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")


@workflows.command("run")
def run(
    name: Name,
    given: Annotated[str, typer.Option("--input", help="JSON, or @FILE that holds it.")] = "{}",
    project: Project = None,
    version: Version = None,
    id: Annotated[str | None, typer.Option(help="Temporal's workflow id for the run.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait for its end, and print its result.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Start a run; with --wait exit code 1 when it does not end well."""
    input = _read_input(given)
    ended = uvloop.run(_run(_settings(data_dir), name, input, project, version=version, id=id, wait=wait))
    if ended is None:
        return
    if not ended.is_good:
        raise Conflict(ended.sentence)
    print(ended.result)


def _settings(data_dir: Path | None) -> Settings:
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=False, level="error")  # What goes wrong is in the answer.
    return settings


def _read(file: Path) -> Graph:
    read = _read_file(file)
    if read.graph is None:
        raise InvalidInput(f"{file} is not a workflow of Watchglass:\n{tell(file, read, read.problems)}")
    return read.graph


def _read_file(file: Path) -> GraphFile:
    try:
        return read_file(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}.") from error


def _read_input(given: str) -> Any:
    try:
        text = Path(given[1:]).read_text(encoding="utf-8") if given.startswith("@") else given
        return json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInput(f"The input {given} cannot be read as JSON: {error}.") from error


def _lines(problems: list[Problem]) -> str:
    return "\n".join(f"  {f'{problem.node}: ' if problem.node else ''}{problem.message}" for problem in problems)


@dataclass(frozen=True, slots=True)
class _Opened:
    store: Store
    running: Running
    owner: Principal
    """The person at this machine."""


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[_Opened]:
    running = find_running(settings)
    async with AsyncExitStack() as stack:
        store = await open_store(stack, running.urls, settings, size=2)
        async with store.door() as door:
            owner = await ensure_owner(door, OWNER)
        yield _Opened(store, running, Principal(owner, OWNER, b""))


async def _push(settings: Settings, graph: Graph, project: str | None, *, note: str, over_draft: bool) -> None:
    async with _open(settings) as opened:
        store, by = opened.store, opened.owner
        async with store.write() as reader:
            draft = await _find(reader, graph.name, project)
            project_id = draft["project_id"] if draft else await _project(reader, project)
            problems = await find_problems(reader, project_id, graph)
        _refuse_errors(problems)
        if draft is None:
            workflow_id = await create_workflow(store, project_id, graph, by=by)
        else:
            workflow_id = draft["workflow_id"]
            _refuse_losses(draft, graph, over_draft=over_draft)
            await save_draft(store, draft, draft["revision"], graph, by=by)
        async with store.write() as reader:
            saved = await read_draft(reader, workflow_id)
        assert saved is not None
        if saved["base_graph"] is not None and from_stored(saved["base_graph"]) == graph:
            say(f"Nothing has changed since version {saved['based_on']} of {graph.name}.")
            return
        version = await save_version(store, saved, saved["revision"], note=note, by=by)
    say(f"Version {version} of {graph.name} is saved.")


def _refuse_errors(problems: list[Problem]) -> None:
    warnings = [problem for problem in problems if problem.severity is not Severity.ERROR]
    if warnings:
        say(_lines(warnings), file=sys.stderr)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise InvalidInput(f"Not saved, because the workflow cannot run like this:\n{_lines(errors)}")


def _refuse_losses(draft: Row, graph: Graph, *, over_draft: bool) -> None:
    drawn = from_stored(draft["graph"])
    base = from_stored(draft["base_graph"]) if draft["base_graph"] is not None else None
    changes = count_changes(base, drawn)
    if changes and drawn != graph and not over_draft:
        raise Conflict(
            f"The draft of {draft['name']} has {changes} changes that are in no version (saved by "
            f"{draft['updated_by_name'] or 'somebody'} at {draft['updated_at']:%H:%M} UTC on "
            f"{draft['updated_at']:%d %B %Y}). Save them as a version on the page, or replace them with --over-draft."
        )


async def _pull(settings: Settings, name: str, project: str | None, *, version: int | None, draft: bool) -> str:
    async with _open(settings) as opened, opened.store.write() as reader:
        found = await _found(reader, name, project)
        if draft:
            return write_file(from_stored(found["graph"]))
        row = await read_version(reader, found["workflow_id"], version)
        if row is None:
            raise no_version(found, version)
        return write_file(from_stored(row["graph"]))


async def _run(
    settings: Settings,
    name: str,
    input: Any,
    project: str | None,
    *,
    version: int | None,
    id: str | None,
    wait: bool,
) -> Ended | None:
    async with _open(settings) as opened:
        async with opened.store.write() as reader:
            what = await prepare(reader, await _found(reader, name, project), version)
        parts = Parts(opened.store, Clients())
        access = await parts.access(what.connection, urgent=True)
        temporal_id, run_id = await launch(opened.store, access, what, input, temporal_workflow_id=id, by=opened.owner)
        page = (opened.running.page_url or "").rstrip("/")
        where = (
            f": {page}/t/{what.connection.id}/{quote(temporal_id, safe='')}/{run_id}" if page else f" (run {run_id})."
        )
        say(f"Run {temporal_id} of version {what.version} was started{where}", file=sys.stderr)
        return await await_end(parts, what.connection, temporal_id) if wait else None


async def _found(reader: Reader, name: str, project: str | None) -> Row:
    draft = await _find(reader, name, project)
    if draft is None:
        where = f" in project {project}" if project else ""
        raise NotFound(f"There is no workflow named {name!r} that is built{where}.")
    return draft


async def _find(reader: Reader, name: str, project: str | None) -> Row | None:
    """The workflow of that name with its draft. Raises NotFound, and InvalidInput when several projects have one."""
    project_id = await _named(reader, project) if project is not None else None
    found = await find_built(reader, name, project_id=project_id)
    if len(found) > 1:
        names = ", ".join(sorted(row["project_name"] for row in found))
        raise InvalidInput(f"Several projects have a workflow named {name!r}: {names}. Say which with --project.")
    return await read_draft(reader, found[0]["id"]) if found else None


async def _project(reader: Reader, wanted: str | None) -> Any:
    if wanted is not None:
        return await _named(reader, wanted)
    projects = await all_projects(reader)
    if len(projects) != 1:
        names = ", ".join(row["name"] for row in projects) or "none"
        raise InvalidInput(f"Say in which project with --project. There are: {names}.")
    return projects[0]["id"]


async def _named(reader: Reader, wanted: str) -> Any:
    project_id = await project_named(reader, wanted)
    if project_id is None:
        names = ", ".join(row["name"] for row in await all_projects(reader)) or "none"
        raise NotFound(f"There is no project {wanted!r}. There are: {names}.")
    return project_id

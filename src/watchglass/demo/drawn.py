"""The company's drawn workflows: kept as anybody's are, in the demo's project, and run once each way they can end."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from uuid import UUID

import structlog

from watchglass.builder.file import read_file
from watchglass.builder.keep import create_workflow, save_version
from watchglass.builder.launch import launch, prepare
from watchglass.builder.start import decide
from watchglass.demo import components
from watchglass.demo.drawn_runs import DrawnRun, drawn_runs
from watchglass.errors import Conflict, WatchglassError
from watchglass.model.graph import ApprovalNode, Graph
from watchglass.model.project import Principal
from watchglass.model.service import HttpSettings
from watchglass.store.audit import has_run
from watchglass.store.catalogue import save_components
from watchglass.store.drafts import read_draft
from watchglass.store.scope import Writer
from watchglass.store.services import insert_service, read_networks, read_services, save_networks, update_service
from watchglass.store.versions import version_named
from watchglass.sync.parts import Parts

_log = structlog.get_logger(__name__)

SERVICE = "Watchglass"
"""The service that asks this installation's own page."""
LOOPBACK = "127.0.0.1/32"
NOTE = "As it came with the demo"
_FILES = (
    # What is called stands before what calls it.
    "collect-a-payment.yaml",
    "stock-of-a-marketplace.yaml",
    "print-a-label.yaml",
    "newsletter.yaml",
    "morning-check.yaml",
    "customs-declaration.yaml",
    "wholesale-order.yaml",
)
_RETRY_SECONDS = 3.0
_STAGGER_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the company's workflows are kept, and by whom."""

    parts: Parts
    project_id: UUID
    owner: Principal
    page_url: str


def drawings() -> Iterator[Graph]:
    """The graphs of the files, each after those that it calls."""
    for name in _FILES:
        found = read_file((files("watchglass.demo") / "built" / name).read_text(encoding="utf-8"))
        assert found.graph is not None, (name, found.problems)
        yield found.graph


async def keep_drawn(shop: Shop) -> None:
    """Make what is missing, and play the runs that were never played. What people changed stays as they made it."""
    while True:
        try:
            await _prepare(shop)
            break
        except (WatchglassError, OSError) as error:
            _log.warning("demo_drawings_not_prepared", reason=str(error))
            await asyncio.sleep(_RETRY_SECONDS)
    async with asyncio.TaskGroup() as group:
        for run in drawn_runs():
            group.create_task(_played(shop, run))
            await asyncio.sleep(_STAGGER_SECONDS)
    _log.debug("demo_drawings_played")


async def _prepare(shop: Shop) -> None:
    async with shop.parts.store.write() as writer:
        await save_components(writer, shop.project_id, components.announced())
        await _keep_service(writer, shop)
    for graph in drawings():
        await _keep(shop, graph)


async def _keep_service(writer: Writer, shop: Shop) -> None:
    """The page may be served at another port than before. A service that leads elsewhere is somebody's own."""
    settings = HttpSettings(base_url=shop.page_url)
    found = [row for row in await read_services(writer, shop.project_id) if row["name"] == SERVICE]
    if not found:
        await insert_service(writer, shop.project_id, SERVICE, settings)
        allowed = await read_networks(writer, shop.project_id)
        await save_networks(writer, shop.project_id, sorted({*allowed, LOOPBACK}))
        return
    known = HttpSettings.model_validate_json(found[0]["settings"]) if found[0]["kind"] == settings.kind else None
    if known is not None and known.base_url != shop.page_url and known.base_url.startswith("http://127.0.0.1:"):
        await update_service(writer, shop.project_id, found[0]["id"], SERVICE, settings)


async def _keep(shop: Shop, graph: Graph) -> None:
    """By the name that its first version has for ever, so that one that was renamed is not made again."""
    store = shop.parts.store
    async with store.write() as reader:
        if await version_named(reader, shop.project_id, graph.name, version=1) is not None:
            return
    try:
        workflow_id = await create_workflow(store, shop.project_id, graph, by=shop.owner)
    except Conflict:
        return  # Somebody has drawn one of that name.
    async with store.write() as reader:
        draft = await read_draft(reader, workflow_id)
    assert draft is not None
    await save_version(store, draft, draft["revision"], note=NOTE, by=shop.owner)


async def _played(shop: Shop, run: DrawnRun) -> None:
    """Start the run unless it was played before, then do what belongs to it."""
    while True:
        try:
            return await _play(shop, run)
        except Conflict as error:
            _log.info("demo_run_left_out", run=run.id, reason=error.message)
            return None
        except (WatchglassError, OSError) as error:
            _log.warning("demo_run_not_started", run=run.id, reason=str(error))
            await asyncio.sleep(_RETRY_SECONDS)


async def _play(shop: Shop, run: DrawnRun) -> None:
    parts = shop.parts
    async with parts.store.write() as reader:
        if await has_run(reader, shop.project_id, run.id):
            return
        first = await version_named(reader, shop.project_id, run.workflow, version=1)
        draft = await read_draft(reader, first["workflow_id"]) if first is not None else None
        if draft is None:
            return
        what = await prepare(reader, draft, 1)
    access = await parts.access(what.connection, urgent=True)
    _, run_id = await launch(parts.store, access, what, run.input, temporal_workflow_id=run.id, by=shop.owner)
    if run.decision is not None:
        await asyncio.sleep(run.decided_after_seconds)
        form = next(node.form for node in what.graph.nodes if isinstance(node, ApprovalNode))
        await decide(access, temporal_workflow_id=run.id, run_id=run_id, decision=run.decision, form=form)

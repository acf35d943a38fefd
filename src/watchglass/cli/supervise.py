"""Starts the parts in order, keeps them, and stops them in the opposite order.

    data directory's lock → page's port → Temporals that the settings name → PostgreSQL → schema → Temporal
    → owner and projects → worker → page → worker of the projects

The port is taken before anything is started: a taken one is the commonest mistake and should cost no waiting.
"""

import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from temporalio.envconfig import ClientConfigProfile

from watchglass.cli.announce import Ready, announce
from watchglass.cli.background import run_beside
from watchglass.cli.condition import operations_of
from watchglass.cli.database import Database, open_database
from watchglass.cli.found import OWNER, found
from watchglass.cli.health import watch_health
from watchglass.cli.listen import Reach, open_listener, page_url, refuse_without_people
from watchglass.cli.made_tokens import renew_tokens
from watchglass.cli.oidc import oidc_provider
from watchglass.cli.open_store import open_store
from watchglass.cli.outside import check_outside
from watchglass.cli.page import serve_page
from watchglass.cli.part import keep_part
from watchglass.cli.running import Running, forget_running, write_running
from watchglass.cli.secret_key import make_secret_key
from watchglass.cli.stop import run_until, stop_flag
from watchglass.cli.temporals import DEMO_NAMESPACE, Temporals, open_temporals
from watchglass.cli.unfinished import refuse_unfinished
from watchglass.config import Settings
from watchglass.demo.drawn import Shop, keep_drawn
from watchglass.embedded.lock import DirectoryLock
from watchglass.errors import StartupError
from watchglass.model.project import Principal
from watchglass.store.scope import Store
from watchglass.store.users import find_project
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal.codec_hosts import CodecHosts
from watchglass.temporal.temporal_hosts import TemporalHosts

_log = structlog.get_logger(__name__)

_DATABASES = ("WATCHGLASS_ADMIN_DATABASE_URL", "WATCHGLASS_DATABASE_URL", "WATCHGLASS_SYNC_DATABASE_URL")
_OURS = (
    *_DATABASES,
    "WATCHGLASS_TOKEN",
    "WATCHGLASS_SECRET_KEY",
    "TEMPORAL_API_KEY",
)
"""Secrets in the environment."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    reach: Reach
    port: int | None
    data_dir: Path
    demo: bool
    open_page: bool
    json_log: bool


async def supervise(options: Options, settings: Settings, profile: ClientConfigProfile | None) -> None:
    """Run everything until a signal asks to stop."""
    flag = stop_flag()
    await run_until(flag, _run(options, settings, profile))
    _log.info("stopped", message="Watchglass has stopped.")


async def _run(options: Options, settings: Settings, profile: ClientConfigProfile | None) -> None:
    async with AsyncExitStack() as stack:
        stack.enter_context(DirectoryLock(options.data_dir))
        refuse_unfinished(options.data_dir)
        listener = stack.enter_context(open_listener(options.reach.host, options.port))
        await check_outside(settings, profile)
        make_secret_key(settings)
        database = await open_database(stack, settings, options.data_dir)
        temporals = await open_temporals(stack, settings, options.data_dir, profile=profile, demo=options.demo)
        _watch(stack, database, temporals)
        if options.reach.is_public and database.embedded:
            _log.warning(
                "embedded_for_others",
                message="The PostgreSQL and Temporal that come with Watchglass are for trying it out and for one "
                "person's work. For others, bring your own: deploy/README.md and docs/operations.md say how.",
            )
        store = await open_store(stack, database.urls, settings, size=settings.api_pool_size)
        owner = await found(store, temporals.observed)
        projects = await _projects(store, owner, temporals)
        provider = oidc_provider(settings)
        await refuse_without_people(store, options.reach, has_provider=provider is not None)
        tokens = await renew_tokens(store, options.data_dir, for_programs=options.json_log)
        running = _remember(stack, options, database, temporals, listener, token=tokens.workers, project_id=projects[0])
        await _keep_worker(stack, options, running)
        clients = Clients()
        control = (temporals.control_address, temporals.control_namespace)
        operations = operations_of(settings, store, clients, control, is_behind_proxy=options.reach.has_proxy)
        codecs = CodecHosts.read(settings.codec_hosts)
        temporal_hosts = TemporalHosts.read(settings.temporal_hosts)
        page = await serve_page(
            stack, store, clients, listener, operations, options.reach, provider, codecs, temporal_hosts
        )
        ready = Ready(page_url=options.reach.address(listener), owner=owner, first=temporals.observed[0])
        await announce(store, ready, token=tokens.programs, open_page=options.open_page)
        if temporals.observed[0].is_embedded:
            await _keep_project_worker(stack, options, running, projects)
        if options.demo and temporals.embedded:
            await _keep_demo(stack, options, temporals.embedded.address)
            _draw(stack, store, temporals, projects, Principal(owner, OWNER, b""), page_url=page_url(listener))
        await page.ended()
        raise StartupError("The page is served no more; the lines above say why.")


def _watch(stack: AsyncExitStack, database: Database, temporals: Temporals) -> None:
    if database.embedded:
        run_beside(stack, watch_health("postgres", database.embedded), name="postgres health")
    if temporals.embedded:
        run_beside(stack, watch_health("temporal", temporals.embedded), name="temporal health")


def _remember(
    stack: AsyncExitStack,
    options: Options,
    database: Database,
    temporals: Temporals,
    listener: socket.socket,
    *,
    token: str,
    project_id: str,
) -> Running:
    """Write down where everything is, for the commands that are typed beside this one."""
    running = Running(
        login_url=database.urls.login,
        sync_url=database.urls.sync,
        control_address=temporals.control_address,
        control_namespace=temporals.control_namespace,
        page_url=page_url(listener),
        public_url=options.reach.address(listener),
        token=token,
        project_id=project_id,
    )
    write_running(options.data_dir, running)
    stack.callback(forget_running, options.data_dir)
    return running


async def _keep_worker(stack: AsyncExitStack, options: Options, running: Running) -> None:
    arguments = ["worker", "--data-dir", str(options.data_dir), *(["--json-log"] if options.json_log else [])]
    worker = keep_part(arguments, settings=running.to_environment())
    await worker.start()
    stack.push_async_callback(worker.stop)


async def _projects(store: Store, owner: UUID, temporals: Temporals) -> list[str]:
    """The project of each namespace that is looked at."""
    async with store.door() as door:
        found = [
            await find_project(
                door, owner=owner, address=place.address, namespace=place.namespace, is_embedded=place.is_embedded
            )
            for place in temporals.observed
        ]
    return [str(project_id) for project_id in found]


async def _keep_project_worker(
    stack: AsyncExitStack, options: Options, running: Running, projects: Sequence[str]
) -> None:
    """Built workflows run where the Temporal is ours; what runs in somebody else's, they decide themselves."""
    chosen = [word for project_id in projects for word in ("--project", project_id)]
    arguments = ["worker", *chosen, "--data-dir", str(options.data_dir), *(["--json-log"] if options.json_log else [])]
    # It asks the API like anybody else; what its steps do has no way to the database.
    settings = {
        **dict.fromkeys(_DATABASES, ""),
        "WATCHGLASS_URL": running.page_url or "",
        "WATCHGLASS_TOKEN": running.token or "",
    }
    worker = keep_part(arguments, settings=settings, name="project-worker")
    await worker.start()
    stack.push_async_callback(worker.stop)


def _draw(
    stack: AsyncExitStack,
    store: Store,
    temporals: Temporals,
    projects: Sequence[str],
    owner: Principal,
    *,
    page_url: str,
) -> None:
    """The demo's drawn workflows, in the project that looks at its namespace."""
    for place, project_id in zip(temporals.observed, projects, strict=True):
        if place.is_embedded and place.namespace == DEMO_NAMESPACE:
            shop = Shop(Parts(store, Clients()), UUID(project_id), owner, page_url)
            run_beside(stack, keep_drawn(shop), name="drawn workflows of the demo")


async def _keep_demo(stack: AsyncExitStack, options: Options, address: str) -> None:
    arguments = ["demo-worker", "--address", address, *(["--json-log"] if options.json_log else [])]
    # What the demo's steps do is nobody's secret, so they get none of ours.
    demo = keep_part(arguments, settings=dict.fromkeys(_OURS, ""))
    await demo.start()
    stack.push_async_callback(demo.stop)

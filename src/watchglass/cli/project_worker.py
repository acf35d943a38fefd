"""`watchglass worker --project …`: the workers that run what is drawn, with nothing but a token."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

from watchglass.builder.api import Api, ApiServices, read_graph
from watchglass.builder.apps import App, load_app
from watchglass.builder.components.built_in import built_in
from watchglass.builder.worker import app_worker, project_worker
from watchglass.cli.running import running_on
from watchglass.cli.secret_key import read_seal
from watchglass.cli.stop import run_until, stop_flag
from watchglass.config import Settings, observed_profile
from watchglass.errors import InvalidInput, NotFound, StartupError
from watchglass.store.services import open_service
from watchglass.temporal.client import connect
from watchglass.temporal.profile import credentials_of

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one project's workflows run."""

    project_id: UUID
    project: str
    address: str
    namespace: str
    task_queue: str


async def work(settings: Settings, *, apps: Sequence[str], projects: Sequence[str], task_queue: str | None) -> None:
    """Work until a signal asks to stop.

    Raises:
        StartupError: it is not known where the API is, or as whom to ask.
        InvalidInput: a module cannot be used, or it is not clear which project is meant.
        NotFound, Forbidden, Unavailable: what the API or the Temporal says.
    """
    flag = stop_flag()
    loaded = [load_app(module) for module in apps]
    async with AsyncExitStack() as stack:
        api, usual = _api(settings)
        stack.push_async_callback(api.close)
        places = await _places(api, projects, usual)
        workers = [worker for place in places for worker in await _workers(api, settings, place, loaded, task_queue)]
        await run_until(flag, _all(workers))


async def _all(workers: Sequence[Worker]) -> None:
    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(worker.run())


def _api(settings: Settings) -> tuple[Api, str | None]:
    """The API, and the project that is meant where none is named."""
    beside = running_on(settings.data_dir) if settings.url is None or settings.token is None else None
    url = settings.url or (beside.page_url if beside else None)
    token = settings.token.get_secret_value() if settings.token else beside.token if beside else None
    if url is None or token is None:
        raise StartupError(
            f"No Watchglass runs on the data directory {settings.data_dir}. Start it with `watchglass up`, or set "
            "WATCHGLASS_URL and WATCHGLASS_TOKEN (`watchglass token create`)."
        )
    return Api(url, token), beside.project_id if beside else None


async def _places(api: Api, wanted: Sequence[str], usual: str | None) -> list[Place]:
    known = {item["id"]: item["name"] for item in (await api.query("project.list"))["items"]}
    chosen = [_project(known, name) for name in wanted] or [_only(known, usual)]
    return [await _place(api, UUID(id), known[id]) for id in dict.fromkeys(chosen)]


def _project(known: dict[str, str], wanted: str) -> str:
    for id, name in known.items():
        if wanted in (id, name):
            return id
    raise NotFound(f"You have no project {wanted!r}. There is {_listed(known)}.")


def _only(known: dict[str, str], usual: str | None) -> str:
    if usual in known:
        return usual
    if len(known) != 1:
        raise InvalidInput(f"Say which project to work for with --project. There is {_listed(known)}.")
    return next(iter(known))


def _listed(known: dict[str, str]) -> str:
    return ", ".join(sorted(known.values())) or "none"


async def _place(api: Api, project_id: UUID, name: str) -> Place:
    found = await api.query("builder.getPlace", {"projectId": str(project_id)})
    return Place(project_id, name, found["address"], found["namespace"], found["taskQueue"])


async def _workers(
    api: Api, settings: Settings, place: Place, apps: Sequence[App], task_queue: str | None
) -> list[Worker]:
    client = await _client(place)
    opened = partial(open_service, read_seal(settings))
    components = built_in(ApiServices(api, place.project_id, opened))
    workers = [
        project_worker(client, task_queue=queue, components=components, read_graph=partial(read_graph, api))
        for queue in (place.task_queue, *([task_queue] if task_queue else []))
    ]
    for app in apps:
        workers.append(app_worker(client, task_queue=app.queue(place.task_queue), components=app.components))
        announced = [component.model_dump(mode="json") for component in app.announced(place.task_queue)]
        await api.mutate("component.announce", {"projectId": str(place.project_id), "components": announced})
        _log.info(
            "serves_components",
            message=f"Serves {len(announced)} components of {app.module} in project {place.project}",
            components=[each.component.type for each in app.components],
        )
    _log.info(
        "runs_workflows",
        message=f"Runs the built workflows of project {place.project}",
        task_queue=place.task_queue,
        project=place.project,
    )
    return workers


async def _client(place: Place) -> Client:
    """The project's Temporal; signed in to as TEMPORAL_* says, because the API gives no credentials away."""
    profile = observed_profile()
    if profile is None:
        return await connect(place.address, place.namespace)
    return await connect(
        profile.address or place.address, profile.namespace or place.namespace, credentials_of(profile)
    )

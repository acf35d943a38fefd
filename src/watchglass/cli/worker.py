"""`watchglass worker`."""

import logging
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvloop
from temporalio.service import RPCError

from watchglass.cli.open_store import open_store
from watchglass.cli.outside import control_credentials
from watchglass.cli.running import Running, find_running
from watchglass.cli.settle import settle
from watchglass.cli.stop import run_until, stop_flag
from watchglass.config import Settings, observed_profile
from watchglass.errors import InvalidInput, Unavailable
from watchglass.logging import configure_logging
from watchglass.memory import keep_few_arenas
from watchglass.sync.parts import Parts
from watchglass.sync.worker import run_worker
from watchglass.temporal.client import Clients, connect
from watchglass.temporal.codec_hosts import CodecHosts

_log = structlog.get_logger(__name__)


def worker(
    app: Annotated[list[str] | None, typer.Option(help="Serve the components that this Python module defines.")] = None,
    project: Annotated[list[str] | None, typer.Option(help="Run the built workflows of this project.")] = None,
    task_queue: Annotated[str | None, typer.Option(help="Run those of this task queue too.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
    metrics_port: Annotated[
        int | None, typer.Option(min=1, max=65_535, help="Serve /healthz, /readyz and /metrics on this port.")
    ] = None,
    metrics_host: Annotated[str, typer.Option(help="Address to serve them on.")] = "127.0.0.1",
    json_log: Annotated[bool, typer.Option(help="Log JSON lines.")] = False,
) -> None:
    """Copy runs from Temporal in the background, until stopped; any number of workers share the work.

    With --app or --project: run a project's built workflows and the components of your modules instead.
    """
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=json_log, level=settings.log_level)
    keep_few_arenas()
    if app or project or task_queue:
        from watchglass.cli.project_worker import work as work_for_projects  # noqa: PLC0415 - a third of the start

        # Steps fail as a matter of course, and the run's page says how; a stack in the log for each helps nobody.
        logging.getLogger("temporalio.activity").setLevel(logging.ERROR)
        return uvloop.run(work_for_projects(settings, apps=app or (), projects=project or (), task_queue=task_queue))
    running = find_running(settings)
    if not running.control_address:
        raise InvalidInput("Set WATCHGLASS_CONTROL_TEMPORAL_ADDRESS to the Temporal for Watchglass's own workflows.")
    return uvloop.run(_work(settings, running, (metrics_host, metrics_port) if metrics_port else None))


async def _work(settings: Settings, running: Running, figures: tuple[str, int] | None) -> None:
    flag = stop_flag()
    async with AsyncExitStack() as stack:
        store = await open_store(stack, running.urls, settings, size=settings.worker_pool_size)
        credentials = control_credentials(running.control_address, observed_profile())
        control = await connect(running.control_address, running.control_namespace, credentials)
        clients = Clients()
        if figures:
            from watchglass.cli.condition import operations_of, serve_operations  # noqa: PLC0415 - a web server

            place = (running.control_address, running.control_namespace)
            operations = operations_of(settings, store, clients, place, needs_control=True)
            url = await serve_operations(stack, operations, *figures)
            _log.info("serving_figures", message=f"Health and figures of this worker are at {url}", url=url)
        settle()
        try:
            parts = Parts(store, clients, codec_hosts=CodecHosts.read(settings.codec_hosts))
            await run_until(flag, run_worker(parts, control, concurrency=settings.worker_concurrency))
        except RPCError as error:
            raise Unavailable(
                f"The control Temporal at {running.control_address} does not answer "
                f"({error.message or error.status.name})."
            ) from error

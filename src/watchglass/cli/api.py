"""`watchglass api`."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvloop

from watchglass.cli.condition import operations_of
from watchglass.cli.listen import (
    AllowedHost,
    BehindTls,
    Host,
    Reach,
    TrustedProxy,
    open_listener,
    page_url,
    reach,
    refuse_without_people,
)
from watchglass.cli.oidc import oidc_provider
from watchglass.cli.open_store import open_store
from watchglass.cli.page import serve_page
from watchglass.cli.running import find_running
from watchglass.cli.stop import run_until, stop_flag
from watchglass.config import Settings
from watchglass.logging import configure_logging
from watchglass.memory import keep_few_arenas
from watchglass.temporal.client import Clients
from watchglass.temporal.codec_hosts import CodecHosts
from watchglass.temporal.temporal_hosts import TemporalHosts

_log = structlog.get_logger(__name__)


def api(
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="By default 8780 or the next free one.")] = None,
    host: Host = "127.0.0.1",
    behind_tls: BehindTls = False,
    allowed_host: AllowedHost = None,
    trusted_proxy: TrustedProxy = None,
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
    json_log: Annotated[bool, typer.Option(help="Log JSON lines.")] = False,
) -> None:
    """Serve the page and the API, until stopped; any number of them can run beside each other."""
    wanted = reach(host, is_behind_tls=behind_tls, names=allowed_host, proxies=trusted_proxy)
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=json_log, level=settings.log_level)
    keep_few_arenas()
    uvloop.run(_serve(settings, wanted, port))


async def _serve(settings: Settings, wanted: Reach, port: int | None) -> None:
    await run_until(stop_flag(), _until_it_ends(settings, wanted, port))


async def _until_it_ends(settings: Settings, wanted: Reach, port: int | None) -> None:
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(open_listener(wanted.host, port))
        running = find_running(settings)
        store = await open_store(stack, running.urls, settings, size=settings.api_pool_size)
        provider = oidc_provider(settings)
        await refuse_without_people(store, wanted, has_provider=provider is not None)
        clients = Clients()
        control = (running.control_address, running.control_namespace)
        operations = operations_of(settings, store, clients, control, is_behind_proxy=wanted.has_proxy)
        codecs = CodecHosts.read(settings.codec_hosts)
        temporal_hosts = TemporalHosts.read(settings.temporal_hosts)
        page = await serve_page(stack, store, clients, listener, operations, wanted, provider, codecs, temporal_hosts)
        url = page_url(listener)
        _log.info("serving", message=f"Watchglass is served at {url}", url=url)
        await page.ended()

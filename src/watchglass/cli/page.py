"""The application of the page and its API, put together and served."""

import socket
from contextlib import AsyncExitStack

from watchglass.api.app import create_app
from watchglass.api.context import Dependencies
from watchglass.api.door import Door
from watchglass.api.operations import Operations
from watchglass.auth.oidc import Provider
from watchglass.cli.listen import Reach
from watchglass.cli.serve import PageServer
from watchglass.cli.settle import settle
from watchglass.store.scope import Store
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal.codec_hosts import CodecHosts
from watchglass.temporal.temporal_hosts import TemporalHosts


async def serve_page(
    stack: AsyncExitStack,
    store: Store,
    clients: Clients,
    listener: socket.socket,
    operations: Operations,
    reach: Reach,
    provider: Provider | None,
    codec_hosts: CodecHosts,
    temporal_hosts: TemporalHosts,
) -> PageServer:
    """Return the server once it answers; it stops when `stack` closes."""
    parts = Parts(store, clients, codec_hosts=codec_hosts, temporal_hosts=temporal_hosts)
    door = Door(is_behind_tls=reach.is_behind_tls, provider=provider)
    app = create_app(Dependencies(store, ImmediateSync(parts), parts, door), operations=operations, hosts=reach.hosts)
    page = PageServer(app, listener, proxies=reach.proxies)
    stack.push_async_callback(page.stop)
    await page.start()
    settle()
    return page

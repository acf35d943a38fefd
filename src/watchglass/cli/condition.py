"""How a process learns of its own condition, for `/readyz` and `/metrics`."""

from contextlib import AsyncExitStack
from datetime import timedelta

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest

from watchglass.api.operations import Operations, create_operations_app
from watchglass.cli.listen import open_listener, page_url
from watchglass.cli.outside import control_credentials
from watchglass.cli.serve import PageServer
from watchglass.config import Settings, observed_profile
from watchglass.store.scope import Store
from watchglass.temporal.client import Clients

_CALL = timedelta(seconds=2)


def operations_of(
    settings: Settings,
    store: Store,
    clients: Clients,
    control: tuple[str, str],
    *,
    needs_control: bool = False,
    is_behind_proxy: bool = False,
) -> Operations:
    """`control`: address and namespace of the control Temporal; an empty address where none is known."""
    address, namespace = control

    async def ask() -> None:
        client = await clients.get(address, namespace, control_credentials(address, observed_profile()))
        await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=_CALL)

    return Operations(
        store,
        ask_control=ask if address else None,
        needs_control=needs_control,
        token=settings.operations_token.get_secret_value() if settings.operations_token else None,
        is_behind_proxy=is_behind_proxy,
    )


async def serve_operations(stack: AsyncExitStack, operations: Operations, host: str, port: int) -> str:
    """Serve the three addresses until `stack` closes; returns where."""
    listener = stack.enter_context(open_listener(host, port))
    server = PageServer(create_operations_app(operations), listener)
    stack.push_async_callback(server.stop)
    await server.start()
    return page_url(listener)

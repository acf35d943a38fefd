"""Can a namespace be read at all? Asked once at the start, so that a mistake costs a sentence and not a search."""

from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.client import Client

from watchglass.errors import StartupError, WatchglassError
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.temporal.call import call
from watchglass.temporal.errors import NamespaceMissing, TemporalRefused
from watchglass.temporal.obstacle import find_obstacle


async def check_namespace(
    client: Client,
    *,
    address: str,
    namespace: str,
    credentials: Credentials = NO_CREDENTIALS,
    may_be_missing: bool = False,
) -> None:
    """List one run: the very call that discovery needs.

    `may_be_missing` is for a namespace of our own, which is made when there is none.

    Raises:
        StartupError: nobody answers, the credentials are refused, or there is no such namespace.
    """
    request = ListWorkflowExecutionsRequest(namespace=namespace, page_size=1)
    try:
        await call(client.workflow_service.list_workflow_executions, request, subject=f"namespace {namespace!r}")
    except NamespaceMissing as error:
        if may_be_missing:
            return
        raise StartupError(
            f"Temporal at {address} has no namespace {namespace!r}. Correct TEMPORAL_NAMESPACE, or "
            "create the namespace."
        ) from error
    except TemporalRefused as error:
        raise StartupError(
            f"Temporal at {address} refuses the credentials for namespace {namespace!r}. {error.message}"
        ) from error
    except WatchglassError as error:
        obstacle = await find_obstacle(address, credentials)
        raise StartupError(f"Temporal at {address} cannot be reached. {obstacle or error.message}") from error

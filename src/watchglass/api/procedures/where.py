"""Who may say where a project's Temporal is."""

from watchglass.api.context import Context
from watchglass.api.shapes.session import Places
from watchglass.errors import Forbidden
from watchglass.model.connection import ConnectionSettings

_ASK = (
    "Only an administrator of this installation, with a token that is bound to no project, may connect a project to "
    "this Temporal, or test it. Ask one; whoever runs the installation can also add a Temporal that lets nobody in "
    "without credentials to WATCHGLASS_TEMPORAL_HOSTS, for everybody."
)


def refuse_other_places(
    context: Context, settings: ConnectionSettings, before: ConnectionSettings | None = None
) -> None:
    """`before`: what is stored of a connection that the person may change; where it looks already, it may look on.

    The same is said of every Temporal, there or not, looked at by others or not, so that it tells nothing of them.

    Raises:
        Forbidden: the person does not manage the installation, and the place is not on its list.
    """
    if _may_connect_all(context):
        return
    if before is not None and _place(before) == _place(settings):
        return
    if not context.namespaces.temporal_hosts.allow(settings):
        raise Forbidden(_ASK)


def places_of(context: Context) -> Places:
    """What the person asking may say, for pages that tell it before it is refused."""
    return Places(anywhere=_may_connect_all(context), hosts=list(context.namespaces.temporal_hosts.entries))


def _may_connect_all(context: Context) -> bool:
    return context.principal.is_admin and context.principal.only_project is None


def _place(settings: ConnectionSettings) -> tuple[str, str, str | None]:
    return settings.address, settings.namespace, settings.http_address

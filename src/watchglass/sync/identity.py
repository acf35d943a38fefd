"""Is the namespace still the one that was looked at before? One that was deleted and made anew has another id."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from watchglass.model.connection import Connection
from watchglass.store.namespaces import keep_namespace_id
from watchglass.sync.parts import Parts
from watchglass.temporal.visibility import describe_namespace

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Met:
    kept: timedelta
    """How long Temporal keeps runs that have ended."""
    is_another: bool
    """The namespace is not the one of before."""


async def meet_namespace(parts: Parts, connection: Connection) -> Met:
    """Ask what the namespace is, and keep it.

    When it is another one, what was copied stays; its open runs become due, and are found gone by the usual rules.

    Raises:
        TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    described = await describe_namespace(await parts.access(connection))
    async with parts.store.write() as writer:
        is_another = bool(described.id) and await keep_namespace_id(writer, connection, described.id)
    if is_another:
        log.warning("namespace_replaced", namespace=connection.namespace, connection_id=str(connection.id))
    return Met(timedelta(seconds=described.retention_seconds), is_another)

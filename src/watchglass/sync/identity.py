"""Is the namespace still the one that was looked at before?

One that was deleted and made anew has another id; one that another cluster took over has a higher failover version.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from watchglass.model.connection import Connection
from watchglass.store.failovers import keep_failover_version, recheck_closed
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
    For an hour after a failover the runs that had closed before it become due again, each time that this is asked.

    Raises:
        TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    described = await describe_namespace(await parts.access(connection))
    async with parts.store.write() as writer:
        is_another = bool(described.id) and await keep_namespace_id(writer, connection, described.id)
        version = described.failover_version
        has_failed_over = await keep_failover_version(writer, connection, version, is_another=is_another)
        due_again = await recheck_closed(writer, connection)
    if is_another:
        log.warning("namespace_replaced", namespace=connection.namespace, connection_id=str(connection.id))
    if has_failed_over or due_again:
        log.warning(
            "namespace_failed_over",
            namespace=connection.namespace,
            connection_id=str(connection.id),
            failover_version=version,
            runs_read_again=due_again,
        )
    return Met(timedelta(seconds=described.retention_seconds), is_another)

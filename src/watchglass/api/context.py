"""What a procedure is given: who asks, and the doors it may knock on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from starlette.requests import Request

from watchglass.api.door import Door, browser_behind
from watchglass.api.guards import more_headers
from watchglass.api.pace import Pace
from watchglass.api.seen import SeenValues
from watchglass.api.trpc.errors import TRPCError
from watchglass.api.trpc.router import Kind, Procedure
from watchglass.auth.browser import Browser
from watchglass.auth.credential import Method, credential_of
from watchglass.auth.identify import identify
from watchglass.model.connection import Connection
from watchglass.model.permission import Permission
from watchglass.model.project import Principal
from watchglass.model.refresh import Refreshed
from watchglass.parse.redaction.redactor import Redactor
from watchglass.store.scope import Store
from watchglass.sync.estimate import Estimate
from watchglass.temporal.access import Access
from watchglass.temporal.codec_hosts import CodecHosts
from watchglass.temporal.temporal_hosts import TemporalHosts


class ImmediateSync(Protocol):
    """Syncs for the person looking. Callers have made sure that this person may see the execution or connection."""

    async def refresh(self, execution_id: UUID, *, force: bool = False) -> Refreshed:
        """Make the copy equal to Temporal unless that was done a moment ago (`force`: even then).

        Requests for one execution share one sync, which goes on when a request stops waiting for it.
        """
        ...

    async def resolve(self, connection_id: UUID, *, workflow_id: str, run_id: str | None) -> UUID | None:
        """The execution of a run, copied now when nobody has seen it yet; None when Temporal has no such run."""
        ...

    async def watch(self, project_id: UUID, execution_id: UUID) -> None:
        """Somebody looks at an open execution: have it followed for a while."""
        ...

    async def estimate(self, connection_id: UUID, *, since: datetime | None) -> Estimate:
        """What copying the runs that started at or after `since` would cost."""
        ...

    async def enqueue(self, execution_id: UUID) -> None:
        """Put the execution at the head of the queue, also when it was set aside."""
        ...

    async def enqueue_set_aside(self, project_id: UUID) -> int:
        """Put all that the project has set aside at the head of the queue; returns how many that are."""
        ...


class Namespaces(Protocol):
    """Speaks to Temporal for somebody who waits. Callers have made sure that this person may."""

    async def connection(self, connection_id: UUID) -> Connection:
        """A connection as it is set now. Raises NotFound when there is none (any more)."""
        ...

    @property
    def codec_hosts(self) -> CodecHosts:
        """Where codec servers may be."""
        ...

    @property
    def temporal_hosts(self) -> TemporalHosts:
        """Which Temporals may be connected by who is no administrator."""
        ...

    async def redactor(self, connection: Connection) -> Redactor | None:
        """What hides values of the connection's runs; None: nothing is hidden. Raises Unsealable."""
        ...

    async def access(self, connection: Connection, *, urgent: bool = False) -> Access:
        """How the connection's namespace is spoken to. Raises Unsealable and TemporalRefused."""
        ...


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The doors of one process, opened by whoever starts it."""

    store: Store
    sync: ImmediateSync
    namespaces: Namespaces
    door: Door = field(default_factory=Door)
    seen: SeenValues = field(default_factory=SeenValues)
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True)
class Context:
    """One request: its procedures share it."""

    store: Store
    sync: ImmediateSync
    namespaces: Namespaces
    caller: Principal | None
    method: Method | None
    door: Door = field(default_factory=Door)
    browser: Browser = field(default_factory=Browser)
    headers: list[tuple[str, str]] = field(default_factory=list)
    """What the answer's headers say besides; procedures add to it."""
    seen: SeenValues = field(default_factory=SeenValues)
    pace: Pace = field(default_factory=Pace)

    @property
    def principal(self) -> Principal:
        """Who is asking. Procedures that are not public run only when somebody is."""
        if self.caller is None:
            raise TRPCError("UNAUTHORIZED", "You are not signed in, or your session is over. Sign in again.")
        return self.caller


async def read_context(dependencies: Dependencies, request: Request) -> Context:
    """Find out who sent a request."""
    door = dependencies.door
    credential = credential_of(request.headers, request.cookies, is_behind_tls=door.is_behind_tls)
    caller = await identify(dependencies.store, credential)
    method = credential.method if credential and caller else None
    return Context(
        dependencies.store,
        dependencies.sync,
        dependencies.namespaces,
        caller,
        method,
        door=door,
        browser=browser_behind(request),
        headers=more_headers(request.scope),
        seen=dependencies.seen,
        pace=dependencies.pace,
    )


def require_permission(procedure: Procedure, context: Context) -> None:
    """What can be said before the input is read; the rest is asked where the project is known (see rights.py).

    Raises:
        TRPCError: UNAUTHORIZED for who is not signed in, FORBIDDEN for tokens of too small a scope and for who is no
            administrator.
        TooMany: the person asked too often.
    """
    if procedure.permission is Permission.PUBLIC:
        return
    person = context.principal
    changes = procedure.kind is Kind.MUTATION
    if not person.scope.covers(procedure.permission, changes=changes):
        message = f"The scope of this token is “{person.scope}”, which is not enough here. Use one of a larger scope."
        raise TRPCError("FORBIDDEN", message)
    if person.only_project is not None and procedure.permission is Permission.SIGNED_IN and changes:
        message = "This token is bound to one project, and this is about more than that. Use one that is not."
        raise TRPCError("FORBIDDEN", message)
    if procedure.permission is Permission.ADMINISTER and not person.is_admin:
        raise TRPCError("FORBIDDEN", "Only administrators of this installation may do this. Ask one of them.")
    context.pace.take(procedure.name, person.user_id)

"""How a namespace is reached, which of its runs count, how much of them is copied, and how hard it may be asked."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Level(StrEnum):
    """How much of a run is copied without anybody asking for it."""

    LIST = "list"
    """Its line in the list alone."""
    VIEWED = "viewed"
    """Its history once somebody looks at it."""
    FAILED = "failed"
    """The histories of runs that failed, and of a sample of the others."""
    ALL = "all"
    """Every history."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many calls a second a namespace may be asked, by all processes and all of its connections together."""

    visibility_per_second: float = 5.0
    """Lists, counts and descriptions of the namespace."""
    history_per_second: float = 50.0
    """Histories, and descriptions of runs and task queues."""


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """What people set of a connection, apart from its credentials; the fields mean what they mean in `Connection`."""

    address: str
    namespace: str
    scope: str = ""
    level: Level = Level.ALL
    budget: Budget = Budget()
    ui_address: str | None = None
    http_address: str | None = None
    codec_address: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one Temporal namespace."""

    id: UUID
    project_id: UUID
    address: str
    namespace: str
    is_embedded: bool
    """True for the server that Watchglass started itself: it is asked more often."""
    ui_address: str | None
    http_address: str | None
    """The frontend's HTTP API, for histories that gRPC clients cannot decode."""
    scope: str = ""
    """A visibility query: the runs that this connection looks at. Empty: all of them."""
    level: Level = Level.ALL
    """For workflow types that have no level of their own."""
    budget: Budget = Budget()
    codec_address: str | None = None
    """URL of the remote codec server that can decode this namespace's payloads."""
    decodes_at_sync: bool = False
    """Values are decoded when they are copied, so that they can be searched; the stored history stays encoded."""
    namespace_id: str | None = None
    """The server's own id of the namespace when it was first seen: another one means that it was made anew."""

    @property
    def settings(self) -> ConnectionSettings:
        """What people can change of it."""
        return ConnectionSettings(
            address=self.address,
            namespace=self.namespace,
            scope=self.scope,
            level=self.level,
            budget=self.budget,
            ui_address=self.ui_address,
            http_address=self.http_address,
            codec_address=self.codec_address,
        )

"""Who may look at what: projects, their connections, and the person asking."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. The session hash is what Row Level Security looks up; it cannot be guessed."""

    user_id: UUID
    name: str
    session_hash: bytes
    """SHA-256 of the session cookie or bearer token."""


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

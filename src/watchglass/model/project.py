"""Who may look at what: projects and the person asking."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from watchglass.model.permission import Scope


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
    scope: Scope = Scope.ADMIN
    """Smaller only for tokens that were made so."""
    is_admin: bool = False
    """Of the installation."""
    only_project: UUID | None = None
    """What a token is bound to: the database shows it nothing of other projects."""

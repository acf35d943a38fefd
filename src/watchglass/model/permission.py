"""What a caller needs for a procedure, and what a token is good for."""

from enum import StrEnum


class Permission(StrEnum):
    """Every procedure states one. Those from `look` to `own` are about the project that the input leads to."""

    PUBLIC = "public"
    """Answered without knowing who asks."""
    SIGNED_IN = "signed_in"
    """For everybody who is signed in; what they get is their own."""
    LOOK = "look"
    """For every member of the project."""
    PAYLOADS = "payloads"
    """For members who may see the values that its runs handled."""
    EDIT = "edit"
    """For its editors and owners."""
    OWN = "own"
    """For its owners."""
    ADMINISTER = "administer"
    """For administrators of the installation."""


class Scope(StrEnum):
    """What a token is good for; a session is good for everything that its person may."""

    READ = "read"
    """Queries that members may ask."""
    SYNC = "sync"
    """Those, and copying runs from Temporal anew."""
    ADMIN = "admin"
    """Everything that its person may."""

    def covers(self, permission: Permission, *, changes: bool) -> bool:
        """Is a token of this scope good for a procedure with this permission? `changes`: it is a mutation."""
        if self is Scope.ADMIN:
            return True
        if not changes:
            return permission in _READING
        return self is Scope.SYNC and permission is Permission.LOOK


_READING = frozenset({Permission.PUBLIC, Permission.SIGNED_IN, Permission.LOOK, Permission.PAYLOADS})

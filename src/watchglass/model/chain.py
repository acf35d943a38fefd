"""How a run came to be, and what becomes of it when its workers change."""

from enum import StrEnum


class Origin(StrEnum):
    """What made the run start, as its own history tells it."""

    FIRST = "first"
    """Somebody, or something, started it: nothing came before."""
    CARRIED_ON = "carried_on"
    """The run before it continued as new."""
    RETRIED = "retried"
    """The run before it failed, and its retry policy tried again."""
    CRON = "cron"
    """The cron schedule that the run before it was started with."""
    RESET = "reset"
    """Somebody reset another run, and this one took its place."""


class Versioning(StrEnum):
    """What happens to the run when its worker deployment gets a new version."""

    PINNED = "pinned"
    """It stays with the version that it has."""
    AUTO_UPGRADE = "auto_upgrade"
    """It moves to the newest one."""

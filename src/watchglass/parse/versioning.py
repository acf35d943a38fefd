"""The server's number of a versioning behaviour as a word."""

from temporalio.api.enums.v1 import VersioningBehavior

from watchglass.model.chain import Versioning

_WORDS: dict[int, Versioning] = {
    VersioningBehavior.VERSIONING_BEHAVIOR_PINNED: Versioning.PINNED,
    VersioningBehavior.VERSIONING_BEHAVIOR_AUTO_UPGRADE: Versioning.AUTO_UPGRADE,
}


def versioning_of(behavior: int) -> Versioning | None:
    """None for runs of workers that are not versioned, and for numbers that nobody here knows."""
    return _WORDS.get(behavior)

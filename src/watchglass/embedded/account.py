"""The user that PostgreSQL runs as: it refuses to run as root, so root has to lend it another one."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from watchglass.errors import StartupError


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine that a program is started as."""

    name: str
    uid: int
    gid: int

    def can_enter(self, path: Path) -> bool:
        """Say whether this user, without extra groups, can pass through `path` and everything above it."""
        return all(self._can_pass(folder) for folder in (path, *path.parents))

    def _can_pass(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def account_for_postgres() -> Account | None:
    """Return the user to start PostgreSQL as, or None when we are not root and it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise StartupError(
        "PostgreSQL refuses to run as root, and this machine has no user 'postgres' or 'nobody' "
        "to run it as. Start Watchglass as an ordinary user."
    )

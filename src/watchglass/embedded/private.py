"""Directories and files that other users of this machine cannot read."""

import os
from pathlib import Path
from typing import IO


def make_private_directory(path: Path) -> None:
    """Make `path` where there is none. One that exists stays as it is: it may be there for more than us.

    Root's directory can be passed through though not listed: PostgreSQL, which refuses to run as root, keeps its
    data inside as another user.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)


def open_private_log(path: Path) -> IO[bytes]:
    """Open a log to append to; only its owner can read it, also when it was made otherwise."""
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.fchmod(log, 0o600)
    return os.fdopen(log, "ab")


def close_to_others(*paths: Path) -> None:
    """Take every right of other users away from files that exist."""
    for path in paths:
        path.chmod(0o600)

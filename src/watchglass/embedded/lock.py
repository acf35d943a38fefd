"""One owner per data directory.

The lock is the operating system's (`flock`): it ends with the process, however that ends, so a lock file
left behind never keeps anybody out. The process id inside it only serves the sentence that refuses the
second owner.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from watchglass.embedded.private import make_private_directory
from watchglass.errors import StartupError


class DirectoryLock:
    """Holds `<directory>/<name>` locked between `acquire` and `release`."""

    def __init__(self, directory: Path, *, name: str = "lock") -> None:
        self._directory = directory
        self._path = directory / name
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock; StartupError when another process has it or the directory is not writable."""
        fd = self._open()
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(fd, 32).decode(errors="replace").strip()
            os.close(fd)
            raise StartupError(self._refusal(owner)) from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd

    def release(self) -> None:
        """Give the lock back; the file stays, because removing it would race with the next owner."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _open(self) -> int:
        try:
            make_private_directory(self._directory)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartupError(
                f"The data directory {self._directory} is not writable ({error.strerror}). "
                "Give this user write access to it, or choose another one with --data-dir."
            ) from error

    def _refusal(self, owner: str) -> str:
        who = f"process {owner}" if owner else "another process"
        return (
            f"The data directory {self._directory} is in use by {who}. "
            "Stop that Watchglass first, or choose another directory with --data-dir."
        )

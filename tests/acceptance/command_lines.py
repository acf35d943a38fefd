"""What everybody on this machine may read of its processes, looked at again and again for as long as a test runs."""

import subprocess
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

_PAUSE_SECONDS = 0.05
_LOOKS = 10
"""A process that was looked at so often is what it will stay: it has begun the program that it was made for."""


class CommandLines:
    """Every command line that there was in between, of every process."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._looks: Counter[str] = Counter()
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._watching.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._watching.join()

    def _watch(self) -> None:
        while not self._over.wait(_PAUSE_SECONDS):
            self._look()

    def _look(self) -> None:
        for process in Path("/proc").iterdir():
            if not process.name.isdecimal() or self._looks[process.name] >= _LOOKS:
                continue
            self._looks[process.name] += 1
            try:
                self.seen.add((process / "cmdline").read_bytes())
            except OSError:
                # It ended while it was looked at.
                continue


def told_by_ps() -> bytes:
    """What `ps` prints of all processes."""
    return subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, check=True).stdout

"""A child process that is started again when it dies."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

import structlog

from watchglass.embedded.child import Child
from watchglass.errors import WatchglassError

_log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A process that ran this long is not in a crash loop: the pause starts from the beginning."""


class KeptProcess:
    """Keeps one program alive between `start` and `stop`.

    `launch` starts it and returns once it serves; it raises a WatchglassError when it cannot. The first
    failure goes to the caller of `start`, later ones are logged and tried again with a growing pause.
    """

    def __init__(
        self,
        name: str,
        launch: Callable[[], Awaitable[Child]],
        *,
        stop_signal: signal.Signals = signal.SIGINT,
        grace_seconds: float = 5.0,
    ) -> None:
        self._name = name
        self._launch = launch
        self._stop_signal = stop_signal
        self._grace_seconds = grace_seconds
        self._child: Child | None = None
        self._watch: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def is_running(self) -> bool:
        return self._child is not None and self._child.is_running()

    async def start(self) -> None:
        self._child = await self._launch()
        _log.debug("process_started", process=self._name, pid=self._child.pid)
        self._watch = asyncio.create_task(self._keep(self._child), name=f"keep {self._name}")

    async def stop(self) -> None:
        """End the program and stop watching it; harmless when it was never started."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
            self._watch = None
        if self._child is not None:
            await self._child.stop(self._stop_signal, grace_seconds=self._grace_seconds)
            self._child = None

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            since = time.monotonic()
            code = await child.wait()
            if time.monotonic() - since > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            _log.warning("process_died", process=self._name, pid=child.pid, exit_code=code)
            child, pause = await self._start_again(pause)

    async def _start_again(self, pause: float) -> tuple[Child, float]:
        while True:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                self._child = await self._launch()
            except WatchglassError as error:
                _log.error("process_not_restarted", process=self._name, reason=error.message)
                continue
            self.restarts += 1
            _log.warning("process_restarted", process=self._name, pid=self._child.pid)
            return self._child, pause

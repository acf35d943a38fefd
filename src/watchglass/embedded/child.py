"""One program running as a child process."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from watchglass.embedded.account import Account

_TETHER = Path(__file__).with_name("tether.py")


class Child:
    """A program tied to our life by `tether`, in a session of its own: a terminal's Ctrl-C passes it by."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._ended = asyncio.Event()
        # A thread and not asyncio's own subprocesses, which differ between event loops.
        self._waiter = threading.Thread(
            target=self._wait_in_thread,
            args=(asyncio.get_running_loop(),),
            daemon=True,
            name=f"wait-{process.pid}",
        )
        self._waiter.start()

    @classmethod
    def spawn(
        cls,
        command: Sequence[str],
        *,
        log: IO[bytes] | None,
        stdin: IO[bytes] | None = None,
        stop_signal: signal.Signals = signal.SIGINT,
        account: Account | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> "Child":
        """Start `command`, whose first word is a full path; both its outputs go to `log` (None: to ours)."""
        uid, gid = (account.uid, account.gid) if account else (-1, -1)
        tether = [
            sys.executable,
            "-I",
            "-S",
            str(_TETHER),
            str(os.getpid()),
            str(int(stop_signal)),
            str(uid),
            str(gid),
        ]
        process = subprocess.Popen(
            [*tether, *command],
            stdin=stdin or subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._process.returncode

    def is_running(self) -> bool:
        return not self._ended.is_set() and self._process.returncode is None

    async def wait(self) -> int:
        """Wait for its end and return the exit code."""
        await self._ended.wait()
        return self._process.returncode

    async def stop(self, stop_signal: signal.Signals, *, grace_seconds: float) -> None:
        """Ask it to end; after `grace_seconds` kill it."""
        self._send(stop_signal)
        try:
            await asyncio.wait_for(self.wait(), grace_seconds)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)
        await self.wait()

    def _send(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            self._process.send_signal(number)

    def _wait_in_thread(self, loop: asyncio.AbstractEventLoop) -> None:
        self._process.wait()
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._ended.set)

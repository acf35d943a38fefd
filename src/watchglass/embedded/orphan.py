"""Servers that an earlier owner left running.

Called only while the data directory's lock is held, so whatever still runs in it belongs to nobody.
"""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import structlog

from watchglass.errors import StartupError

_log = structlog.get_logger(__name__)

GRACE_SECONDS = 10.0


async def end_orphan(pid_file: Path, *, mark: str) -> None:
    """End the process named in `pid_file` if its command line holds `mark`; remove the file.

    The mark tells the server that was left behind from a stranger that was given its process id later.
    """
    pid = _read_pid(pid_file)
    if pid is not None and mark in _command_line(pid):
        _log.warning("orphan_ended", pid=pid, pid_file=str(pid_file))
        await _end(pid, mark)
    pid_file.unlink(missing_ok=True)


def _read_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _command_line(pid: int) -> str:
    if Path("/proc/self").exists():
        try:
            words = Path("/proc", str(pid), "cmdline").read_bytes()
        except OSError:
            return ""
        return words.replace(b"\0", b" ").decode(errors="replace")
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout


async def _end(pid: int, mark: str) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        _signal(pid, number)
        for _ in range(round(GRACE_SECONDS / 0.05)):
            if mark not in _command_line(pid):
                return
            await asyncio.sleep(0.05)
    raise StartupError(f"Process {pid}, left running by an earlier Watchglass, does not end. End it and start again.")


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise StartupError(
            f"Process {pid}, left running by an earlier Watchglass, belongs to another user. "
            "End it as that user and start again."
        ) from error

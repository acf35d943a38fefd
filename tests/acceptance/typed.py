"""`watchglass COMMAND …` in a process of its own, forked from one that has read the program already.

Each costs a fifth of what it costs to begin a Python for it.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path

from watchglass.cli.main import leave, run

_PROGRAM = [
    "pytest",
    *(f"watchglass.cli.{name}" for name in ("backup", "connection", "doctor", "erase", "history", "inspect", "redact")),
    *(f"watchglass.cli.{name}" for name in ("rotate_key", "sign_in_link", "token", "user", "workflow")),
]
"""What the first process reads: the commands that are typed, and what runs this."""
_context = get_context("forkserver")


async def type_command(*arguments: str, env: Mapping[str, str], given: str = "") -> tuple[int, str, str]:
    """Its exit code and what it said on standard output and on standard error."""
    _context.set_forkserver_preload(_PROGRAM)
    with tempfile.TemporaryDirectory() as directory:
        streams = Path(directory)
        (streams / "0").write_text(given)
        process = _context.Process(target=_run, args=(arguments, dict(env), streams))
        process.start()
        await asyncio.to_thread(process.join)
        code = process.exitcode
        process.close()
        assert code is not None
        return code, (streams / "1").read_text(), (streams / "2").read_text()


def _run(arguments: tuple[str, ...], env: dict[str, str], streams: Path) -> None:
    os.environ.clear()
    os.environ.update(env)
    for number, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY | os.O_CREAT), (2, os.O_WRONLY | os.O_CREAT)):
        os.dup2(os.open(streams / str(number), flags), number)
    sys.stdin = os.fdopen(0)
    leave(run(list(arguments)))

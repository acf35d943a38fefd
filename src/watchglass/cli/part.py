"""A part of Watchglass that runs as a process of its own: `watchglass worker` and its like."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence

from watchglass.embedded.child import Child
from watchglass.embedded.kept import KeptProcess

STOP = signal.SIGTERM
"""Ends a part quietly while it is still importing, when an interrupt would print a trace."""
_GRACE_SECONDS = 15.0
"""For what a part finishes when it is asked to stop, which it bounds itself."""


def keep_part(arguments: Sequence[str], *, settings: Mapping[str, str], name: str | None = None) -> KeptProcess:
    """Return `watchglass ARGUMENTS…` to be kept running, its logs among ours; called by its command unless named.

    `settings` are environment variables: they may hold passwords, which command lines would show to everybody.
    """
    command = [sys.executable, "-m", "watchglass", *arguments]
    env = {**os.environ, **settings}

    async def launch() -> Child:
        return Child.spawn(command, log=None, stop_signal=STOP, env=env)

    return KeptProcess(name or arguments[0], launch, stop_signal=STOP, grace_seconds=_GRACE_SECONDS)

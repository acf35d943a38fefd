"""*Stopping*: how long `watchglass up` takes from SIGTERM to its end while it copies runs, and just after one of its
processes was killed; and that nothing of it is left."""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path
from statistics import median
from uuid import uuid4

from temporalio.client import Client
from tests.acceptance.running import Running, clean_environment
from tests.servers import make_shared_directory

from benchmarks.figure import Figure
from benchmarks.load import QUEUE, Lines, working
from benchmarks.place import Place
from watchglass.embedded.ports import free_port

_TIMES = 5
_RUNS = 30
_CHILDREN = ("postgres", "temporal", "worker", "project-worker")
_MOST_SECONDS = 40
"""What docs/operations.md says each part takes at most, one after the other."""


async def measure_stopping(_place: Place, _scale: float) -> list[Figure]:
    """With an `up` of its own and the servers that come with it."""
    folder = make_shared_directory()
    try:
        took = [await _stopped(folder, None) for _ in range(_TIMES)]
        note = ", ".join(f"{seconds:.1f}" for seconds in took)
        figures = [
            Figure("stopping", "SIGTERM while runs are copied, longest", max(took), "s", most=_MOST_SECONDS, note=note),
            Figure("stopping", "the same, median", median(took), "s"),
        ]
        for name in _CHILDREN:
            took_after = await _stopped(folder, name)
            figures.append(Figure("stopping", f"just after {name} was killed", took_after, "s", most=_MOST_SECONDS))
        return figures
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _stopped(folder: Path, killed: str | None) -> float:
    """Seconds from the signal to the end of `up`."""
    settings = ("--data-dir", str(folder), "--port", str(free_port()), "--no-demo")
    with Running(*settings, env=clean_environment(WATCHGLASS_LOG_LEVEL="debug")) as up:
        ready = await asyncio.to_thread(up.wait_for, "ready")
        pids = {name: _pid_of(up, name) for name in _CHILDREN}
        client = await Client.connect(ready["temporal_address"])
        async with working(client):
            started = [
                await client.start_workflow(Lines.run, 10, id=f"stop-{uuid4()}", task_queue=QUEUE) for _ in range(_RUNS)
            ]
            await asyncio.gather(*(handle.result() for handle in started))
        if killed is not None:
            os.kill(pids[killed], signal.SIGKILL)
            await asyncio.sleep(0.2)
        began = time.monotonic()
        up.process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(up.process.wait, 60)
        took = time.monotonic() - began
    if code != 0:
        raise RuntimeError(f"`up` ended with {code} (killed: {killed}): {up.lines[-5:]}")
    left = [line for line in _processes() if str(folder) in line]
    if left:
        raise RuntimeError(f"`up` left processes behind (killed: {killed}): {left}")
    return took


def _pid_of(up: Running, name: str) -> int:
    started = [line for line in up.lines if f'"process": "{name}"' in line and '"process_started"' in line]
    if not started:
        return int(up.wait_for("process_started", process=name)["pid"])
    return int(started[-1].partition('"pid": ')[2].split(",")[0].rstrip("}"))


def _processes() -> list[str]:
    """Command lines of all processes."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(place.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found

"""The processes that a storm kills and freezes: servers, workers, APIs, and somebody else's worker.

    observed Temporal ◀── observed worker, load           people, visitors ──▶ watchglass api × 2
           ▲                                                                          │
           ╪ ◀── watchglass worker × 2, watchglass worker --app, watchglass api × 2 ──╪──▶ PostgreSQL
                          ╪
                          └──▶ control Temporal                                       ╪: a wire that can be made bad

Whatever is killed is started again at once, as `watchglass up` or a cluster would do.
"""

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from watchglass.embedded import kept
from watchglass.embedded.child import Child
from watchglass.embedded.kept import KeptProcess
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.temporal import EmbeddedTemporal

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Target:
    """A process that may be killed or frozen."""

    name: str
    pid: Callable[[], int | None]
    has_group: bool = False
    """To freeze it is to freeze all of its processes."""

    def send(self, number: signal.Signals) -> int | None:
        """Send a signal; return whom it reached, None when there was nobody."""
        pid = self.pid()
        if pid is None:
            return None
        try:
            if self.has_group and number != signal.SIGKILL:
                os.killpg(pid, number)
            else:
                os.kill(pid, number)
        except ProcessLookupError:
            return None
        return pid


@asynccontextmanager
async def servers(directory: Path) -> AsyncIterator[tuple[EmbeddedTemporal, EmbeddedTemporal, EmbeddedPostgres]]:
    """An observed Temporal, a control Temporal and a PostgreSQL, each with its data below `directory`."""
    # Those who die here are killed. A pause that grows as in a loop of crashes would only make the storm weaker.
    kept.STEADY_SECONDS = 0.5
    async with AsyncExitStack() as stack:
        for name in ("observed", "control", "postgres"):
            place = directory / name
            place.mkdir()
            place.chmod(0o755)
        observed = EmbeddedTemporal(directory / "observed", preferred_port=0)
        control = EmbeddedTemporal(directory / "control", preferred_port=0)
        postgres = EmbeddedPostgres(directory / "postgres")
        for server in (observed, control, postgres):
            await server.start()
            stack.push_async_callback(server.stop)
        yield observed, control, postgres


def process(name: str, arguments: Sequence[str], *, log: Path, settings: Mapping[str, str]) -> KeptProcess:
    """`python ARGUMENTS…` with our sources, kept running; what it says goes to `log`."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("WATCHGLASS_", "TEMPORAL_"))}
    env = {**clean, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", **settings}

    async def launch() -> Child:
        with log.open("ab") as out:
            return Child.spawn([sys.executable, *arguments], log=out, stop_signal=signal.SIGTERM, env=env, cwd=ROOT)

    return KeptProcess(name, launch, stop_signal=signal.SIGTERM, grace_seconds=10)

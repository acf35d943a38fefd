"""A private Temporal: the CLI's dev server over a SQLite file, on 127.0.0.1 only, without its web page."""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.service import ConnectConfig, RPCError, ServiceClient

from watchglass.embedded.child import Child
from watchglass.embedded.kept import KeptProcess
from watchglass.embedded.lock import DirectoryLock
from watchglass.embedded.orphan import end_orphan
from watchglass.embedded.ports import LOOPBACK, first_free_port, free_port, is_port_free
from watchglass.embedded.private import close_to_others, open_private_log
from watchglass.embedded.programs import temporal_program
from watchglass.embedded.secret import write_private
from watchglass.errors import StartupError

DEFAULT_PORT = 7233
READY_SECONDS = 60.0
LOG_LIMIT_BYTES = 10_000_000
RPC_TIMEOUT = timedelta(seconds=2)
_SETTINGS = {
    "frontend.WorkflowPauseEnabled": "true",
    # How far its queues are done is written down rarely else (after 1,000 tasks, or 5 minutes), and what was done since
    # is done again after a crash: on a busy machine the first new task waited 6 to 14 s, not 2 s.
    **{f"history.{queue}ProcessorUpdateAckInterval": '"3s"' for queue in ("transfer", "timer", "visibility")},
    "history.shardUpdateMinInterval": '"5s"',
    # Each workflow task in a row that a worker died with is waited for longer else: 10 s, 15 s, 25 s, up to 10 minutes.
    "history.workflowTaskRetryMaxInterval": '"1s"',
}
"""Dynamic configuration: JSON by name."""


class EmbeddedTemporal:
    """One Temporal dev server over `data_dir` with the namespaces `default` and `namespaces`."""

    def __init__(
        self,
        data_dir: Path,
        *,
        namespaces: Sequence[str] = ("demo", "watchglass-system"),
        preferred_port: int = DEFAULT_PORT,
        dynamic_config: Mapping[str, str] | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._namespaces = ("default", *namespaces)
        self._preferred_port = preferred_port
        self._dynamic_config = {**_SETTINGS, **(dynamic_config or {})}
        self._database = data_dir / "temporal.db"
        self._pid_file = data_dir / "temporal.pid"
        self._port_file = data_dir / "temporal.port"
        self._log = data_dir / "temporal.log"
        self._lock = DirectoryLock(data_dir, name="temporal.lock")
        self._port = 0
        self._http_port = 0
        self._process = KeptProcess("temporal", self._launch, stop_signal=signal.SIGINT, grace_seconds=5)

    @property
    def address(self) -> str:
        """`host:port` of the gRPC frontend; the same until `stop`, restarts after a crash included."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def http_address(self) -> str:
        """Base URL of the server's HTTP API."""
        return f"http://{LOOPBACK}:{self._http_port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def start(self) -> None:
        """Start the server and return when it knows its namespaces."""
        self._lock.acquire()
        try:
            self._shorten_log()
            await end_orphan(self._pid_file, mark=str(self._database))
            # With its log and shared memory beside it, also those that an earlier version left readable.
            close_to_others(*self._data_dir.glob(f"{self._database.name}*"))
            self._port = self._choose_port()
            self._http_port = free_port()
            await self._process.start()
            write_private(self._port_file, f"{self._port}\n")
        except BaseException:
            self._lock.release()
            raise

    async def stop(self) -> None:
        await self._process.stop()
        self._pid_file.unlink(missing_ok=True)
        self._lock.release()

    async def is_healthy(self) -> bool:
        """Say whether the server answers for all its namespaces now."""
        return self._process.is_running() and await self._answers()

    def _choose_port(self) -> int:
        """The port of the last start when it is free: workers that were told that address find the server again."""
        last = _read_port(self._port_file)
        if last is not None and is_port_free(last):
            return last
        return first_free_port(self._preferred_port) if self._preferred_port else free_port()

    async def _launch(self) -> Child:
        if not is_port_free(self._port):
            raise StartupError(f"Port {self._port}, which Temporal was using, was taken by another program.")
        with open_private_log(self._log) as log:
            child = Child.spawn(self._command(), log=log)
        write_private(self._pid_file, f"{child.pid}\n")
        try:
            await self._until_ready(child)
        except BaseException:
            await child.kill()
            raise
        return child

    def _command(self) -> list[str]:
        return [
            *(str(temporal_program()), "server", "start-dev", "--headless"),
            *("--ip", LOOPBACK, "--port", str(self._port), "--http-port", str(self._http_port)),
            *("--db-filename", str(self._database)),
            # Without these two every workflow task waits for the disk (600 activities: 8.6 s, not 3.4 s).
            *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"),
            *(
                word
                for name, value in self._dynamic_config.items()
                for word in ("--dynamic-config-value", f"{name}={value}")
            ),
            *("--log-level", "warn"),
            *(word for name in self._namespaces for word in ("--namespace", name)),
        ]

    async def _until_ready(self, child: Child) -> None:
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if not child.is_running():
                raise StartupError(f"Temporal ended while starting (exit code {child.exit_code}); see {self._log}.")
            # Asking a closed port makes the SDK wait; finding it taken costs microseconds.
            if not is_port_free(self._port) and await self._answers():
                return
            await asyncio.sleep(0.03)
        raise StartupError(f"Temporal did not answer within {READY_SECONDS:.0f} s; see {self._log}.")

    async def _answers(self) -> bool:
        service = await ServiceClient.connect(ConnectConfig(target_host=self.address, lazy=True))
        try:
            await asyncio.gather(*(_describe(service, name) for name in self._namespaces))
        except (RPCError, RuntimeError):
            # The SDK tells a frontend that is not healthy yet, met while connecting, as a bare RuntimeError.
            return False
        return True

    def _shorten_log(self) -> None:
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT_BYTES:
            self._log.replace(self._log.with_suffix(".log.old"))


def _read_port(file: Path) -> int | None:
    """None when no start was written down, or what stands there is no port."""
    try:
        port = int(file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return port if 0 < port < 65_536 else None


async def _describe(service: ServiceClient, namespace: str) -> None:
    request = DescribeNamespaceRequest(namespace=namespace)
    await service.workflow_service.describe_namespace(request, timeout=RPC_TIMEOUT)

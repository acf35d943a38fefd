"""A private PostgreSQL: TCP on 127.0.0.1 only, a free port, SCRAM with a random password, no sockets."""

import asyncio
import shutil
import signal
import subprocess
from pathlib import Path

from watchglass.embedded.account import account_for_postgres
from watchglass.embedded.child import Child
from watchglass.embedded.cluster import DATABASE, SUPERUSER, Cluster, cluster_home, create_cluster, major_of
from watchglass.embedded.kept import KeptProcess
from watchglass.embedded.lock import DirectoryLock
from watchglass.embedded.orphan import end_orphan
from watchglass.embedded.ports import LOOPBACK, free_port, is_port_free
from watchglass.embedded.private import open_private_log
from watchglass.embedded.programs import major_of_programs, postgres_programs
from watchglass.embedded.secret import read_or_create_secret
from watchglass.errors import StartupError

READY_SECONDS = 60.0
"""Recovery after a crash may read much of the write-ahead log first."""

LOG_LIMIT_BYTES = 10_000_000
PASSWORD_FILE = "postgres-password"  # noqa: S105 - the name of a file


def refuse_other_major(cluster: Cluster, data_dir: Path) -> None:
    """A major version reads the data of no other. Raises StartupError with the command that upgrades."""
    found = major_of(cluster.pgdata)
    if found is None or found == (ours := major_of_programs(cluster.programs)):
        return
    raise StartupError(
        f"The database in {cluster.pgdata} was made by PostgreSQL {found}, and this version of Watchglass runs "
        f"PostgreSQL {ours}, which cannot read it. Run `watchglass upgrade-database --data-dir {data_dir} --programs "
        f"DIRECTORY` with the directory that holds PostgreSQL {found}'s programs, or start the Watchglass that you had."
    )


class EmbeddedPostgres:
    """One PostgreSQL server over `data_dir`, which it creates on its first start and keeps."""

    def __init__(self, data_dir: Path, *, programs: Path | None = None) -> None:
        """`programs`: where `postgres` is, when it is not to be the one that comes with this version."""
        self._data_dir = data_dir
        self._programs = programs
        self._log = data_dir / "postgres.log"
        self._lock = DirectoryLock(data_dir, name="postgres.lock")
        self._cluster: Cluster | None = None
        self._password = ""
        self._port = 0
        self._process = KeptProcess("postgres", self._launch, stop_signal=signal.SIGINT, grace_seconds=10)

    @property
    def admin_url(self) -> str:
        """URL of the superuser; the same until `stop`, restarts after a crash included."""
        return f"postgresql://{SUPERUSER}:{self._password}@{LOOPBACK}:{self._port}/{DATABASE}"

    @property
    def port(self) -> int:
        return self._port

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def home(self) -> Path:
        """The directory that holds `pgdata`: in `data_dir`, or elsewhere (see `cluster_home`)."""
        return self._require_cluster().home

    async def start(self) -> None:
        """Start the server and return when it accepts connections."""
        self._lock.acquire()
        try:
            await self._start()
        except BaseException:
            self._lock.release()
            raise

    async def stop(self) -> None:
        await self._process.stop()
        self._lock.release()

    def remove_cluster(self) -> None:
        """Remove the data of a server that does not run; the directory for it too, where it is outside of ours."""
        home = cluster_home(self._data_dir, account_for_postgres())
        if home.exists():
            shutil.rmtree(home)

    async def is_healthy(self) -> bool:
        """Say whether the server accepts connections now."""
        return self._process.is_running() and await self._accepts_connections()

    async def _start(self) -> None:
        account = account_for_postgres()
        self._cluster = Cluster(
            programs=self._programs or postgres_programs(account),
            account=account,
            home=cluster_home(self._data_dir, account),
        )
        refuse_other_major(self._cluster, self._data_dir)
        self._shorten_log()
        self._password = self._read_password(self._cluster)
        await create_cluster(self._cluster, password=self._password, log=self._log)
        await end_orphan(self._cluster.pgdata / "postmaster.pid", mark=str(self._cluster.pgdata))
        self._port = free_port()
        await self._process.start()

    def _read_password(self, cluster: Cluster) -> str:
        secret = self._data_dir / PASSWORD_FILE
        if cluster.pgdata.exists() and not secret.exists():
            raise StartupError(
                f"The password file {secret} of the database in {cluster.pgdata} is missing. "
                f"Put it back, or move {cluster.pgdata} away to start with an empty database."
            )
        return read_or_create_secret(secret)

    async def _launch(self) -> Child:
        cluster = self._require_cluster()
        if not is_port_free(self._port):
            raise StartupError(f"Port {self._port}, which PostgreSQL was using, was taken by another program.")
        with open_private_log(self._log) as log:
            child = Child.spawn(self._command(cluster), log=log, account=cluster.account, cwd=cluster.home)
        try:
            await self._until_ready(child)
        except BaseException:
            await child.kill()
            raise
        return child

    def _command(self, cluster: Cluster) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "unix_socket_directories": "",
            "max_connections": "100",
            "log_timezone": "UTC",
            "timezone": "UTC",
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(cluster.programs / "postgres"), "-D", str(cluster.pgdata), "-p", str(self._port), *flags]

    async def _until_ready(self, child: Child) -> None:
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            if not child.is_running():
                raise StartupError(f"PostgreSQL ended while starting (exit code {child.exit_code}); see {self._log}.")
            if await self._accepts_connections():
                return
            await asyncio.sleep(0.03)
        raise StartupError(f"PostgreSQL did not accept connections within {READY_SECONDS:.0f} s; see {self._log}.")

    async def _accepts_connections(self) -> bool:
        program = str(self._require_cluster().programs / "pg_isready")
        command = [
            program,
            "-q",
            "-h",
            LOOPBACK,
            "-p",
            str(self._port),
            "-d",
            DATABASE,
            "-U",
            SUPERUSER,
            "-t",
            "2",
        ]
        done = await asyncio.to_thread(subprocess.run, command, check=False)
        return done.returncode == 0

    def _require_cluster(self) -> Cluster:
        if self._cluster is None:
            raise RuntimeError("the embedded PostgreSQL was not started")
        return self._cluster

    def _shorten_log(self) -> None:
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT_BYTES:
            self._log.replace(self._log.with_suffix(".log.old"))

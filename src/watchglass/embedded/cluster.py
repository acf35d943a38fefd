"""A PostgreSQL data directory: where it is, and making it."""

import asyncio
import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from watchglass.embedded.account import Account
from watchglass.embedded.child import Child
from watchglass.embedded.private import make_private_directory, open_private_log
from watchglass.embedded.programs import SHARED_HOME
from watchglass.errors import StartupError

SUPERUSER = "watchglass_admin"
DATABASE = "watchglass"


@dataclass(frozen=True, slots=True)
class Cluster:
    """One PostgreSQL data directory and the programs and user that serve it."""

    programs: Path
    account: Account | None
    home: Path
    """Holds `pgdata`; belongs to us, or to `account` where that is another user."""

    @property
    def pgdata(self) -> Path:
        return self.home / "pgdata"


def major_of(pgdata: Path) -> int | None:
    """The major version of the PostgreSQL that made the data directory, which names it itself; None: there is none."""
    try:
        return int((pgdata / "PG_VERSION").read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:
        raise StartupError(
            f"{pgdata / 'PG_VERSION'} does not name a version of PostgreSQL: the data directory is damaged. Restore a "
            "backup into an empty one with `watchglass restore`."
        ) from error


def cluster_home(data_dir: Path, account: Account | None) -> Path:
    """Return where the cluster of `data_dir` lives: inside it, unless `account` cannot enter there."""
    if account is None or account.can_enter(data_dir):
        return data_dir / "postgres"
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]
    return SHARED_HOME / digest


async def create_cluster(cluster: Cluster, *, password: str, log: Path) -> None:
    """Make the data directory with its one superuser and the empty database; do nothing when there is one.

    It is made under another name and renamed when whole, so a half-written one is never taken for a database.
    """
    if cluster.pgdata.exists():
        return
    draft = cluster.home / "pgdata.new"
    _prepare(cluster.home, draft, cluster.account)
    await _initdb(cluster, draft, password=password, log=log)
    await _create_database(cluster, draft, log=log)
    draft.rename(cluster.pgdata)


def _prepare(home: Path, draft: Path, account: Account | None) -> None:
    try:
        make_private_directory(home)
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        if account is not None:
            os.chown(draft, account.uid, account.gid)
    except OSError as error:
        raise StartupError(f"PostgreSQL's data cannot be kept in {home}: {error.strerror}.") from error


async def _initdb(cluster: Cluster, draft: Path, *, password: str, log: Path) -> None:
    # The file has to be readable by the user that initdb runs as, and gone afterwards.
    fd, name = tempfile.mkstemp(dir=cluster.home, prefix="password-")
    try:
        with os.fdopen(fd, "w") as file:
            file.write(password + "\n")
        if cluster.account is not None:
            os.chown(name, cluster.account.uid, cluster.account.gid)
        await _run(
            [
                str(cluster.programs / "initdb"),
                f"--pgdata={draft}",
                f"--username={SUPERUSER}",
                f"--pwfile={name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # The same order of text on every machine, whatever its C library.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ],
            cluster,
            log=log,
        )
    finally:
        Path(name).unlink()


async def _create_database(cluster: Cluster, draft: Path, *, log: Path) -> None:
    """Create the database in single-user mode, before any server runs: part of the same all or nothing."""
    await _run(
        [str(cluster.programs / "postgres"), "--single", "-D", str(draft), "postgres"],
        cluster,
        log=log,
        stdin=f"CREATE DATABASE {DATABASE}\n".encode(),
    )


async def _run(command: list[str], cluster: Cluster, *, log: Path, stdin: bytes = b"") -> None:
    with tempfile.TemporaryFile() as given, open_private_log(log) as output:
        given.write(stdin)
        given.seek(0)
        child = Child.spawn(command, log=output, stdin=given, account=cluster.account, cwd=cluster.home)
        try:
            code = await asyncio.wait_for(child.wait(), 120)
        except BaseException:
            await child.kill()
            raise
    if code != 0:
        raise StartupError(
            f"PostgreSQL's data directory could not be made: {Path(command[0]).name} ended with {code}. See {log}."
        )

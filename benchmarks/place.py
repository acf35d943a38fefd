"""Where it is measured: a PostgreSQL and a Temporal of the run's own, and installations of Watchglass on them."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from temporalio.client import Client

from watchglass.cli.database import DatabaseUrls, prepare_database
from watchglass.cli.found import found
from watchglass.cli.temporals import Observed
from watchglass.config import Settings
from watchglass.embedded.ports import free_port
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.pool import open_pool
from watchglass.store.scope import Store

NAMESPACE = "default"
_POOL_SIZE = 12


class TemporalWithPage(EmbeddedTemporal):
    """The embedded Temporal, with its own web page, which ours is compared with."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, preferred_port=0)
        self._page_port = free_port()

    @property
    def page_address(self) -> str:
        return f"http://127.0.0.1:{self._page_port}"

    def _command(self) -> list[str]:
        words = [word for word in super()._command() if word != "--headless"]
        return [*words, "--ui-port", str(self._page_port)]


@dataclass(frozen=True)
class Installation:
    """One database that is ready for `watchglass` commands, and has nothing in it yet."""

    urls: DatabaseUrls
    admin_url: str
    data_dir: Path

    def environment(self) -> dict[str, str]:
        return {
            "WATCHGLASS_DATABASE_URL": self.urls.login,
            "WATCHGLASS_SYNC_DATABASE_URL": self.urls.sync,
            "WATCHGLASS_DATA_DIR": str(self.data_dir),
            "WATCHGLASS_LOG_LEVEL": "warning",
        }

    @asynccontextmanager
    async def open_store(self) -> AsyncIterator[Store]:
        store = Store(
            await open_pool(self.urls.login, size=_POOL_SIZE),
            await open_pool(self.urls.sync, size=_POOL_SIZE),
        )
        try:
            yield store
        finally:
            await store.close()


@dataclass(frozen=True)
class Place:
    """The two servers."""

    data_dir: Path
    postgres: EmbeddedPostgres
    temporal: TemporalWithPage

    async def client(self) -> Client:
        return await Client.connect(self.temporal.address, namespace=NAMESPACE)

    async def install(self, name: str) -> Installation:
        """A new database of that name, whose one project looks at the Temporal's namespace."""
        await self._create_database(name)
        shutil.rmtree(self.data_dir / name, ignore_errors=True)
        installation = await self.open(name)
        async with installation.open_store() as store:
            await found(store, (self._observed(),))
        return installation

    async def open(self, name: str) -> Installation:
        """A database of that name that is there, migrated."""
        data_dir = self.data_dir / name
        data_dir.mkdir(exist_ok=True)
        admin_url = self.postgres.admin_url.rpartition("/")[0] + f"/{name}"
        urls = await prepare_database(Settings(admin_database_url=admin_url), self.data_dir)
        return Installation(urls, admin_url, data_dir)

    async def _create_database(self, name: str) -> None:
        admin = await asyncpg.connect(self.postgres.admin_url)
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {name}")
        await admin.close()

    def _observed(self) -> Observed:
        return Observed(
            project=NAMESPACE,
            address=self.temporal.address,
            namespace=NAMESPACE,
            is_embedded=True,
            http_address=self.temporal.http_address,
        )


@asynccontextmanager
async def open_place(data_dir: Path | None) -> AsyncIterator[Place]:
    """Start both servers; on `data_dir` the runs made there before are used again, else all is removed at the end."""
    directory = data_dir or Path(tempfile.mkdtemp(prefix="watchglass-benchmarks-"))
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    postgres, temporal = EmbeddedPostgres(directory), TemporalWithPage(directory)
    await postgres.start()
    try:
        await temporal.start()
        try:
            yield Place(directory, postgres, temporal)
        finally:
            await temporal.stop()
    finally:
        await postgres.stop()
        if data_dir is None:
            shutil.rmtree(directory, ignore_errors=True)

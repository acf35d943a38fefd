"""The real servers that tests run on, started once per run and stopped at its end."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.temporal import EmbeddedTemporal

SOURCES = str(Path(__file__).parents[1] / "src")


def run_python(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a Python that runs `code` and can import watchglass; its standard input and output are pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": SOURCES},
    )


def make_shared_directory() -> Path:
    """Return a new temporary directory that other users can enter (pytest's own are closed to them).

    PostgreSQL started by root runs as another user and would keep its data elsewhere.
    """
    directory = Path(tempfile.mkdtemp(prefix="watchglass-test-"))
    directory.chmod(0o755)
    return directory


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty data directory of the test's own."""
    directory = make_shared_directory()
    yield directory
    shutil.rmtree(directory)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres() -> AsyncIterator[EmbeddedPostgres]:
    """A running PostgreSQL with one empty database, shared by the whole run."""
    directory = make_shared_directory()
    server = EmbeddedPostgres(directory)
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(directory)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal() -> AsyncIterator[EmbeddedTemporal]:
    """A running Temporal with the namespaces default, demo and watchglass-system, shared by the whole run."""
    directory = make_shared_directory()
    server = EmbeddedTemporal(directory, preferred_port=0)
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(directory)

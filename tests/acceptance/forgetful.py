"""A Temporal of a test module's own that forgets at once what is deleted, and allows retentions of seconds."""

import shutil
from collections.abc import AsyncIterator

import pytest_asyncio
from tests.servers import make_shared_directory

from watchglass.embedded.temporal import EmbeddedTemporal

FORGETS = {
    "history.transferProcessorEnsureCloseBeforeDelete": "false",
    "history.visibilityProcessorEnsureCloseBeforeDelete": "false",
    "history.retentionTimerJitterDuration": '"1s"',
    "system.namespaceMinRetentionLocal": '"1s"',
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def temporal() -> AsyncIterator[EmbeddedTemporal]:
    directory = make_shared_directory()
    server = EmbeddedTemporal(directory, preferred_port=0, dynamic_config=FORGETS)
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(directory)

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from watchglass.embedded.ports import LOOPBACK
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.errors import StartupError

pytestmark = pytest.mark.acceptance


class TestEmbeddedTemporal:
    @pytest.mark.parametrize("namespace", ["default", "demo", "watchglass-system"])
    async def test_its_namespaces_exist(self, temporal: EmbeddedTemporal, namespace: str) -> None:
        client = await Client.connect(temporal.address)
        found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
        assert found.namespace_info.name == namespace

    async def test_a_killed_server_comes_back_at_the_same_address_with_its_runs(self, data_dir: Path) -> None:
        server = EmbeddedTemporal(data_dir, preferred_port=0)
        await server.start()
        address, killed = server.address, server.pid
        assert killed is not None
        client = await Client.connect(address, namespace="demo")
        await client.start_workflow("NobodyRunsThis", id="kept", task_queue="nobody")
        os.kill(killed, signal.SIGKILL)
        async with asyncio.timeout(60):
            while server.pid == killed or not await server.is_healthy():
                await asyncio.sleep(0.02)
        assert server.address == address
        found = await client.get_workflow_handle("kept").describe()
        assert found.workflow_type == "NobodyRunsThis"
        await server.stop()

    async def test_a_taken_port_is_passed_over(self, data_dir: Path) -> None:
        with socket.create_server((LOOPBACK, 0)) as taken:
            port = taken.getsockname()[1]
            server = EmbeddedTemporal(data_dir, preferred_port=port)
            await server.start()
            assert int(server.address.rpartition(":")[2]) > port
            assert await server.is_healthy()
            await server.stop()

    async def test_a_port_once_found_is_found_again(self, data_dir: Path) -> None:
        with socket.create_server((LOOPBACK, 0)) as taken:
            preferred = taken.getsockname()[1]
            first = EmbeddedTemporal(data_dir, preferred_port=preferred)
            await first.start()
            address = first.address
            await first.stop()
        second = EmbeddedTemporal(data_dir, preferred_port=preferred)
        await second.start()
        assert second.address == address != f"{LOOPBACK}:{preferred}"
        await second.stop()

    async def test_other_users_can_read_nothing_that_it_keeps(self, data_dir: Path) -> None:
        (data_dir / "temporal.log").touch(mode=0o644)
        server = EmbeddedTemporal(data_dir, preferred_port=0)
        await server.start()
        kept = {path.name: path.stat().st_mode & 0o077 for path in data_dir.iterdir()}
        await server.stop()
        assert {"temporal.db", "temporal.db-wal", "temporal.log", "temporal.port"} <= set(kept)
        assert set(kept.values()) == {0}

    @pytest.mark.parametrize("text", ["", "nonsense", "0", "70000", "-1"])
    async def test_a_spoilt_note_of_the_port_is_not_obeyed(self, data_dir: Path, text: str) -> None:
        (data_dir / "temporal.port").write_text(text)
        server = EmbeddedTemporal(data_dir, preferred_port=0)
        await server.start()
        assert await server.is_healthy()
        await server.stop()

    async def test_a_second_owner_is_refused(self, data_dir: Path) -> None:
        first = EmbeddedTemporal(data_dir, preferred_port=0)
        await first.start()
        with pytest.raises(StartupError, match="is in use by process"):
            await EmbeddedTemporal(data_dir, preferred_port=0).start()
        assert await first.is_healthy()
        await first.stop()

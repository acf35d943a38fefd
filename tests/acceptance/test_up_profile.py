"""`watchglass up` on a Temporal that the environment names, with what it signs in with."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
from tests.acceptance.eventually import eventually
from tests.acceptance.grpc_proxy import GrpcProxy
from tests.acceptance.observed import Greeting, new_id, observed_worker
from tests.acceptance.running import Running, clean_environment

from watchglass.embedded.ports import free_port
from watchglass.embedded.temporal import EmbeddedTemporal

FIRST, SECOND = "first-key-nobody-may-read", "second-key-nobody-may-read"


async def asked(ready: dict[str, Any], procedure: str, **input: Any) -> Any:
    headers = {"authorization": f"Bearer {ready['token']}"}
    async with httpx.AsyncClient(base_url=ready["url"], headers=headers) as client:
        params = {"input": json.dumps(input)} if input else {}
        answer = await client.get(f"trpc/{procedure}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]["data"]


async def test_its_credentials_are_stored_and_brought_up_to_date_at_each_start(
    data_dir: Path, temporal: EmbeddedTemporal
) -> None:
    logs: list[str] = []
    async with GrpcProxy(temporal.address) as proxy, observed_worker(temporal.address) as (client, queue):
        for key in (FIRST, SECOND):
            proxy.api_keys = {key}
            env = clean_environment(
                TEMPORAL_ADDRESS=proxy.address,
                TEMPORAL_NAMESPACE="default",
                TEMPORAL_API_KEY=key,
                TEMPORAL_TLS="false",
            )
            arguments = ("--port", str(free_port()), "--data-dir", str(data_dir), "--no-demo")
            with Running(*arguments, env=env) as up:
                ready = await asyncio.to_thread(up.wait_for, "ready")
                (project,) = (await asked(ready, "project.list"))["items"]
                run = new_id("profile")
                await client.execute_workflow(Greeting.run, ["Ada"], id=run, task_queue=queue)

                async def is_seen(
                    ready: dict[str, Any] = ready, project: Any = project, count: int = len(logs)
                ) -> bool:
                    workflows = (await asked(ready, "workflow.list", projectId=project["id"]))["items"]
                    return any(w["figures"]["totalRuns"] > count for w in workflows if w["name"] == "Greeting")

                assert await eventually(is_seen), up.lines

                async def is_connected(ready: dict[str, Any] = ready, project: Any = project) -> bool:
                    (connection,) = (await asked(ready, "connection.list", projectId=project["id"]))["items"]
                    told = connection["credentials"]
                    return (connection["state"], told["apiKey"], told["tls"]) == ("connected", True, False)

                assert await eventually(is_connected), up.lines
                assert await asyncio.to_thread(up.stop) == 0
            logs.append("\n".join(up.lines))
    assert proxy.refused == {}, "with either key, nothing but reads of this namespace was asked for"
    written = [path for path in data_dir.rglob("*") if path.is_file() and path.stat().st_size < 10_000_000]
    assert (data_dir / "secret-key").stat().st_mode & 0o777 == 0o600
    for text in (*(path.read_bytes() for path in written), *(log.encode() for log in logs)):
        assert FIRST.encode() not in text and SECOND.encode() not in text

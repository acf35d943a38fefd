"""`/metrics` of processes as they run, read as Prometheus reads it."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import Greeting, new_id
from tests.acceptance.running import Running, clean_environment
from tests.databases import SECRET_KEY, Database

from watchglass.auth.tokens import create_token
from watchglass.embedded.ports import free_port
from watchglass.embedded.temporal import EmbeddedTemporal

__all__ = ["bench"]

pytestmark = pytest.mark.acceptance

Sample = tuple[str, frozenset[tuple[str, str]]]


def sample(name: str, **labels: str) -> Sample:
    return name, frozenset(labels.items())


async def scraped(client: httpx.AsyncClient, url: str) -> Mapping[Sample, float]:
    answer = await client.get(f"{url}metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {sample(one.name, **one.labels): one.value for family in families for one in family.samples}


def figures_of_the_installation(found: Iterable[Sample]) -> set[str]:
    return {name for name, _ in found if name in {"watchglass_queued_runs", "watchglass_set_aside_runs"}}


async def test_a_worker_and_an_api_tell_their_figures(
    bench: Bench, database: Database, temporal: EmbeddedTemporal, data_dir: Path
) -> None:
    env = clean_environment(
        WATCHGLASS_DATABASE_URL=database.login_url,
        WATCHGLASS_SYNC_DATABASE_URL=database.sync_url,
        WATCHGLASS_ROLE_SUFFIX=database.roles.suffix,
        WATCHGLASS_SECRET_KEY=SECRET_KEY,
        WATCHGLASS_DATA_DIR=str(data_dir),
        WATCHGLASS_CONTROL_TEMPORAL_ADDRESS=temporal.address,
        WATCHGLASS_CONTROL_TEMPORAL_NAMESPACE="watchglass-scraped",
        WATCHGLASS_API_POOL_SIZE="3",
        WATCHGLASS_WORKER_POOL_SIZE="5",
    )
    token = await create_token(bench.store, user="ada", name="scraped")
    with (
        Running("--metrics-port", str(free_port()), command="worker", env=env) as worker,
        Running("--port", str(free_port()), command="api", env=env) as api,
    ):
        of_worker = (await asyncio.to_thread(worker.wait_for, "serving_figures"))["url"]
        of_api = (await asyncio.to_thread(api.wait_for, "serving"))["url"]
        handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("seen"), task_queue=bench.queue)
        await handle.result()
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            asked = await client.get(f"{of_api}trpc/project.list", headers={"Authorization": f"Bearer {token}"})
            assert asked.status_code == 200
            page = await scraped(client, of_api)
            async with asyncio.timeout(60):
                while not (found := await scraped(client, of_worker)).get(
                    sample("watchglass_synced_runs_total", outcome="synced")
                ):
                    await asyncio.sleep(0.1)
    assert page[sample("watchglass_requests_total", procedure="project.list", code="OK")] == 1
    assert page[sample("watchglass_request_seconds_count", procedure="project.list")] == 1
    assert found[sample("watchglass_sync_seconds_count")] >= 1
    assert found[sample("watchglass_coordinators_seen")] >= 1
    for figures, size in (page, 3), (found, 5):
        assert figures_of_the_installation(figures) == {"watchglass_queued_runs", "watchglass_set_aside_runs"}
        assert figures[sample("watchglass_database_up")] == figures[sample("watchglass_control_temporal_up")] == 1
        assert figures[sample("process_resident_memory_bytes")] > 0
        for pool in ("login", "sync"):
            assert figures[sample("watchglass_pool_connections", pool=pool, state="most")] == size
            assert figures[sample("watchglass_pool_connections", pool=pool, state="open")] <= size

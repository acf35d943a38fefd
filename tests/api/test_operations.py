"""`/healthz`, `/readyz` and `/metrics`: who sees what, what makes a process not ready, and which figures there are."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import Greeting, new_id
from tests.databases import Database

from watchglass import metrics
from watchglass.api.app import create_app
from watchglass.api.context import Dependencies
from watchglass.api.operations import Operations, create_operations_app
from watchglass.api.procedures import router
from watchglass.embedded.ports import free_port
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.connections import save_trouble
from watchglass.sync.immediate import ImmediateSync
from watchglass.sync.one import sync_execution
from watchglass.temporal.client import Clients

__all__ = ["bench"]

TOKEN = "a token for those who keep it running"
ELSEWHERE = ("10.1.2.3", 40_000)
HERE = ("127.0.0.1", 40_000)


def asking(operations: Operations, *, client: tuple[str, int] = HERE, name: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=create_operations_app(operations), client=client)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{name}:9000")


@pytest_asyncio.fixture(loop_scope="session")
async def operations(bench: Bench, temporal: EmbeddedTemporal) -> AsyncIterator[Operations]:
    yield Operations(
        bench.store, ask_control=_asks(temporal.address), needs_control=True, token=TOKEN, shared_seconds=0
    )


def _asks(address: str):  # type: ignore[no-untyped-def]
    from watchglass.cli.condition import operations_of  # noqa: PLC0415
    from watchglass.config import Settings  # noqa: PLC0415

    return operations_of(Settings(), None, Clients(), (address, "default")).ask_control  # type: ignore[arg-type]


class TestWhoSeesWhat:
    async def test_this_machine_sees_figures_and_details(self, operations: Operations) -> None:
        async with asking(operations) as client:
            assert (await client.get("/metrics")).status_code == 200
            told = (await client.get("/readyz")).json()
        assert told["ready"] is True
        assert told["database"] == told["controlTemporal"] == "answers"
        assert told["sync"].keys() == {
            *("isBehind", "lagSeconds", "dueRuns", "backfillRuns", "setAsideRuns", "connections")
        }

    async def test_another_machine_sees_whether_it_is_ready_and_no_more(self, operations: Operations) -> None:
        async with asking(operations, client=ELSEWHERE) as client:
            assert (await client.get("/healthz")).text == "ok\n"
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.text) == (200, "ready\n")
            refused = await client.get("/metrics")
            assert refused.status_code == 403
            assert "WATCHGLASS_OPERATIONS_TOKEN" in refused.text

    async def test_the_token_opens_them_and_a_wrong_one_does_not(self, operations: Operations) -> None:
        async with asking(operations, client=ELSEWHERE) as client:
            opened = await client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
            wrong = await client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}x"})
        assert (opened.status_code, wrong.status_code) == (200, 403)

    @pytest.mark.parametrize(
        "headers", [{"x-forwarded-for": "10.1.2.3"}, {"forwarded": "for=10.1.2.3"}, {"host": "evil.example"}]
    )
    async def test_what_only_comes_through_this_machine_is_not_from_it(
        self, operations: Operations, headers: dict[str, str]
    ) -> None:
        async with asking(operations) as client:
            assert (await client.get("/metrics", headers=headers)).status_code == 403

    async def test_behind_a_proxy_nobody_is_of_this_machine(self, bench: Bench) -> None:
        async with asking(Operations(bench.store, is_behind_proxy=True)) as client:
            assert (await client.get("/metrics")).status_code == 403


class TestWhatMakesItNotReady:
    async def test_a_database_that_is_away(self, database: Database) -> None:
        store = await database.open_store(size=1)
        operations = Operations(store, shared_seconds=0)
        admin = await asyncpg.connect(database.admin_url)
        async with asking(operations) as client:
            assert (await client.get("/readyz")).status_code == 200
            await store.close()
            away = await client.get("/readyz")
            figures = await client.get("/metrics")
        await admin.close()
        assert away.status_code == 503
        assert away.json()["database"] == "does not answer"
        assert values(figures.text)["watchglass_database_up"] == 0

    async def test_the_control_temporal_for_a_worker_and_not_for_the_page(self, bench: Bench) -> None:
        ask = _asks(f"127.0.0.1:{free_port()}")
        async with asking(Operations(bench.store, ask_control=ask, needs_control=True)) as worker:
            assert (await worker.get("/readyz")).status_code == 503
        async with asking(Operations(bench.store, ask_control=ask)) as page:
            answer = await page.get("/readyz")
            assert answer.status_code == 200
            assert answer.json()["controlTemporal"] == "does not answer"
            assert (await page.get("/readyz?all")).status_code == 503

    async def test_a_queue_that_is_behind_when_everything_counts(self, bench: Bench, operations: Operations) -> None:
        handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=new_id("late"), task_queue=bench.queue)
        await handle.result()
        key = await bench.key_of(handle)
        async with bench.store.write() as writer:
            await writer.execute(
                "UPDATE workflow_executions SET next_sync_at = now() - interval '5 minutes' WHERE id = $1", key.id
            )
        async with asking(operations) as client:
            told = (await client.get("/readyz")).json()
            assert (await client.get("/readyz?all")).status_code == 503
            assert (await client.get("/readyz")).status_code == 200
            figures = values((await client.get("/metrics")).text)
        assert told["sync"]["isBehind"] is True
        assert told["sync"]["lagSeconds"] >= 300
        assert figures["watchglass_sync_lag_seconds"] >= 300
        assert figures['watchglass_queued_runs{queue="new"}'] >= 1
        before = metrics.SYNCED_RUNS.labels("synced")._value.get()
        await sync_execution(bench.parts, key)
        assert metrics.SYNCED_RUNS.labels("synced")._value.get() == before + 1
        async with asking(operations) as client:
            assert (await client.get("/readyz")).json()["sync"]["lagSeconds"] < 300

    async def test_a_namespace_that_refuses_when_everything_counts(self, bench: Bench, operations: Operations) -> None:
        async with bench.store.write() as writer:
            await save_trouble(writer, bench.connection, state="refused", error="The key is wrong.")
        async with asking(operations) as client:
            assert (await client.get("/readyz?all")).status_code == 503
            figures = values((await client.get("/metrics")).text)
        async with bench.store.write() as writer:
            await writer.execute("UPDATE connections SET state = 'ok', error = NULL WHERE id = $1", bench.connection.id)
        assert figures['watchglass_connections{state="refused"}'] == 1


class TestAskedByMany:
    async def test_two_hundred_at_once_take_one_look_and_leave_the_database_to_others(
        self, bench: Bench, temporal: EmbeddedTemporal
    ) -> None:
        asked: list[None] = []
        answers = _asks(temporal.address)

        async def ask() -> None:
            asked.append(None)
            await answers()

        async def call() -> int:
            async with bench.store.door() as door:
                return int(await door.fetchval("SELECT 1"))

        operations = Operations(bench.store, ask_control=ask, shared_seconds=3600)
        async with asking(operations, client=ELSEWHERE) as client:
            calls = asyncio.gather(*(call() for _ in range(20)))
            told = await asyncio.gather(*(client.get("/readyz") for _ in range(200)))
            later = await client.get("/readyz")
        assert [one.text for one in told] == ["ready\n"] * 200
        assert await calls == [1] * 20
        assert later.status_code == 200
        assert len(asked) == 1

    async def test_who_leaves_takes_nobody_elses_answer_along(self, bench: Bench) -> None:
        begun, goes_on = asyncio.Event(), asyncio.Event()

        async def ask() -> None:
            begun.set()
            await goes_on.wait()

        async with asking(Operations(bench.store, ask_control=ask), client=ELSEWHERE) as client:
            first = asyncio.create_task(client.get("/readyz"))
            await begun.wait()
            second = asyncio.create_task(client.get("/readyz"))
            await asyncio.sleep(0)
            first.cancel()
            goes_on.set()
            assert (await second).text == "ready\n"

    async def test_an_answer_that_is_old_is_not_told_again(self, bench: Bench) -> None:
        asked: list[None] = []

        async def ask() -> None:
            asked.append(None)

        async with asking(Operations(bench.store, ask_control=ask, shared_seconds=0), client=ELSEWHERE) as client:
            await client.get("/readyz")
            await client.get("/readyz")
        assert len(asked) == 2


class TestFigures:
    async def test_calls_are_counted_by_procedure_and_code(self, bench: Bench, tmp_path: Path) -> None:
        app = create_app(Dependencies(bench.store, ImmediateSync(bench.parts), bench.parts), page_folder=tmp_path)
        transport = httpx.ASGITransport(app=app, client=HERE)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8780") as client:
            before = values((await client.get("/metrics")).text)
            await client.get("/trpc/project.list")
            await client.get("/trpc/no.such.thing")
            after = values((await client.get("/metrics")).text)
        unauthorised = 'watchglass_requests_total{code="UNAUTHORIZED",procedure="project.list"}'
        unknown = 'watchglass_requests_total{code="NOT_FOUND",procedure="none"}'
        assert after[unauthorised] == before.get(unauthorised, 0) + 1
        assert after[unknown] == before.get(unknown, 0) + 1
        assert 'watchglass_pool_connections{pool="sync",state="most"}' in after

    async def test_labels_come_out_of_fixed_lists(self, operations: Operations) -> None:
        allowed = {
            "procedure": {procedure.name for procedure in router} | {"none"},
            "code": None,
            "outcome": {"synced", "failed", "away"},
            "kind": {"visibility", "history"},
            "pool": {"login", "sync"},
            "state": {"open", "in_use", "most", "new", "ok", "unreachable", "refused"},
            "queue": {"new", "backfill"},
            "le": None,
        }
        async with asking(operations) as client:
            text = (await client.get("/metrics")).text
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                for label, value in sample.labels.items():
                    if value.startswith("sample."):
                        # A procedure of another test's own router, in this same process.
                        continue
                    names = allowed[label]
                    assert names is None or value in names or value.isupper(), (sample.name, label, value)

    async def test_every_figure_is_explained(self, operations: Operations) -> None:
        page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
        async with asking(operations) as client:
            text = (await client.get("/metrics")).text
        names = {family.name for family in text_string_to_metric_families(text) if family.name.startswith("watchglass")}
        assert len(names) >= 12
        assert {name for name in names if f"`{name}" not in page} == set()


def values(text: str) -> dict[str, float]:
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line and not line.startswith("#")
    }

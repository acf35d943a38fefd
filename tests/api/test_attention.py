"""What needs a person: of one's own projects alone, kind by kind, page by page, one place a row."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest_asyncio
from tests.api.seeded import Caller, Tenant, client_for, make_tenant, open_parts

from watchglass.model.described import Described
from watchglass.model.execution import RunRef
from watchglass.parse.status import listed_status
from watchglass.store.connections import save_trouble
from watchglass.store.scope import Store
from watchglass.sync.listing import add_runs

RUNNING, FAILED, TIMED_OUT = 1, 3, 7


@dataclass(frozen=True)
class House:
    store: Store
    shop: Tenant
    bank: Tenant
    ada: Caller
    """Owns the shop."""
    bob: Caller
    """Owns the bank, and nothing else."""


def listed(status: int, kind: str) -> Described:
    run = str(uuid4())
    return Described(
        ref=RunRef(f"{kind}-{run[:8]}", run),
        type=kind,
        status=status,
        started_at=1_700_000_000_000_000,
        execution_at=None,
        closed_at=None if listed_status(status).is_open else 1_700_000_000_000_001,
        history_length=3,
        history_bytes=100,
        task_queue="orders",
        first_run_id=run,
        parent=None,
        root=None,
        memo={},
        search_attributes={},
        build_id=None,
        schedule_id=None,
        cancel_requested=False,
        reset_run_id=None,
    )


async def add(house: House, tenant: Tenant, status: int, kind: str, changes: str) -> str:
    parts = open_parts(house.store)
    (key,) = await add_runs(parts, tenant.connection, [listed(status, kind)])
    async with house.store.write() as writer:
        await writer.execute(f"UPDATE workflow_executions SET {changes} WHERE id = $1", key.id)
    return str(key.id)


async def trouble(house: House, tenant: Tenant, problem: str, minutes: int) -> str:
    since = f"problem_since = now() - interval '{minutes} minutes'"
    return await add(
        house,
        tenant,
        RUNNING,
        "Order",
        f"problem = '{problem}', problem_detail = 'a sentence', phase = 'stuck', {since}",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(store: Store) -> AsyncIterator[House]:
    parts = open_parts(store)
    shop = await make_tenant(store, parts, "shop", [])
    bank = await make_tenant(store, parts, "bank", [])
    async with client_for(store, parts) as client:
        yield House(store, shop, bank, Caller(client, shop.token), Caller(client, bank.token))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def runs(house: House) -> dict[str, str]:
    """Ids by name; the shop's are in trouble for longer the later they stand."""
    return {
        "failing": await trouble(house, house.shop, "workflow_task_failing", 1),
        "no worker, new": await trouble(house, house.shop, "no_worker", 2),
        "no worker, old": await trouble(house, house.shop, "no_worker", 90),
        "stuck": await trouble(house, house.shop, "activity_stuck", 5),
        "the bank's": await trouble(house, house.bank, "no_worker", 3),
    }


def ids(page: Any) -> list[str]:
    return [item["id"] for item in page["items"]]


async def test_open_runs_come_by_kind_and_longest_first(house: House, runs: dict[str, str]) -> None:
    page = await house.ada.data("attention.list", {})
    assert ids(page) == [runs["stuck"], runs["no worker, old"], runs["no worker, new"], runs["failing"]]
    assert page["nextCursor"] is None
    first = page["items"][0]
    assert (first["problem"], first["problemDetail"], first["projectName"]) == ("activity_stuck", "a sentence", "shop")
    assert first["problemSince"] is not None
    of_kind = await house.ada.data("attention.list", {"problem": "no_worker"})
    assert ids(of_kind) == [runs["no worker, old"], runs["no worker, new"]]


async def test_pages_follow_each_other_without_a_gap(house: House, runs: dict[str, str]) -> None:
    found: list[str] = []
    cursor: str | None = None
    for _ in range(4):
        page = await house.ada.data("attention.list", {"limit": 1, **({"cursor": cursor} if cursor else {})})
        found += ids(page)
        cursor = page["nextCursor"]
    assert cursor is None
    assert found == ids(await house.ada.data("attention.list", {}))


async def test_somebody_elses_trouble_is_nobody_elses_business(house: House, runs: dict[str, str]) -> None:
    assert ids(await house.bob.data("attention.list", {})) == [runs["the bank's"]]
    for name in ("attention.get", "attention.list", "attention.badEnds"):
        foreign = await house.bob.query(name, {"projectId": str(house.shop.project_id)})
        absent = await house.bob.query(name, {"projectId": str(uuid4())})
        assert (foreign.status_code, foreign.text) == (absent.status_code, absent.text)
        assert foreign.status_code == 404


async def test_a_cursor_of_another_list_is_refused(house: House) -> None:
    answer = await house.ada.query("attention.list", {"cursor": "bm9uc2Vuc2U"})
    assert answer.status_code == 400
    assert "does not belong to this list" in answer.text


async def test_counts_copies_and_connections(house: House, runs: dict[str, str]) -> None:
    await add(house, house.shop, RUNNING, "Order", "sync_status = 'set_aside', sync_error = 'broken'")
    answer = await house.ada.data("attention.get", {"projectId": str(house.shop.project_id)})
    counts = {one["problem"]: one["count"] for one in answer["problems"]}
    assert counts == {"activity_stuck": 1, "no_worker": 2, "workflow_task_failing": 1}
    (connection,) = answer["connections"]
    assert (connection["setAside"], connection["openRuns"], connection["state"]) == (1, None, "unknown")
    assert answer["total"] == 5
    async with house.store.write() as writer:
        await save_trouble(writer, house.shop.connection, state="refused", error="The key has expired.")
    answer = await house.ada.data("attention.get", {})
    assert answer["connections"][0]["error"] == "The key has expired."
    assert answer["total"] == 6
    assert (await house.bob.data("attention.get", {}))["total"] == 1


async def test_what_ran_out_of_retries_is_collapsed_by_workflow_and_error(house: House) -> None:
    ended = (
        "closed_at = now() - interval '{0} hours', error_type = '{1}', error_message = 'order {0}{0} is late', "
        "unexpected_failure_count = {2}"
    )
    await add(house, house.shop, FAILED, "Charge", ended.format(2, "BankSilent", 1))
    newest = await add(house, house.shop, FAILED, "Charge", ended.format(1, "BankSilent", 2))
    late = await add(house, house.shop, TIMED_OUT, "Charge", "closed_at = now() - interval '3 hours'")
    await add(house, house.shop, FAILED, "Charge", ended.format(25, "Yesterday", 1))
    await add(house, house.shop, FAILED, "Charge", ended.format(1, "ByDesign", 0))
    await add(house, house.shop, FAILED, "Charge", ended.format(1, "Retried", 1) + ", is_retried = true")
    answer = await house.ada.data("attention.badEnds", {"projectId": str(house.shop.project_id)})
    found = [(one["workflowName"], one["errorType"], one["count"], one["executionId"]) for one in answer["items"]]
    assert found == [("Charge", "BankSilent", 2, newest), ("Charge", None, 1, late)]
    assert answer["items"][0]["errorMessage"] == "order 11 is late", "the newest one's"
    assert answer == await house.ada.data("attention.badEnds", {})
    assert (await house.bob.data("attention.badEnds", {}))["items"] == []


async def test_trouble_that_ends_between_two_pages_takes_no_other_run_with_it(house: House) -> None:
    carol = await make_tenant(house.store, open_parts(house.store), "mill", [])
    runs = [await trouble(house, carol, "no_worker", minutes) for minutes in (30, 20, 10)]
    asking = Caller(house.ada.client, carol.token)
    first = await asking.data("attention.list", {"limit": 2})
    assert ids(first) == runs[:2]
    async with house.store.write() as writer:
        await writer.execute(
            "UPDATE workflow_executions SET problem = NULL, problem_since = NULL WHERE id = $1::uuid", runs[0]
        )
    assert ids(await asking.data("attention.list", {"limit": 2, "cursor": first["nextCursor"]})) == runs[2:]

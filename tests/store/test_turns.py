"""Whose turn it is to be asked about by the patrol."""

from uuid import UUID, uuid4

import pytest_asyncio
from tests.databases import make_project

from watchglass.model.connection import Connection
from watchglass.store.connections import ensure_connection
from watchglass.store.patrols import read_turns
from watchglass.store.scope import Store
from watchglass.store.task_queues import CheckedQueue, QueueKind, save_checked_queues
from watchglass.store.workflows import ensure_observed

MANY, FEW = 30, 2


@pytest_asyncio.fixture(loop_scope="session")
async def watched(store: Store) -> Connection:
    """Runs that wait, seen a minute ago: `MANY` started on one task queue, `FEW` on another; both queues are still."""
    project_id, _ = await make_project(store, f"Waiting {uuid4()}", owner="ada")
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address="127.0.0.1:1", namespace=str(project_id), is_embedded=False
        )
        workflows = await ensure_observed(writer, project_id=project_id, types={"Order"})
        await writer.execute(
            """
            WITH keys AS (
                INSERT INTO execution_keys (connection_id, temporal_run_id, project_id, execution_id)
                SELECT $2, i::text, $1, uuidv7() FROM generate_series(1, $4::integer) i RETURNING *
            )
            INSERT INTO workflow_executions (project_id, id, workflow_id, connection_id, namespace,
                temporal_workflow_id, temporal_run_id, temporal_type, status, phase, sync_status, started_at,
                synced_at, next_sync_at, task_queue)
            SELECT $1, execution_id, $3, $2, 'a', temporal_run_id, temporal_run_id, 'Order', 'running', 'waiting',
                'synced', now(), now() - interval '1 minute', now() + interval '1 day',
                CASE WHEN temporal_run_id::integer <= $5 THEN 'many' ELSE 'few' END FROM keys
            """,
            project_id,
            connection.id,
            workflows["Order"].id,
            MANY + FEW,
            MANY,
        )
        await save_checked_queues(writer, connection, [checked(name, kind) for name in QUEUES for kind in QueueKind])
        await writer.execute("UPDATE task_queues SET stirred_at = now() - interval '1 hour'")
    return connection


QUEUES = ("many", "few")


def checked(name: str, kind: QueueKind, *, is_stirred: bool = False) -> CheckedQueue:
    return CheckedQueue(name, kind, True, None, is_stirred)


async def turns(store: Store, connection: Connection, *, limit: int = 100) -> list[str]:
    """The task queues of the runs whose turn it is."""
    async with store.write() as reader:
        found = await read_turns(
            reader, connection, unseen_seconds=20, quiet_seconds=300, long_history=(1000, 1000), limit=limit
        )
        rows = await reader.fetch("SELECT id, task_queue FROM workflow_executions WHERE id = ANY ($1)", found.ids)
    queues: dict[UUID, str] = {row["id"]: row["task_queue"] for row in rows}
    return [queues[id] for id in found.ids]


async def stir(store: Store, connection: Connection, name: str, kind: QueueKind) -> None:
    async with store.write() as writer:
        await save_checked_queues(writer, connection, [checked(name, kind, is_stirred=True)])


async def change(store: Store, connection: Connection, setting: str) -> None:
    async with store.write() as writer:
        await writer.execute(
            f"UPDATE workflow_executions SET {setting} WHERE connection_id = $1 AND task_queue = 'few'", connection.id
        )


class TestRunsThatOnlyWait:
    async def test_are_left_out_while_all_queues_are_still(self, store: Store, watched: Connection) -> None:
        assert await turns(store, watched) == []

    async def test_are_asked_about_once_a_task_went_through_their_queue(
        self, store: Store, watched: Connection
    ) -> None:
        for kind in QueueKind:
            await change(store, watched, "patrolled_at = NULL")
            await stir(store, watched, "few", kind)
            assert await turns(store, watched) == ["few"] * FEW
            await change(store, watched, "patrolled_at = now()")
            assert await turns(store, watched) == []

    async def test_or_through_one_that_no_open_run_was_started_on(self, store: Store, watched: Connection) -> None:
        await stir(store, watched, "a queue for activities", QueueKind.ACTIVITY)
        assert len(await turns(store, watched)) == MANY + FEW

    async def test_few_do_not_wait_for_many(self, store: Store, watched: Connection) -> None:
        for name in QUEUES:
            await stir(store, watched, name, QueueKind.WORKFLOW)
        assert sorted(await turns(store, watched, limit=4)) == ["few", "few", "many", "many"]

    async def test_are_not_forgotten(self, store: Store, watched: Connection) -> None:
        await change(store, watched, "synced_at = now() - interval '6 minutes'")
        assert await turns(store, watched) == ["few"] * FEW

    async def test_whatever_could_be_wrong_makes_it_their_turn(self, store: Store, watched: Connection) -> None:
        for setting, back in (
            ("phase = 'working'", "phase = 'waiting'"),
            ("problem = 'no_worker'", "problem = NULL"),
            ("history_length = 1000", "history_length = 5"),
            ("history_bytes = 1000", "history_bytes = 5"),
            ("phase = NULL", "phase = 'waiting'"),
        ):
            await change(store, watched, setting)
            assert await turns(store, watched) == ["few"] * FEW, setting
            await change(store, watched, back)


async def test_a_queue_that_was_not_looked_at_for_too_long_counts_as_stirred(store: Store, watched: Connection) -> None:
    async with store.write() as writer:
        await writer.execute(
            "UPDATE task_queues SET checked_at = now() - interval '1 minute' WHERE connection_id = $1", watched.id
        )
        await save_checked_queues(writer, watched, [checked("few", QueueKind.WORKFLOW)])
    assert await turns(store, watched) == ["few"] * FEW

"""What Describe said of runs when they were last copied: with the history, all that their rows are derived from."""

import json
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import asyncpg
import zstandard

from watchglass.model.described import Described
from watchglass.parse.describe import parse_kept
from watchglass.store.bulk import MOMENT, Columns, run_rows, upsert
from watchglass.store.history_pages import PAGE_LIMIT_BYTES
from watchglass.store.moments import micros
from watchglass.store.scope import Reader, Writer
from watchglass.store.sync_states import ExecutionKey

_COLUMNS = Columns(
    (
        ("project_id", "uuid"),
        ("execution_id", "uuid"),
        ("described_at", MOMENT),
        ("answer", "bytea"),
        ("task_queues", "text"),
        ("last_polls", "text"),
    )
)
_UPSERT = upsert("run_descriptions", _COLUMNS, key=("project_id", "execution_id"))
_LEVEL = 1
_AMONG = "(project_id, execution_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))"


async def save_descriptions(writer: Writer, runs: Sequence[tuple[ExecutionKey, Described]]) -> None:
    """Keep these answers over earlier ones."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    rows = [
        (
            key.project_id,
            key.id,
            run.described_at,
            compressor.compress(run.answer or b""),
            _queues_json(run),
            _polls_json(run),
        )
        for key, run in runs
    ]
    await run_rows(writer, _UPSERT, _COLUMNS, rows)


async def drop_descriptions(writer: Writer, keys: Sequence[ExecutionKey]) -> None:
    """Forget the answers of runs that were copied again without one: their histories say it all by now."""
    await writer.execute(f"DELETE FROM run_descriptions WHERE {_AMONG}", *_arrays(keys))  # noqa: S608 - a constant


async def read_descriptions(reader: Reader, keys: Sequence[ExecutionKey]) -> dict[ExecutionKey, Described]:
    """The answers of those runs that have one, read by today's rules."""
    rows = await reader.fetch(
        f"SELECT * FROM run_descriptions WHERE {_AMONG}",  # noqa: S608 - a constant
        *_arrays(keys),
    )
    return {ExecutionKey(row["project_id"], row["execution_id"]): _described(row) for row in rows}


def _described(row: asyncpg.Record) -> Described:
    answer = zstandard.ZstdDecompressor().decompress(row["answer"], max_output_size=PAGE_LIMIT_BYTES)
    has_pollers, unpolled = json.loads(row["task_queues"])
    return replace(
        parse_kept(answer, at=micros(row["described_at"]) or 0),
        has_pollers=has_pollers,
        unpolled_queues=frozenset(unpolled),
        last_polls=json.loads(row["last_polls"]) if row["last_polls"] else {},
    )


def _queues_json(run: Described) -> str:
    return json.dumps([run.has_pollers, sorted(run.unpolled_queues)])


def _polls_json(run: Described) -> str | None:
    return json.dumps(dict(sorted(run.last_polls.items()))) if run.last_polls else None


def _arrays(keys: Sequence[ExecutionKey]) -> tuple[list[UUID], list[UUID]]:
    return [key.project_id for key in keys], [key.id for key in keys]

"""Versions with a U+0000 in a text, from before they were refused."""

from pathlib import Path

import asyncpg
import pytest
from tests.databases import Database

import watchglass.store

MIGRATION = Path(watchglass.store.__file__).parent / "migrations/versions/0023_names_of_versions.sql"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'"a\u0000b"', r'"a\ufffdb"'),
        (r'"\u0000\u0000"', r'"\ufffd\ufffd"'),
        (r'"\\u0000 \\\u0000"', r'"\\u0000 \\\ufffd"'),
    ],
)
async def test_they_can_be_looked_into_after_the_migration(database: Database, written: str, read: str) -> None:
    connection = await asyncpg.connect(database.admin_url)
    try:
        await connection.execute("CREATE TEMP TABLE workflow_versions (project_id uuid, graph json, created_at date)")
        await connection.execute(
            "INSERT INTO pg_temp.workflow_versions (graph) VALUES ($1)", f'{{"notes": {written}, "name": "order"}}'
        )
        await connection.execute("SET search_path = pg_temp, public")
        await connection.execute(MIGRATION.read_text("utf-8"))
        row = await connection.fetchrow("SELECT graph::text AS text, graph ->> 'name' AS name FROM workflow_versions")
        assert row is not None
        assert (row["text"], row["name"]) == (f'{{"notes": {read}, "name": "order"}}', "order")
    finally:
        await connection.close()

"""The published schema is the one that the migrations make."""

from tests.databases import Database
from tests.store.schema_dump import PUBLISHED, dump_schema


async def test_the_published_schema_is_what_the_migrations_make(database: Database) -> None:
    made = dump_schema(database.admin_url, suffix=database.roles.suffix)
    assert PUBLISHED.read_text() == made, "run ./dev python -m tests.store.schema_dump"

"""All that a database holds, as bytes that can be searched: compressed columns as what they hold."""

import asyncpg
import zstandard

from watchglass.store.history_pages import PAGE_LIMIT_BYTES

_COMPRESSED = {("history_pages", "data"), ("run_descriptions", "answer")}


async def everything_stored(admin_url: str) -> dict[str, bytes]:
    """The rows of every table, by table."""
    admin = await asyncpg.connect(admin_url)
    try:
        tables = await admin.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found: dict[str, bytes] = {}
        for schema, table in tables:
            rows = await admin.fetch(f'SELECT * FROM "{schema}"."{table}"')
            found[table] = b"\n".join(_value(table, name, value) for row in rows for name, value in row.items())
        return found
    finally:
        await admin.close()


def _value(table: str, name: str, value: object) -> bytes:
    if isinstance(value, bytes):
        if (table, name) in _COMPRESSED:
            return zstandard.ZstdDecompressor().decompress(value, max_output_size=PAGE_LIMIT_BYTES)
        return value
    return str(value).encode("utf-8", "surrogatepass")


async def places_of(needle: str, admin_url: str) -> list[str]:
    """The tables in which a text stands."""
    return [table for table, data in (await everything_stored(admin_url)).items() if needle.encode() in data]

"""What stands in every table, as two numbers each: how many rows, and a digest of all of them in any order."""

from dataclasses import dataclass

from watchglass.store.schema import AnyConnection

_AS_TEXT = """
    SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres';
    SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1
"""
"""A row's text depends on these."""


@dataclass(frozen=True, slots=True)
class TableDigest:
    rows: int
    digest: str
    """The sum of the rows' MD5s, in two halves, hexadecimal."""


async def own_tables(connection: AnyConnection) -> list[str]:
    """The tables that hold what Watchglass keeps, by name; all but the one that tells the schema's version."""
    rows = await connection.fetch("""
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version' ORDER BY relname
    """)
    return [row["relname"] for row in rows]


async def digest_tables(connection: AnyConnection) -> dict[str, TableDigest]:
    """Digest every table as the running transaction sees it. The role has to see every row."""
    await connection.execute(_AS_TEXT)
    return {table: await _digest(connection, table) for table in await own_tables(connection)}


async def _digest(connection: AnyConnection, table: str) -> TableDigest:
    row = await connection.fetchrow(
        f"""
        SELECT count(*) AS rows,
               coalesce(sum(('x' || left(digest, 16))::bit(64)::bigint::numeric), 0) AS high,
               coalesce(sum(('x' || right(digest, 16))::bit(64)::bigint::numeric), 0) AS low
        FROM (SELECT md5(each::text) AS digest FROM public."{table}" each) digests
        """,  # noqa: S608 - a name out of the catalogue
        timeout=None,
    )
    assert row is not None
    return TableDigest(row["rows"], "".join(f"{int(row[half]) % 2**64:016x}" for half in ("high", "low")))

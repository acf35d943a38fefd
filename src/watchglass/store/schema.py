"""Which schema a database has, and which one this version needs."""

from pathlib import Path

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from watchglass.errors import StartupError

AnyConnection = asyncpg.Connection | PoolConnectionProxy

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def known_revisions() -> list[str]:
    """Oldest first. The file of revision `0001` is named `0001_what_it_does.py`."""
    return sorted(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*.py"))


def head_revision() -> str:
    return known_revisions()[-1]


async def check_schema(connection: AnyConnection) -> None:
    """Refuse to work on a schema that is not this version's."""
    found = await _revision(connection)
    if found != head_revision():
        await refuse_newer_schema(connection)
        raise StartupError(
            f"The database has schema {found or 'none'}, and this version of Watchglass needs {head_revision()}. "
            "Run `watchglass migrate` first."
        )


async def refuse_newer_schema(connection: AnyConnection) -> None:
    found = await _revision(connection)
    if found is not None and found not in known_revisions():
        raise StartupError(
            f"The database has schema {found}, which is newer than this version of Watchglass knows "
            f"(it knows up to {head_revision()}). Start a newer Watchglass, or point it at another database."
        )


async def _revision(connection: AnyConnection) -> str | None:
    if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        return None
    value: str | None = await connection.fetchval("SELECT version_num FROM public.alembic_version")
    return value

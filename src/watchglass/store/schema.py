"""Which schema a database has, and which one this version needs."""

from pathlib import Path

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from watchglass.errors import StartupError

AnyConnection = asyncpg.Connection | PoolConnectionProxy

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
WORKS_FROM = "0028"
"""Code whose newest revision is this or a later one works with the newest schema. Raised by a revision that takes
something away, which comes one version after the code that needed it (docs/decisions/schema-changes.md)."""
_MARK = "Works with code that knows revision "


def known_revisions() -> list[str]:
    """Oldest first. The file of revision `0001` is named `0001_what_it_does.py`."""
    return sorted(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*.py"))


def head_revision() -> str:
    return known_revisions()[-1]


async def check_schema(connection: AnyConnection) -> None:
    """Refuse to work on a schema that is older than this version's, or newer than it can work with.

    Newer ones say which code can: so that a new version can migrate while processes of the one before it run on, and
    are started anew.
    """
    found = await _revision(connection)
    if found == head_revision() or await _works_with(connection, found):
        return
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


async def tell_who_works_with_it(connection: AnyConnection, revision: str) -> None:
    """Write down beside the schema that code which knows `revision` can work with it."""
    await connection.execute(f"COMMENT ON TABLE public.alembic_version IS '{_MARK}{revision}'")


async def _works_with(connection: AnyConnection, found: str | None) -> bool:
    if found is None or found in known_revisions():
        return False
    said = await connection.fetchval("SELECT obj_description('public.alembic_version'::regclass, 'pg_class')") or ""
    _, mark, works_from = said.partition(_MARK)
    return bool(mark) and works_from <= head_revision()


async def _revision(connection: AnyConnection) -> str | None:
    if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
        return None
    value: str | None = await connection.fetchval("SELECT version_num FROM public.alembic_version")
    return value

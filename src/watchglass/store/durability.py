"""Refuses a PostgreSQL that may forget what it has acknowledged, or spoil it when the machine stops.

synchronous_commit = off   a crash of the server forgets commits that were acknowledged (3,803 of 52,667 in 8 kills)
fsync = off                a crash of the machine leaves a database that cannot be trusted
full_page_writes = off     a page that was half written when the machine stopped stays so
"""

from watchglass.errors import StartupError
from watchglass.store.schema import AnyConnection

_CONSEQUENCES = {
    "synchronous_commit": "a crash of the server would lose what people and the sync were told is stored",
    "fsync": "a crash of the machine could spoil the whole database without anybody noticing",
    "full_page_writes": "a crash of the machine could leave pages half written without anybody noticing",
}


async def refuse_forgetful_server(connection: AnyConnection) -> None:
    """Raise StartupError when this session's commits are not on disk as soon as they are acknowledged.

    `synchronous_commit` counts as this role and database have it: it can be set for each apart.
    """
    row = await connection.fetchrow(
        "SELECT session_user AS role, current_database() AS database, "
        "current_setting('synchronous_commit') AS synchronous_commit, current_setting('fsync') AS fsync, "
        "current_setting('full_page_writes') AS full_page_writes"
    )
    if row is None:
        raise RuntimeError("PostgreSQL answered a question about its settings with no row")
    off = [name for name in _CONSEQUENCES if row[name] == "off"]
    if not off:
        return
    settings = " and ".join(f"{name} = off" for name in off)
    consequences = "; ".join(_CONSEQUENCES[name] for name in off)
    raise StartupError(
        f"PostgreSQL runs with {settings} for role {row['role']} in database {row['database']}: {consequences}. Switch "
        f"{'it' if len(off) == 1 else 'them'} on (in postgresql.conf, ALTER SYSTEM, ALTER ROLE or ALTER DATABASE, "
        "then reload) and start Watchglass again."
    )

"""Connection pools of the two roles that log in, checked to be powerless before anything is served."""

from collections.abc import Iterable
from typing import Any

import asyncpg

from watchglass.errors import StartupError
from watchglass.store.connect import CONNECT_SECONDS, connect, startup_error
from watchglass.store.durability import refuse_forgetful_server
from watchglass.store.outage import is_outage
from watchglass.store.schema import AnyConnection, check_schema

COMMAND_SECONDS = 10.0
"""A frozen server does not honour its own statement_timeout; the client has to stop waiting."""
TURN_SECONDS = 20.0
"""Who has no connection by then gets none: while the server is away each one that is tried takes its own time to fail,
and the last in the line would wait for all of them."""
_COMMIT, _ROLLBACK = "COMMIT;", "ROLLBACK;"
"""As asyncpg's transactions send them."""


_ARRAYS = frozenset({1000, 1001, 1005, 1007, 1009, 1016, 1022, 1185, 2951})
"""Arrays of PostgreSQL's own types that our statements name: boolean, bytea, smallint, integer, text, bigint, double
precision, timestamptz, uuid. Their numbers are the same in every database."""
_described: list[Any] = []
"""What a server of this process said of `_ARRAYS`."""


class _Described:
    """In place of the statement that asks: none was sent, so that nothing has to be prepared again."""

    name = "described"


class _Pooled(asyncpg.Connection):
    """Is ready for the next one as soon as it has committed: what the pool resets goes along with the COMMIT.

    And it knows the arrays of PostgreSQL's own types from the first connection on: the driver would ask on each one,
    type by type, which took a sixth of the time of copying 200 runs.
    """

    __slots__ = ("_is_ending", "_ready_at")
    _protocol: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_ending = False
        """The last thing that it was told was to end a transaction."""
        self._ready_at = -1
        """How many queries there had been when it was made ready; one more, and it is not."""

    def get_reset_query(self) -> str:
        return "" if self._protocol.queries_count == self._ready_at else self._leave()

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:
        self._is_ending = query in (_COMMIT, _ROLLBACK)
        if query != _COMMIT:
            return str(await super().execute(query, *args, timeout=timeout))
        protocol = self._protocol
        status = str(await super().execute(f"{_COMMIT}\n{self._leave()}", timeout=timeout))
        self._ready_at = protocol.queries_count
        return status

    async def _reset(self) -> None:
        if self._is_ending and self._protocol.is_in_transaction():
            # Who asked has left while the transaction ended. The driver would take it back as well, and tell the log of
            # a bug.
            await super().execute("ROLLBACK")
        await super()._reset()

    async def _introspect_types(self, typeoids: Iterable[int], timeout: float | None) -> Any:
        """As the driver asks of types that it does not know."""
        driver: Any = super()
        asked = frozenset(typeoids)
        if not asked <= _ARRAYS:
            return await driver._introspect_types(asked, timeout)
        if _described:
            return _described, _Described
        found, statement = await driver._introspect_types(_ARRAYS, timeout)
        _described[:] = found
        return found, statement

    def _leave(self) -> str:
        """Back to the role that logged in, too: RESET ALL leaves the role as it is."""
        return f"RESET ROLE;\n{super().get_reset_query()}"


async def open_pool(url: str, *, size: int, command_seconds: float = COMMAND_SECONDS) -> asyncpg.Pool:
    """Open at most `size` connections as the role in `url`.

    Raises:
        StartupError: unreachable, wrong credentials, a schema of another version, a role with too much power, or a
            server that may forget what it has acknowledged.
    """
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_SECONDS,
            command_timeout=command_seconds,
            connection_class=_Pooled,
            server_settings={"application_name": "watchglass", "jit": "off", "search_path": "public"},
        )
    except Exception as error:
        raise startup_error(url, error) from error
    try:
        async with pool.acquire(timeout=TURN_SECONDS) as connection:
            await _refuse_powerful_role(connection)
            await refuse_forgetful_server(connection)
            await check_schema(connection)
    except BaseException as error:
        pool.terminate()
        raise _said(url, error) from error
    return pool


def _said(url: str, error: BaseException) -> BaseException:
    """A server that went away while it was asked is told as one that was not there; anything else as it is."""
    return startup_error(url, error) if isinstance(error, Exception) and is_outage(error) else error


async def check_login(url: str) -> None:
    """See whether the role in `url` can log in, and has no more power than it should.

    Raises:
        StartupError: unreachable, wrong credentials, a role with too much power, or a server that may forget.
    """
    connection = await connect(url, command_seconds=COMMAND_SECONDS)
    try:
        await _refuse_powerful_role(connection)
        await refuse_forgetful_server(connection)
    except Exception as error:
        raise _said(url, error) from error
    finally:
        await connection.close()


async def _refuse_powerful_role(connection: AnyConnection) -> None:
    """Row Level Security does not bind superusers, BYPASSRLS roles or owners: serving as one would show all to all."""
    row = await connection.fetchrow("""
        SELECT r.rolname,
               CASE WHEN r.rolsuper THEN 'is a superuser'
                    WHEN r.rolbypassrls THEN 'bypasses Row Level Security'
                    WHEN r.rolcreaterole THEN 'may create roles'
                    WHEN EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                                 AND c.relkind = 'r' AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
                         THEN 'owns the tables' END AS power
        FROM pg_roles r WHERE r.rolname = session_user
    """)
    if row is not None and row["power"]:
        raise StartupError(
            f"The database role {row['rolname']} {row['power']}, so Row Level Security would protect "
            "nobody's data. Give such a role as WATCHGLASS_ADMIN_DATABASE_URL, which only migrations use, and the "
            "login role that they make, or nothing, as WATCHGLASS_DATABASE_URL."
        )

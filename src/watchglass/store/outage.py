"""Errors that say something of the database server, and nothing of what it was asked."""

import asyncpg

_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,
    OSError,
)
"""Lost, starting, stopping or frozen (`TimeoutError` is an `OSError`). The driver says `InternalClientError` when a
connection goes between two messages of one statement."""


def is_outage(error: BaseException) -> bool:
    """Was the server away? Then the same statement is worth sending again as it is."""
    if isinstance(error, asyncpg.InterfaceError):
        # "Connection is closed" is one; a value that cannot be sent is a ValueError as well.
        return not isinstance(error, ValueError)
    return isinstance(error, _AWAY)

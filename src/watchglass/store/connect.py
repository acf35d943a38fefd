"""Open single connections, with the driver's errors told as sentences."""

import asyncio
from urllib.parse import urlsplit

import asyncpg

from watchglass.errors import StartupError, said

CONNECT_SECONDS = 5.0


async def connect(url: str, *, command_seconds: float | None = None) -> asyncpg.Connection:
    """Open one connection, on which a statement may take `command_seconds`; None: as long as a migration takes.

    Raises:
        StartupError: unreachable, wrong credentials, or no such database.
    """
    try:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, command_timeout=command_seconds)
    except Exception as error:
        raise startup_error(url, error) from error


def startup_error(url: str, error: Exception) -> StartupError:
    """The sentence for a connection that could not be opened; never shows the password."""
    where = _without_password(url)
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return StartupError(f"PostgreSQL at {where} refuses the user name or password. Check the database URL.")
        case asyncpg.InvalidCatalogNameError():
            return StartupError(f"PostgreSQL has no database at {where}. Create it, or correct the database URL.")
        case ValueError():
            return unusable_url()
        case asyncpg.CannotConnectNowError():
            return StartupError(f"PostgreSQL at {where} is starting up or shutting down. Try again in a moment.")
        case OSError() | asyncio.TimeoutError() | asyncpg.PostgresError() | asyncpg.InterfaceError():
            return StartupError(
                f"PostgreSQL at {where} cannot be reached ({said(error)}). Is it running, and is the address right?"
            )
        case _:
            raise error


def unusable_url() -> StartupError:
    """For a URL that cannot be read. What the reader says of it is not repeated: where a password has a `/`, it takes
    the password's beginning for a port, and quotes it.
    """
    return StartupError(
        "The database URL is not one that PostgreSQL understands. It is written "
        "postgresql://user:password@host:5432/database, and / ? # @ % [ ] in a password are written "
        "%2F %3F %23 %40 %25 %5B %5D."
    )


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
        if "@" in f"{parts.path}{parts.query}{parts.fragment}":
            # Of a password with a `/` in it, everything behind that.
            return "the given address"
        return f"{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"
    except ValueError:
        return "the given address"

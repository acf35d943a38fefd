"""One query of a PostgreSQL database whose address was checked."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from watchglass.builder.reach import Reach
from watchglass.builder.services.errors import ServiceRefuses, ServiceTooMuch, ServiceUnreachable
from watchglass.model.service import PostgresSettings, ServiceSecret, Tls

CONNECT_SECONDS = 10.0
ANSWER_CHARACTERS = 1_000_000
"""Temporal takes no more than 2 MB a value."""

# Classes of SQLSTATE after which the same query may go well: connection, resources, operator, conflict of transactions.
_PASSING = ("08", "53", "57", "58", "40")
_WORD = re.compile(r"(?<=[a-z])([A-Z])")
_PARAMETER = re.compile(r"\$\d+")
_COUNTS = re.compile(r"the server expects \d+ arguments? for this query, \d+ (was|were) passed")


async def query(
    reach: Reach,
    settings: PostgresSettings,
    secret: ServiceSecret,
    *,
    sql: str,
    parameters: Sequence[Any],
    maximum_rows: int,
    read_only: bool,
    seconds: float,
) -> tuple[list[dict[str, Any]], int]:
    """Rows as JSON values, and how many rows were given or changed. One transaction.

    Raises:
        AddressRefused, HostUnknown
        ServiceUnreachable, ServiceRefuses
        ServiceTooMuch: more than `maximum_rows`, or more than a step can give. Nothing was changed.
    """
    async with _connection(reach, settings, secret, seconds) as connection:
        try:
            async with asyncio.timeout(seconds), connection.transaction(readonly=read_only):
                statement = await connection.prepare(sql)
                if not statement.get_attributes():
                    return [], _changed(await connection.execute(sql, *parameters))
                rows: list[dict[str, Any]] = []
                size = 0
                async for record in statement.cursor(*parameters, prefetch=500):
                    row = {name: _json(value) for name, value in record.items()}
                    size += sum(len(name) + len(str(value)) for name, value in row.items())
                    rows.append(row)
                    if len(rows) > maximum_rows or size > ANSWER_CHARACTERS:
                        raise ServiceTooMuch(_too_much(maximum_rows, len(rows)))
                return rows, len(rows)
        except TimeoutError as error:
            raise ServiceUnreachable(f"The query took longer than {seconds:g} s and was cancelled.") from error
        except (asyncpg.InterfaceError, ValueError) as error:
            raise _unaskable(error) from None
        except asyncpg.PostgresError as error:
            # The driver's own, of a parameter of another type: the server's are of classes below this one.
            raise _unaskable(error) if type(error) is asyncpg.DataError else _refusal(error) from None


@asynccontextmanager
async def _connection(
    reach: Reach, settings: PostgresSettings, secret: ServiceSecret, seconds: float
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    address = await reach.address_of(settings.host, settings.port)
    try:
        connection = await asyncpg.connect(
            host=address,
            port=settings.port,
            user=settings.user,
            password=secret.password or "",
            database=settings.database,
            ssl=_tls(settings),
            timeout=CONNECT_SECONDS,
            # Of the cancellation and the rollback too, which a server that is silent would never answer.
            command_timeout=seconds,
            server_settings={"application_name": "watchglass"},
        )
    except (OSError, TimeoutError, ssl.SSLError) as error:
        raise ServiceUnreachable(
            f"The database at {settings.host}:{settings.port} cannot be reached: {error or 'no answer'}."
        ) from error
    except asyncpg.PostgresError as error:
        raise _refusal(error) from None
    try:
        yield connection
    finally:
        await connection.close(timeout=5)


class _Named(ssl.SSLContext):
    """Checks the certificate against the name that the address was found by, not against the address."""

    name: str

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        return super().wrap_bio(*args, **{**kwargs, "server_hostname": self.name})


def _tls(settings: PostgresSettings) -> ssl.SSLContext | bool:
    if settings.tls is Tls.OFF:
        return False
    context = _Named(ssl.PROTOCOL_TLS_CLIENT)
    context.name = settings.host
    if settings.tls is Tls.VERIFY:
        context.load_default_certs()
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _refusal(error: asyncpg.PostgresError) -> ServiceRefuses | ServiceUnreachable:
    """In the server's words, without those that hold values: everybody who sees the run reads them.

    DETAIL names the values of a key; of a value that does not fit its type (class 22) the first line does.
    """
    state = error.sqlstate or ""
    words = _WORD.sub(r" \1", type(error).__name__.removesuffix("Error")).strip().lower()
    told = f"it refuses a value: {words}" if state.startswith("22") else str(error.args[0] if error.args else words)
    sentence = f"The database says: {told.rstrip('.')} ({error.sqlstate})."
    return ServiceUnreachable(sentence) if state.startswith(_PASSING) else ServiceRefuses(sentence)


def _unaskable(error: Exception) -> ServiceRefuses:
    """Without the driver's words, which hold the parameter."""
    number = _PARAMETER.search(str(error))
    counts = _COUNTS.match(str(error))
    reason = (
        f"{number[0]} is not of the type that the query takes there"
        if number
        else counts[0]
        if counts
        else "they do not fit it"
    )
    return ServiceRefuses(f"The query cannot be asked with these parameters: {reason}.")


def _changed(status: str) -> int:
    """`UPDATE 3`, `INSERT 0 3`: 3. `CREATE TABLE`: 0."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


def _too_much(maximum_rows: int, rows: int) -> str:
    if rows > maximum_rows:
        return f"The query gives more than {maximum_rows:,} rows. Narrow it, or allow more rows."
    return "The rows are larger than what a step can give to the next, 1,000,000 characters. Ask for less."


def _json(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value - value == 0 else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal() | UUID():
            return str(value)
        case bytes():
            return value.hex()
        case list() | tuple():
            return [_json(item) for item in value]
        case asyncpg.Record():
            return {name: _json(item) for name, item in value.items()}
        case _:
            return str(value)

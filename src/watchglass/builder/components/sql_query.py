"""Asks a PostgreSQL database."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from pydantic import Field

from watchglass.builder.component import component
from watchglass.builder.services.door import SERVICE, Services
from watchglass.builder.services.failures import as_failure
from watchglass.builder.services.postgres import query
from watchglass.errors import InvalidInput, WatchglassError
from watchglass.model.drawn import Drawn
from watchglass.model.retry_choice import FailAfter, Timeouts
from watchglass.model.service import PostgresSettings


class SqlQuery(Drawn):
    service: Annotated[str, Field(min_length=1, max_length=100, json_schema_extra=SERVICE)]
    """Name of a database among this project's services."""
    sql: Annotated[str, Field(title="SQL", min_length=1, max_length=100_000)]
    """One statement; values go into the parameters and stand as $1, $2 … in it."""
    parameters: Annotated[list[Any], Field(max_length=1000)] = Field(default_factory=list)
    maximum_rows: Annotated[int, Field(ge=1, le=10_000)] = 1000
    """More than that fails the step, and nothing is changed."""
    reads_only: bool = True
    """The database refuses to change anything."""
    timeout_seconds: Annotated[float, Field(title="Timeout in seconds", gt=0, le=600)] = 30


class SqlAnswer(Drawn):
    rows: list[dict[str, Any]]
    row_count: int
    """Rows given, or changed."""


def sql_query(services: Services) -> Callable[..., Awaitable[SqlAnswer]]:
    """The component, which signs in through these services."""

    @component(
        type="watchglass.sql_query",
        name="SQL query",
        category="Connect",
        icon="database",
        retry=FailAfter(),
        timeouts=Timeouts(start_to_close_seconds=60),
    )
    async def ask(given: SqlQuery) -> SqlAnswer:
        """Asks a PostgreSQL database, in a transaction of its own. A statement that changes rows may be asked twice
        when a worker dies: write it so that the second time changes nothing.
        """
        try:
            found = await services.find(given.service)
            if not isinstance(found.settings, PostgresSettings):
                raise InvalidInput(f"The service “{given.service}” is no database. An HTTP request can reach it.")
            rows, count = await query(
                await services.reach(),
                found.settings,
                found.secret,
                sql=given.sql,
                parameters=given.parameters,
                maximum_rows=given.maximum_rows,
                read_only=given.reads_only,
                seconds=given.timeout_seconds,
            )
        except WatchglassError as error:
            raise as_failure(error) from None
        return SqlAnswer(rows=rows, row_count=count)

    return ask

"""Try a service out: is it there, and does it let us in?"""

from watchglass.builder.reach import Reach
from watchglass.builder.services.http import send
from watchglass.builder.services.postgres import query
from watchglass.errors import WatchglassError
from watchglass.model.service import PostgresSettings, ServiceSecret, ServiceSettings

ATTEMPT_SECONDS = 15.0
_REFUSES = {401, 403, 407}


async def attempt(reach: Reach, settings: ServiceSettings, secret: ServiceSecret) -> str | None:
    """What is wrong with it, in a sentence; None when it answers."""
    try:
        if isinstance(settings, PostgresSettings):
            await query(
                reach,
                settings,
                secret,
                sql="SELECT 1",
                parameters=[],
                maximum_rows=1,
                read_only=True,
                seconds=ATTEMPT_SECONDS,
            )
            return None
        answer = await send(
            reach,
            method="GET",
            url=settings.base_url,
            headers=secret.headers,
            body=None,
            seconds=ATTEMPT_SECONDS,
        )
    except WatchglassError as error:
        return error.message
    if answer.status in _REFUSES:
        return f"{settings.base_url} answers, but refuses these credentials (status {answer.status})."
    if answer.status >= 500:
        return f"{settings.base_url} answers with an error of its own (status {answer.status})."
    return None

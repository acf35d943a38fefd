"""Asks something over HTTP."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import httpx
from pydantic import Field
from temporalio import activity
from temporalio.exceptions import ApplicationError

from watchglass.builder.component import component
from watchglass.builder.services.door import SERVICE, Services
from watchglass.builder.services.failures import as_failure
from watchglass.builder.services.http import Answer, send
from watchglass.errors import InvalidInput, WatchglassError
from watchglass.model.drawn import Drawn
from watchglass.model.retry_choice import ExponentialBackoff, Timeouts
from watchglass.model.service import HttpSettings

_PASSING = {408, 425, 429}
"""Below 500, but worth another attempt."""
_SHOWN = 500
"""Characters of an answer that a failure repeats."""


class HttpRequest(Drawn):
    service: Annotated[str, Field(max_length=100, json_schema_extra=SERVICE)] = ""
    """Name of a service of this project; its address goes before the URL, and it signs in."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] = "GET"
    url: Annotated[str, Field(title="URL", min_length=1, max_length=8000)]
    """https://…, or with a service the path behind its address, such as /orders."""
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    """Sent as JSON; a text is sent as it is."""
    timeout_seconds: Annotated[float, Field(title="Timeout in seconds", gt=0, le=600)] = 30
    """For the answer."""
    fails_on_error: bool = True
    """An answer with status 400 or above fails the step. Otherwise it is its output as any other."""


class HttpAnswer(Drawn):
    status: int
    headers: dict[str, str]
    body: Any
    """What the JSON says, or the text."""


def http_request(services: Services) -> Callable[..., Awaitable[HttpAnswer]]:
    """The component, which signs in through these services."""

    @component(
        type="watchglass.http_request",
        name="HTTP request",
        category="Connect",
        icon="world",
        retry=ExponentialBackoff(),
        timeouts=Timeouts(start_to_close_seconds=60),
    )
    async def request(given: HttpRequest) -> HttpAnswer:
        """Asks a web service, and gives what it answers. It may be asked more than once: retries are new requests."""
        try:
            answer = await _asked(given, services)
        except WatchglassError as error:
            raise as_failure(error) from None
        if given.fails_on_error and answer.status >= 400:
            raise _bad(given, answer)
        return HttpAnswer(status=answer.status, headers=answer.headers, body=answer.body)

    return request


async def _asked(given: HttpRequest, services: Services) -> Answer:
    url, signing_in = given.url, dict[str, str]()
    if given.service:
        found = await services.find(given.service)
        if not isinstance(found.settings, HttpSettings):
            raise InvalidInput(f"The service “{given.service}” is a database. An SQL query can reach it.")
        url = f"{found.settings.base_url.rstrip('/')}/{given.url.lstrip('/')}"
        signing_in = found.secret.headers
    body, headers = _body(given.body)
    # Names of headers are the same in capitals: whoever says it last says it.
    for more in (_once(), given.headers, signing_in):
        headers.update(more)
    return await send(
        await services.reach(),
        method=given.method,
        url=url,
        headers=headers,
        body=body,
        seconds=given.timeout_seconds,
    )


def _body(body: Any) -> tuple[bytes | None, httpx.Headers]:
    if body is None:
        return None, httpx.Headers()
    if isinstance(body, str):
        return body.encode(), httpx.Headers({"Content-Type": "text/plain; charset=utf-8"})
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    return text.encode(), httpx.Headers({"Content-Type": "application/json"})


def _once() -> dict[str, str]:
    """The same for all attempts of one step, so that a service that heeds it does the work once."""
    info = activity.info()
    return {"Idempotency-Key": f"{info.workflow_run_id}/{info.activity_id}"}


def _bad(given: HttpRequest, answer: Answer) -> ApplicationError:
    text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body, ensure_ascii=False)
    said = f": {text[:_SHOWN]}" if text else "."
    passing = answer.status >= 500 or answer.status in _PASSING
    return ApplicationError(
        f"{given.method} {given.service or given.url} was answered with status {answer.status}{said}",
        type=f"HttpStatus{answer.status}",
        non_retryable=not passing,
    )

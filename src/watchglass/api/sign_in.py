"""Signing in: `POST /auth/sign-in` with a password, `POST /auth/exchange` with a one-time link's secret."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from watchglass.api.door import Door, browser_behind
from watchglass.api.errors import translate
from watchglass.api.problem import problem, problem_of
from watchglass.auth.sign_in import exchange, sign_in
from watchglass.store.scope import Store

_MAX_BYTES = 4096
_BodyT = TypeVar("_BodyT", bound=BaseModel)


class _Exchange(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    token: str = Field(min_length=1, max_length=200)


class _SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)


async def exchange_link(store: Store, door: Door, request: Request) -> Response:
    """204 with the cookie; 401 when the link was used or is too old; 400 for anything that is no link."""
    asked = await _read(request, _Exchange)
    if asked is None:
        return problem(400, 'Send {"token": "…"} with the secret of a sign-in link.')
    session = await exchange(store, asked.token, browser_behind(request), replaced=door.session_of(request))
    if session is None:
        return problem(
            401, "This sign-in link was used already, or is older than ten minutes. Run `watchglass sign-in-link`."
        )
    return _signed_in(door, session)


async def sign_in_with_password(store: Store, door: Door, request: Request) -> Response:
    """204 with the cookie; 401 alike for unknown people and wrong passwords; 429 with when to try again."""
    asked = await _read(request, _SignIn)
    if asked is None:
        return problem(400, 'Send {"name": "…", "password": "…"}.')
    if "\0" in asked.name:
        return problem(400, "A name holds no character U+0000.")
    replaced = door.session_of(request)
    try:
        session = await sign_in(store, asked.name, asked.password, browser_behind(request), replaced=replaced)
    except Exception as error:
        known = translate(error)
        if known is None:
            raise
        return problem_of(known)
    if session is None:
        return problem(401, "The name or the password is not right.")
    return _signed_in(door, session)


def _signed_in(door: Door, session: str) -> Response:
    response = Response(status_code=204)
    door.set_session(response, session)
    return response


async def _read(request: Request, shape: type[_BodyT]) -> _BodyT | None:
    """None: it is not what was asked for."""
    try:
        return shape.model_validate_json(await _body(request))
    except ValidationError:
        return None


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BYTES:
            return b""
    return body

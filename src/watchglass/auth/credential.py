"""What a request shows to say who is asking: the session cookie, or a bearer token in its header."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from watchglass.auth.secret import is_token

SESSION_COOKIE = "watchglass_session"
"""Not `__Host-…`: browsers want `Secure` for that name, which plain http on 127.0.0.1 does not offer."""
_BEARER = "bearer "


class Method(StrEnum):
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 (not a secret)


@dataclass(frozen=True, slots=True)
class Credential:
    method: Method
    secret: str = field(repr=False)


def credential_of(headers: Mapping[str, str], cookies: Mapping[str, str]) -> Credential | None:
    """The credential of a request; a header that is there decides, whatever the cookie says."""
    authorization = headers.get("authorization")
    if authorization is not None:
        token = authorization[len(_BEARER) :].strip()
        is_bearer = authorization.lower().startswith(_BEARER)
        return Credential(Method.TOKEN, token) if is_bearer and is_token(token) else None
    session = cookies.get(SESSION_COOKIE)
    return Credential(Method.SESSION, session) if session else None

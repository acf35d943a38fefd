"""What a request shows to say who is asking: the session cookie, or a bearer token in its header."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from watchglass.auth.secret import is_token

_PLAIN_COOKIE = "watchglass_session"
_TLS_COOKIE = "__Host-session"
_BEARER = "bearer "


class Method(StrEnum):
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 (not a secret)


@dataclass(frozen=True, slots=True)
class Credential:
    method: Method
    secret: str = field(repr=False)


def session_cookie(*, is_behind_tls: bool) -> str:
    """Its name. Browsers keep `__Host-…` to one host and to https, which plain http on 127.0.0.1 is not."""
    return _TLS_COOKIE if is_behind_tls else _PLAIN_COOKIE


def credential_of(headers: Mapping[str, str], cookies: Mapping[str, str], *, is_behind_tls: bool) -> Credential | None:
    """The credential of a request; a header that is there decides, whatever the cookie says."""
    authorization = headers.get("authorization")
    if authorization is not None:
        token = authorization[len(_BEARER) :].strip()
        is_bearer = authorization.lower().startswith(_BEARER)
        return Credential(Method.TOKEN, token) if is_bearer and is_token(token) else None
    session = cookies.get(session_cookie(is_behind_tls=is_behind_tls))
    return Credential(Method.SESSION, session) if session else None

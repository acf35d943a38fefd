"""Who is asking, and which browsers they are signed in with."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from watchglass.api.shapes.base import Input, Output


class Places(Output):
    """Where the person asking may say that a Temporal is, if they may change a project."""

    anywhere: bool
    hosts: list[str]
    """What everybody may connect: names, `*.` before one for all under it, `:` and a port after it for that alone."""


class Me(Output):
    """The person or program that is signed in."""

    id: str
    name: str
    method: Literal["session", "token"]
    """Signed in with the browser's cookie, or with a bearer token."""
    is_admin: bool
    """Manages the people of this installation."""
    places: Places


class Provider(Output):
    """An OpenID provider that people sign in with."""

    name: str
    """What people call it."""
    path: str
    """Where signing in begins."""


class Ways(Output):
    """How people sign in here."""

    password: bool
    """Somebody has one."""
    provider: Provider | None


class Session(Output):
    """A browser that somebody is signed in with."""

    id: str
    is_current: bool
    """The one that asks."""
    method: Literal["link", "password", "oidc"]
    """How it was signed in."""
    created_at: datetime
    last_used_at: datetime
    """To the minute."""
    expires_at: datetime
    user_agent: str | None
    """What the browser calls itself."""
    network: str | None
    """Where it was signed in from; not the whole address."""


class Sessions(Output):
    """The last used first."""

    items: list[Session]


class SessionIdInput(Input):
    """Names one session."""

    session_id: UUID


class Revoked(Output):
    """How many there were."""

    count: int


class SignedOut(Output):
    """The session is over."""

    signed_out: bool

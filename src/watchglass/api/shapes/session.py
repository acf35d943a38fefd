"""Who is asking."""

from typing import Literal

from watchglass.api.shapes.base import Output


class Me(Output):
    """The person or program that is signed in."""

    id: str
    name: str
    method: Literal["session", "token"]
    """Signed in with the browser's cookie, or with a bearer token."""


class SignedOut(Output):
    """The session is over."""

    signed_out: bool

"""How this process is reached, and what signing in needs to know of a request."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from watchglass.auth.browser import Browser, browser_of
from watchglass.auth.credential import session_cookie
from watchglass.auth.oidc import Provider
from watchglass.auth.sign_in import SESSION_LIFETIME


@dataclass(frozen=True, slots=True)
class Door:
    """Of one process."""

    is_behind_tls: bool = False
    """Browsers reach it by https, through whatever stands before it."""

    provider: Provider | None = None
    """The OpenID provider that people may sign in with."""

    @property
    def cookie(self) -> str:
        return session_cookie(is_behind_tls=self.is_behind_tls)

    def session_of(self, request: HTTPConnection) -> str | None:
        """The secret of the session that the browser has."""
        return request.cookies.get(self.cookie)

    def set_session(self, response: Response, secret: str) -> None:
        """Give the browser a session: out of reach of scripts, and of other sites' requests."""
        response.set_cookie(
            self.cookie,
            secret,
            max_age=int(SESSION_LIFETIME.total_seconds()),
            path="/",
            secure=self.is_behind_tls,
            httponly=True,
            samesite="lax",
        )

    def session_header(self, secret: str) -> tuple[str, str]:
        """The same, as a header of an answer that somebody else makes."""
        response = Response()
        self.set_session(response, secret)
        return "set-cookie", response.headers["set-cookie"]

    def address_of(self, request: Request) -> str:
        """The address by which the browser sees this page, without a slash at its end."""
        return f"{'https' if self.is_behind_tls else 'http'}://{request.headers['host']}"


def browser_behind(request: HTTPConnection) -> Browser:
    """Whoever sent a request; the address is the one that the server believes (see `--trusted-proxy`)."""
    return browser_of(request.headers.get("user-agent"), request.client.host if request.client else None)

"""What every request passes first: the right host, no other site behind it; and headers on every answer.

Pure ASGI, because Starlette's BaseHTTPMiddleware hides that a caller has left.
"""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchglass.api.body import is_json
from watchglass.api.refusal import refuse
from watchglass.api.trpc.errors import TRPCError, internal_error

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_API = ("/trpc/", "/api/")
"""They refuse what is no JSON themselves, in their own words."""
_MORE_HEADERS = "watchglass.more_headers"
_NOTHING_MAY_LOAD = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": _NOTHING_MAY_LOAD,
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-frame-options": "DENY",
}
"""Given to every answer that does not say otherwise itself."""
_HTTPS_ALONE = "max-age=31536000"
"""For a year, and for this name alone: what is said of others is up to who owns the domain."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HostGuard:
    """Refuses names that are not ours: another site's name that points at this machine is DNS rebinding."""

    app: ASGIApp
    hosts: Collection[str] = LOOPBACK_HOSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # Nothing here speaks it, and browsers let every site open one.
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http" and not self._is_ours(scope):
            error = TRPCError("MISDIRECTED_REQUEST", "Watchglass does not answer under this host name.")
            await refuse(error, scope, receive, send)
            return
        if scope["type"] == "http" and Headers(scope=scope).get("upgrade", "").lower() == "websocket":
            error = TRPCError("BAD_REQUEST", "There are no websockets here. Ask by HTTP.", closes=True)
            await refuse(error, scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        return len(given) == 1 and host_name(given[0]) in self.hosts


@dataclass(frozen=True, slots=True)
class CrossSiteGuard:
    """Refuses what another site's page sends: changes anywhere, and every question to the API.

    Browsers say where a request comes from: by `Sec-Fetch-Site`, older ones by `Origin`. Programs say neither, and
    carry no cookie that somebody else could borrow. What changes something has to be JSON besides: a form cannot
    send that, and a script of another site only after a preflight, which is never answered.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = _objection(scope) if scope["type"] == "http" else None
        if error is not None:
            await refuse(error, scope, receive, send)
            return
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class AnswerHeaders:
    """Adds the security headers, and `no-store`, to answers that do not say otherwise; to those of bugs as well.

    What is put into `more_headers` while a request is answered is said too, in whichever protocol it came.
    """

    app: ASGIApp
    is_behind_tls: bool = False
    """Browsers are told to come by https from then on."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False
        more: list[tuple[str, str]] = []
        scope[_MORE_HEADERS] = more

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in more:
                    headers.append(name, value)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if self.is_behind_tls:
                    headers.setdefault("strict-transport-security", _HTTPS_ALONE)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:  # the edge: Starlette's own answer to a bug lies outside and has no headers
            if has_begun or scope["type"] != "http":
                raise
            _log.exception("request_failed", path=scope["path"])
            await refuse(internal_error(), scope, receive, send_with_headers)


def more_headers(scope: Scope) -> list[tuple[str, str]]:
    """What the answer to this request says besides; add to it before the answer begins."""
    more: list[tuple[str, str]] = scope[_MORE_HEADERS]
    return more


def host_name(host: str) -> str:
    """`[::1]:8780` → `[::1]`, `LocalHost:80` → `localhost`."""
    name, _, port = host.rpartition(":")
    return (name if name and port.isdecimal() else host).lower()


def _objection(scope: Scope) -> TRPCError | None:
    headers = Headers(scope=scope)
    changes = scope["method"] not in _SAFE_METHODS
    if (changes or scope["path"].startswith(_API)) and _is_foreign(headers):
        return TRPCError("FORBIDDEN", "Refused: the request comes from another site.")
    if changes and not is_json(headers) and not scope["path"].startswith(_API):
        return TRPCError("UNSUPPORTED_MEDIA_TYPE", "Send what changes something as application/json.")
    return None


def _is_foreign(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")

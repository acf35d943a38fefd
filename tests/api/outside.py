"""Every address of the application, and requests made of bare ASGI messages, for matrices of many thousands.

    PYTHONPATH=src:. python -m pytest -s tests/api/test_outside.py

prints how many requests of each matrix were sent, and what was answered.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message

from watchglass.api.procedures import router

OWN_HOST = "127.0.0.1:8780"
Headers = tuple[tuple[str, str], ...]
SECURITY_HEADERS = (
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "content-security-policy",
    "x-frame-options",
    "cache-control",
)


@dataclass(frozen=True)
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Report:
    """What was answered to a matrix of requests."""

    name: str
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    """Those that should have been refused."""
    bare: list[str] = field(default_factory=list)
    """Those whose answer lacks a security header, or opens CORS."""

    def add(self, asked: str, answer: Answered, *, allowed: Iterable[int]) -> None:
        self.statuses[answer.status] += 1
        if answer.status not in allowed:
            self.accepted.append(f"{asked} → {answer.status}")
        if not is_guarded(answer):
            self.bare.append(f"{asked} → {answer.headers}")

    def close(self) -> None:
        """Print the figures, and fail on any finding."""
        told = ", ".join(f"{count:,} × {status}" for status, count in sorted(self.statuses.items()))
        print(f"\n{self.name}: {self.statuses.total():,} requests, {len(self.accepted)} accepted ({told})")
        assert self.statuses.total() > 0
        assert not self.accepted, self.accepted[:10]
        assert not self.bare, self.bare[:10]


def is_guarded(answer: Answered) -> bool:
    """Has it every header that keeps it in its place, and none that opens it to other sites?"""
    return all(name in answer.headers for name in SECURITY_HEADERS) and not any(
        name.startswith("access-control-") for name in answer.headers
    )


def addresses(app: Starlette) -> Iterator[str]:
    """One path of each route, and both of each procedure."""
    for route in app.routes:
        if isinstance(route, Mount):
            yield from (f"{route.path}/{procedure.name}" for procedure in router)
            yield f"{route.path}/nothing"
        else:
            assert isinstance(route, Route)
            yield route.path.replace("{path:path}", "projects/1").replace("{", "").replace("}", "")
    yield from ("/", "/api/v1/openapi.json", "/assets/none.js", "/metrics", "/api/v2")


async def ask(app: ASGIApp, method: str, path: str, headers: Headers = (), body: bytes = b"{}") -> Answered:
    """One request as a server would hand it over."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8780),
    }
    is_asked = False
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal is_asked
        if is_asked:
            await asyncio.Event().wait()
        is_asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    told = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answered(start["status"], told, b"".join(message.get("body", b"") for message in sent[1:]))

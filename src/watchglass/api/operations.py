"""What a process tells those who keep it running: `/healthz`, `/readyz`, `/metrics`.

Whether it runs and is ready, everybody may know. Figures and details are for this machine, or for whoever has the
token that the settings name: they say how much an installation does and where its servers are.
"""

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from watchglass import metrics
from watchglass.api.guards import LOOPBACK_HOSTS, AnswerHeaders, host_name
from watchglass.store.backlog import Backlog, read_backlog
from watchglass.store.rollup_checks import Checks, read_checks
from watchglass.store.scope import Store

_ANSWER_SECONDS = 2.0
SHARED_SECONDS = 1.0
"""How long one look at the condition answers everybody: anybody may ask, as often as they like."""
LAGS_SECONDS = 60.0
"""A queue whose first run has waited for longer is behind."""
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Looks:
    """The newest look at the condition, under way or done."""

    newest: "asyncio.Task[Condition] | None" = None
    answers_until: float = 0.0
    """On the loop's clock, once it is done."""


@dataclass(frozen=True, slots=True)
class Operations:
    """What this process knows of its own condition."""

    store: Store
    ask_control: Callable[[], Awaitable[object]] | None = None
    """Returns when the control Temporal answers, raises when it does not. None: this process was told of none."""
    needs_control: bool = False
    """Without the control Temporal this process can do nothing, as a worker; the page is served all the same."""
    token: str | None = None
    """Opens figures and details to other machines."""
    is_behind_proxy: bool = False
    """What comes from this machine comes from the proxy on it, and so from anywhere."""
    shared_seconds: float = SHARED_SECONDS
    _looks: _Looks = field(default_factory=_Looks, init=False)

    async def answer_health(self, _request: Request) -> Response:
        """200 as long as the process runs."""
        return PlainTextResponse("ok\n")

    async def answer_ready(self, request: Request) -> Response:
        """200, or 503 when something is away without which this process can do nothing.

        With `?all` everything counts: the control Temporal, a queue that is behind, namespaces that do not answer.
        """
        condition = await self._look()
        bad = condition.all_bad if "all" in request.query_params else condition.missing
        status = 503 if bad else 200
        if self._may_see(request):
            return JSONResponse(condition.told(is_ready=not bad), status)
        return PlainTextResponse("not ready\n" if bad else "ready\n", status)

    async def answer_metrics(self, request: Request) -> Response:
        """The figures of this process and of the installation, in Prometheus's text format."""
        if not self._may_see(request):
            return PlainTextResponse(
                "Figures are shown on this machine alone, or to whoever sends the token of "
                "WATCHGLASS_OPERATIONS_TOKEN (Authorization: Bearer …).\n",
                status_code=403,
            )
        _tell(self.store, await self._look())
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    async def _look(self) -> "Condition":
        """How everything is: of all who ask at once, and within a second of an answer, only the first has it looked."""
        looks, now = self._looks, asyncio.get_running_loop().time()
        if looks.newest is None or (looks.newest.done() and now >= looks.answers_until):
            looks.newest = asyncio.create_task(self._look_anew())
        # Whoever leaves does not take the answer of the others along.
        return await asyncio.shield(looks.newest)

    async def _look_anew(self) -> "Condition":
        try:
            return await self._condition()
        finally:
            self._looks.answers_until = asyncio.get_running_loop().time() + self.shared_seconds

    async def _condition(self) -> "Condition":
        (backlog, checks), control = await asyncio.gather(self._stored(), self._control())
        return Condition(backlog, checks, control, needs_control=self.needs_control)

    async def _stored(self) -> tuple[Backlog, Checks] | tuple[None, None]:
        """None: PostgreSQL does not answer in time."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                async with self.store.door() as door:
                    await door.fetchval("SELECT 1")
                async with self.store.write() as reader:
                    return await read_backlog(reader), await read_checks(reader)
        except Exception as error:  # the edge: any reason at all means that it does not answer
            _log.warning("database_does_not_answer", error=repr(error))
            return None, None

    async def _control(self) -> bool | None:
        if self.ask_control is None:
            return None
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self.ask_control()
        except Exception as error:  # the edge: any reason at all means that it does not answer
            _log.warning("control_temporal_does_not_answer", error=repr(error))
            return False
        return True

    def _may_see(self, request: Request) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if self.token and scheme.lower() == "bearer":
            return hmac.compare_digest(given.strip().encode(), self.token.encode())
        if self.is_behind_proxy or any(name in request.headers for name in _FORWARDED):
            return False
        # By a name of this machine, too: another site's name that points here is a page in somebody's browser.
        is_own_name = host_name(request.headers.get("host", "")) in LOOPBACK_HOSTS
        return is_own_name and request.client is not None and _is_loopback(request.client.host)


@dataclass(frozen=True, slots=True)
class Condition:
    """How a process and what it depends on are, at one moment."""

    backlog: Backlog | None
    checks: Checks | None
    control: bool | None
    needs_control: bool

    @property
    def missing(self) -> bool:
        """Is something away without which the process can do nothing?"""
        return self.backlog is None or (self.needs_control and self.control is False)

    @property
    def all_bad(self) -> bool:
        if self.backlog is None or self.control is False or self.is_behind:
            return True
        return any(self.backlog.connections.get(state, 0) for state in ("unreachable", "refused"))

    @property
    def is_behind(self) -> bool:
        return self.backlog is not None and self.backlog.lag_seconds > LAGS_SECONDS

    def told(self, *, is_ready: bool) -> dict[str, object]:
        """For machines; names no project, run or server."""
        backlog = self.backlog
        return {
            "ready": is_ready,
            "database": "answers" if backlog else "does not answer",
            "controlTemporal": {True: "answers", False: "does not answer", None: "not asked"}[self.control],
            "sync": None
            if backlog is None
            else {
                "isBehind": self.is_behind,
                "lagSeconds": round(backlog.lag_seconds, 3),
                "dueRuns": backlog.due,
                "backfillRuns": backlog.backfill_due,
                "setAsideRuns": backlog.set_aside,
                "connections": dict(backlog.connections),
            },
        }


def create_operations_app(operations: Operations) -> Starlette:
    """The three addresses alone, for a process that serves nothing else; under whatever name it is asked."""
    return Starlette(routes=operations_routes(operations), middleware=[Middleware(AnswerHeaders)])


def operations_routes(operations: Operations) -> list[Route]:
    return [
        Route("/healthz", operations.answer_health),
        Route("/readyz", operations.answer_ready),
        Route("/metrics", operations.answer_metrics),
    ]


def _tell(store: Store, condition: Condition) -> None:
    backlog = condition.backlog
    metrics.DATABASE_UP.set(backlog is not None)
    if condition.control is not None:
        metrics.CONTROL_UP.set(condition.control)
    for name, pool in (("login", store.login), ("sync", store.sync)):
        metrics.POOL_CONNECTIONS.labels(name, "open").set(pool.get_size())
        metrics.POOL_CONNECTIONS.labels(name, "in_use").set(pool.get_size() - pool.get_idle_size())
        metrics.POOL_CONNECTIONS.labels(name, "most").set(pool.get_max_size())
    if backlog is None or condition.checks is None:
        # The last figures would be told as today's.
        for figure in (metrics.SYNC_LAG_SECONDS, metrics.STATISTICS_DRIFT, metrics.STATISTICS_CHECK_AGE_SECONDS):
            figure.set(float("nan"))
        return
    metrics.STATISTICS_DRIFT.set(condition.checks.differing)
    metrics.STATISTICS_CHECK_AGE_SECONDS.set(condition.checks.oldest_seconds)
    metrics.QUEUED_RUNS.labels("new").set(backlog.due)
    metrics.QUEUED_RUNS.labels("backfill").set(backlog.backfill_due)
    metrics.SYNC_LAG_SECONDS.set(backlog.lag_seconds)
    metrics.SET_ASIDE_RUNS.set(backlog.set_aside)
    for state, count in backlog.connections.items():
        metrics.CONNECTIONS.labels(state).set(count)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

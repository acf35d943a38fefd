"""A Temporal that tells recorded runs. It answers over gRPC, so that all of Watchglass, its client too, is real.

Each time that a history is asked for, the run may have gone on. So runs grow event by event, close, are gone for a
moment or for good, and have their ends replaced: before they close, and after, by a failover.

    recordings ──▶ told again under other ids ──▶ grows as it is asked for ──▶ GetWorkflowExecutionHistory, Describe, …

Lists are pages of runs, the newest and some others, unless all are asked for: `discover` is tested with a real server.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, NoReturn, Self

import grpc
import grpc.aio
from google.protobuf.message import Message
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceResponse,
    DescribeTaskQueueResponse,
    DescribeWorkflowExecutionRequest,
    GetSystemInfoResponse,
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryResponse,
    GetWorkflowExecutionHistoryReverseResponse,
    ListWorkflowExecutionsRequest,
    ListWorkflowExecutionsResponse,
)
from tests.statistics.storm.growing import Run
from tests.statistics.storm.recorded import Recording, tell, tellings

EVERYTHING = "everything"
"""The query for all runs."""
_HOST = "127.0.0.1"
_OPEN_RUNS = 120
"""So many go on at the same time."""
_PAGE_RUNS = 40
_GOES_ON = 0.75
_IS_REPLACED = 0.06
_IS_MISSED = 0.015
_IS_GONE = 0.01
_IS_AWAY = 0.005
_LEAST_EVENTS = 3
_HOUR = timedelta(hours=1)


@dataclass
class Happened:
    """How often what happened to runs."""

    started: int = 0
    grown: int = 0
    closed: int = 0
    replaced: int = 0
    taken_back: int = 0
    """Closes that were not there any more after a failover."""
    missed: int = 0
    """Not found once, and there again."""
    gone: int = 0
    failovers: int = 0


class RecordedTemporal:
    """`async with RecordedTemporal(recordings, dice) as temporal:` listens on `temporal.address`."""

    def __init__(self, recorded: list[Recording], dice: random.Random) -> None:
        self._dice = dice
        self._recorded = tellings(recorded, dice)
        self._going_on: list[Run] = []
        self.address = ""
        self.runs: dict[str, Run] = {}
        """By run id."""
        self.happened = Happened()
        self.is_growing = True
        """False: everything stays as it is, and every question is answered."""
        self._version = 1

    async def __aenter__(self) -> Self:
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((_Everything(self),))
        port = self._server.add_insecure_port(f"{_HOST}:0")
        self.address = f"{_HOST}:{port}"
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.stop(grace=None)

    async def answer(self, name: str, request: bytes, context: Any) -> bytes:
        match name:
            case "GetSystemInfo":
                said: Message = GetSystemInfoResponse(server_version="1.32.0")
            case "DescribeNamespace":
                said = DescribeNamespaceResponse(failover_version=self._version)
                said.namespace_info.id = "recorded"
                said.config.workflow_execution_retention_ttl.FromTimedelta(timedelta(days=90))
            case "DescribeTaskQueue":
                said = DescribeTaskQueueResponse(pollers=[PollerInfo(identity="a worker")])
            case "ListWorkflowExecutions":
                asked_all = ListWorkflowExecutionsRequest.FromString(request).query == EVERYTHING
                page = list(self.runs.values()) if asked_all else self._page()
                said = ListWorkflowExecutionsResponse(executions=[run.info() for run in page if not run.is_gone])
            case "DescribeWorkflowExecution":
                asked = DescribeWorkflowExecutionRequest.FromString(request)
                said = (await self._found(asked.execution.run_id, context)).describe()
            case "GetWorkflowExecutionHistory":
                said = GetWorkflowExecutionHistoryResponse(history=History(events=await self._read(request, context)))
            case "GetWorkflowExecutionHistoryReverse":
                newest_first = (await self._read(request, context))[::-1]
                said = GetWorkflowExecutionHistoryReverseResponse(history=History(events=newest_first))
            case _:
                await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"unknown method {name} for service")
        return said.SerializeToString()

    def start(self, count: int) -> None:
        """Begin to tell so many runs more."""
        for _ in range(count):
            round_no, recording = next(self._recorded)
            told = tell(recording, round_no, self._moment())
            run = Run(told, self._dice.randint(1, min(_LEAST_EVENTS, len(told.events))))
            self.runs[told.run_id] = run
            self._going_on.append(run)
            self.happened.started += 1

    def fail_over(self) -> None:
        """Another cluster takes over: some closes of the last hour are other ones there, or are not there."""
        self._version += 1
        self.happened.failovers += 1
        since = datetime.now(UTC) - _HOUR / 2
        for run in self.runs.values():
            last = run.told.events[run.shown - 1].event_time.ToDatetime(UTC)
            is_short = run.shown < _LEAST_EVENTS
            if run.is_gone or not run.is_closed or is_short or last < since or self._dice.random() < 0.5:
                continue
            first = self._dice.randrange(_LEAST_EVENTS - 1, run.shown)
            self._replace(run, first)
            if self._dice.random() < 0.5 and first >= _LEAST_EVENTS:
                run.shown = first
                self._going_on.append(run)
                self.happened.taken_back += 1

    async def _read(self, request: bytes, context: Any) -> list[HistoryEvent]:
        # Read backwards it is asked for by a message with the same fields.
        asked = GetWorkflowExecutionHistoryRequest.FromString(request)
        if self.is_growing and self._dice.random() < _IS_AWAY:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "shard is moving")
        run = await self._found(asked.execution.run_id, context)
        if self.is_growing:
            self._go_on(run)
            if self._dice.random() < _IS_MISSED and not run.is_closed:
                self.happened.missed += 1
                await _missing(asked.execution.run_id, context)
        return (await self._found(asked.execution.run_id, context)).happened

    async def _found(self, run_id: str, context: Any) -> Run:
        run = self.runs.get(run_id)
        if run is None or run.is_gone:
            await _missing(run_id, context)
        return run

    def _go_on(self, run: Run) -> None:
        if run.is_over or self._dice.random() > _GOES_ON:
            return
        if self._dice.random() < _IS_GONE:
            run.is_gone = True
            self.happened.gone += 1
        elif self._dice.random() < _IS_REPLACED and run.shown > _LEAST_EVENTS:
            self._replace(run, self._dice.randrange(_LEAST_EVENTS - 1, run.shown))
        else:
            left = len(run.told.events) - run.shown
            run.shown += min(left, self._dice.choice((1, 2, 3, 5, 8, 13)))
            self.happened.grown += 1
            self.happened.closed += run.is_closed

    def _replace(self, run: Run, first: int) -> None:
        run.replace_end(first, self._version + self._dice.randrange(1000, 2000), timedelta(seconds=self._dice.random()))
        self.happened.replaced += 1

    def _page(self) -> list[Run]:
        if self.is_growing:
            self._going_on = [run for run in self._going_on if not run.is_over]
            self.start(_OPEN_RUNS - len(self._going_on))
        some = self._dice.sample(list(self.runs.values()), min(len(self.runs), _PAGE_RUNS // 2))
        return list({id(run): run for run in [*self._going_on[-_PAGE_RUNS:], *some]}.values())

    def _moment(self) -> datetime:
        """A third crowded into minutes of one hour, a third in one month, some anywhere, and some a moment ago."""
        now = datetime.now(UTC)
        month = (now - timedelta(days=62)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        crowded = month + timedelta(days=9, hours=14)
        chance = self._dice.random()
        if chance < 0.35:
            return crowded + timedelta(minutes=self._dice.choice((0, 7, 59)), seconds=self._dice.choice((0, 30, 59.99)))
        if chance < 0.7:
            return month + timedelta(days=self._dice.choice((0, 9, 27)), seconds=self._dice.randrange(86_400))
        if chance < 0.85:
            return month + timedelta(seconds=self._dice.randrange(50 * 86_400))
        return now - timedelta(seconds=self._dice.randrange(600))


async def _missing(run_id: str, context: Any) -> NoReturn:
    await context.abort(grpc.StatusCode.NOT_FOUND, f"workflow not found for ID: {run_id}")
    raise AssertionError("abort raises")


class _Everything(grpc.GenericRpcHandler):
    """Handles every method of every service."""

    def __init__(self, temporal: RecordedTemporal) -> None:
        self._temporal = temporal

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        name = handler_call_details.method.rpartition("/")[2]

        async def answer(request: bytes, context: Any) -> bytes:
            return await self._temporal.answer(name, request, context)

        return grpc.unary_unary_rpc_method_handler(answer)

"""A gRPC proxy in front of a real Temporal: it passes bytes on, and refuses what a test wants refused.

    async with GrpcProxy(temporal.address) as proxy:      # only the calls in READS are let through
        proxy.hidden.add("GetWorkflowExecutionHistoryReverse")     # an older server, which does not know the call
        proxy.api_keys = {"the-key"}                               # an API key is demanded …
        proxy.api_keys = set()                                     # … and revoked in the middle

`calls` counts what was asked for, `refused` what was not let through. With `server` it speaks TLS; with `client_ca` it
demands a client certificate of that authority.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import grpc
import grpc.aio
from tests.acceptance.certificates import LOCAL, Pair

READS = frozenset(
    {
        "CountWorkflowExecutions",
        "DescribeNamespace",
        "DescribeSchedule",
        "DescribeTaskQueue",
        "DescribeWorkflowExecution",
        "GetClusterInfo",
        "GetSearchAttributes",
        "GetSystemInfo",
        "GetWorkerBuildIdCompatibility",
        "GetWorkflowExecutionHistory",
        "GetWorkflowExecutionHistoryReverse",
        "ListSchedules",
        "ListTaskQueuePartitions",
        "ListWorkers",
        "ListWorkflowExecutions",
        "DescribeWorkerDeployment",
        "ListWorkerDeployments",
        "ListActivityExecutions",
        "CountActivityExecutions",
        "DescribeActivityExecution",
    }
)
"""What a role that may only read is allowed, by Temporal's own names of its roles' calls."""

_ANSWERED_BY_ANYBODY = frozenset({"GetSystemInfo"})
"""Clients ask it before they have shown who they are; servers with an authorizer answer it to everybody."""
_OWN_METADATA = ("grpc-", "user-agent", "content-type", "te")
_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_Unary = Callable[[bytes, "grpc.aio.ServicerContext[Any, Any]"], Awaitable[bytes]]


class GrpcProxy:
    def __init__(self, behind: str, *, server: Pair | None = None, client_ca: str | None = None) -> None:
        self._behind = behind
        self._server_pair = server
        self._client_ca = client_ca
        self.address = ""
        self.allowed: frozenset[str] | None = READS
        """None: everything is let through."""
        self.hidden: set[str] = set()
        """Calls that this server does not know."""
        self.api_keys: set[str] | None = None
        """None: nobody is asked for a key."""
        self.headers: dict[str, str] = {}
        """What every call has to carry, for instance a token of one's own server."""
        self.open_to_all = _ANSWERED_BY_ANYBODY
        """Calls that nobody needs credentials for."""
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.rewrites: dict[str, Callable[[bytes], bytes]] = {}
        """Answers to change on their way, by call."""
        self.delays: dict[str, float] = {}
        """Seconds that a call waits here before it is passed on, by call: a busy server."""

    async def __aenter__(self) -> Self:
        self._channel = grpc.aio.insecure_channel(self._behind, options=_SIZE)
        self._server = grpc.aio.server(options=_SIZE)
        self._server.add_generic_rpc_handlers((_Everything(self._pass_on),))
        if self._server_pair is None:
            port = self._server.add_insecure_port(f"{LOCAL}:0")
        else:
            port = self._server.add_secure_port(f"{LOCAL}:0", self._tls(self._server_pair))
        self.address = f"{LOCAL}:{port}"
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.stop(grace=None)
        await self._channel.close()

    def _tls(self, pair: Pair) -> grpc.ServerCredentials:
        return grpc.ssl_server_credentials(
            [(pair.key.encode(), pair.certificate.encode())],
            root_certificates=self._client_ca.encode() if self._client_ca else None,
            require_client_auth=self._client_ca is not None,
        )

    async def _pass_on(self, method: str, request: bytes, context: "grpc.aio.ServicerContext[Any, Any]") -> bytes:
        name = method.rpartition("/")[2]
        self.calls[name] += 1
        metadata = [(key, value) for key, value in context.invocation_metadata() or () if not _is_own(key)]
        refusal = self._refusal(name, dict(metadata))
        if refusal is not None:
            self.refused[name] += 1
            await context.abort(*refusal)
        await asyncio.sleep(self.delays.get(name, 0))
        try:
            answer: bytes = await self._channel.unary_unary(method)(
                request, metadata=tuple(metadata), timeout=context.time_remaining()
            )
        except grpc.aio.AioRpcError as error:
            trailing = tuple((key, value) for key, value in error.trailing_metadata() if key.endswith("-bin"))
            await context.abort(error.code(), error.details() or "", trailing)
        return self.rewrites[name](answer) if name in self.rewrites else answer

    def _refusal(self, name: str, metadata: dict[str, Any]) -> tuple[grpc.StatusCode, str] | None:
        if name in self.hidden:
            return grpc.StatusCode.UNIMPLEMENTED, f"unknown method {name} for service"
        if name in self.open_to_all:
            return None
        token = str(metadata.get("authorization", ""))
        if self.api_keys is not None and token.removeprefix("Bearer ") not in self.api_keys:
            return grpc.StatusCode.UNAUTHENTICATED, "Request unauthorized."
        if any(metadata.get(key) != value for key, value in self.headers.items()):
            return grpc.StatusCode.PERMISSION_DENIED, "Request unauthorized."
        if self.allowed is not None and name not in self.allowed:
            return grpc.StatusCode.PERMISSION_DENIED, "Request unauthorized."
        return None


class _Everything(grpc.GenericRpcHandler):
    """Handles every method of every service, without knowing its messages."""

    def __init__(self, pass_on: Callable[[str, bytes, "grpc.aio.ServicerContext[Any, Any]"], Awaitable[bytes]]) -> None:
        self._pass_on = pass_on

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        method = handler_call_details.method

        async def answer(request: bytes, context: "grpc.aio.ServicerContext[Any, Any]") -> bytes:
            return await self._pass_on(method, request, context)

        return grpc.unary_unary_rpc_method_handler(answer)


def _is_own(key: str) -> bool:
    return key.startswith(_OWN_METADATA)

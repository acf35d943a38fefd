"""Clients, one per namespace and sign-in, opened lazily so that a dead server delays nobody but who asks it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from temporalio.client import Client
from temporalio.service import GrpcCompression, KeepAliveConfig, TLSConfig, WorkflowService

from watchglass.model.connection import Connection
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.temporal.errors import TemporalRefused, TemporalUnavailable

_KEEP_ALIVE = KeepAliveConfig(interval_millis=15_000, timeout_millis=5_000)
"""A connection that was lost without a word is noticed within 20 s, not within 45. Servers forbid less than 10 s."""
_Key = tuple[str, str, Credentials]


@dataclass(slots=True)
class Clients:
    """Opens each client once and shares it."""

    _open: dict[_Key, Client] = field(default_factory=dict)
    _of: dict[UUID, _Key] = field(default_factory=dict)
    """What each connection uses at present."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, address: str, namespace: str, credentials: Credentials = NO_CREDENTIALS) -> Client:
        """A shared client, not connected yet.

        Raises:
            TemporalRefused: the credentials are none that a client can be made with.
        """
        async with self._lock:
            return await self._get((address, namespace, credentials))

    async def service(self, connection: Connection, credentials: Credentials = NO_CREDENTIALS) -> WorkflowService:
        """The connection's service; one that has other settings than before is opened anew and the old one let go."""
        key = (connection.address, connection.namespace, credentials)
        async with self._lock:
            client = await self._get(key)
            before = self._of.get(connection.id)
            self._of[connection.id] = key
            if before is not None and before not in self._of.values():
                self._open.pop(before, None)
        return client.workflow_service

    async def _get(self, key: _Key) -> Client:
        if key not in self._open:
            address, namespace, credentials = key
            self._open[key] = await connect(address, namespace, credentials, lazy=True)
        return self._open[key]


async def connect(
    address: str, namespace: str, credentials: Credentials = NO_CREDENTIALS, *, lazy: bool = False
) -> Client:
    """A client of its own: connected already, as workers want it, or `lazy`, connecting with its first call.

    Raises:
        TemporalUnavailable: nobody answers there.
        TemporalRefused: the credentials are none that a client can be made with.
    """
    options: dict[str, Any] = {
        "lazy": lazy,
        "tls": _tls(credentials),
        "rpc_metadata": dict(credentials.headers),
        "keep_alive_config": _KEEP_ALIVE,
    }
    if credentials.api_key:
        options["api_key"] = credentials.api_key
    if address.startswith(("127.", "localhost")):
        # Compressing for a server on the same machine costs more time than it saves.
        options["grpc_compression"] = GrpcCompression.NONE
    try:
        return await Client.connect(address, namespace=namespace, **options)
    except RuntimeError as error:
        raise TemporalUnavailable(f"Temporal at {address} cannot be reached: {error}") from error
    except ValueError as error:
        raise TemporalRefused(f"The credentials for Temporal at {address} cannot be used: {error}") from error


def _tls(credentials: Credentials) -> TLSConfig | bool:
    if not credentials.tls:
        return False
    return TLSConfig(
        server_root_ca_cert=_bytes(credentials.server_ca),
        domain=credentials.server_name,
        client_cert=_bytes(credentials.client_certificate),
        client_private_key=_bytes(credentials.client_key),
    )


def _bytes(text: str | None) -> bytes | None:
    return text.encode() if text else None

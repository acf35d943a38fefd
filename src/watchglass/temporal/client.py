"""Clients, one per address and namespace, opened lazily so that a dead server delays nobody but who asks it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile
from temporalio.service import GrpcCompression, WorkflowService

from watchglass.model.connection import Connection
from watchglass.temporal.errors import TemporalUnavailable


@dataclass(slots=True)
class Clients:
    """Opens each client once and shares it."""

    profiles: Mapping[str, ClientConfigProfile] = field(default_factory=dict)
    """Credentials by address, for the addresses that need some."""
    _open: dict[tuple[str, str], Client] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, address: str, namespace: str) -> Client:
        async with self._lock:
            key = (address, namespace)
            if key not in self._open:
                self._open[key] = await self._connect(address, namespace)
            return self._open[key]

    async def service(self, connection: Connection) -> WorkflowService:
        return (await self.get(connection.address, connection.namespace)).workflow_service

    async def connect(self, address: str, namespace: str) -> Client:
        """A client of its own that is connected already, as workers want it.

        Raises:
            TemporalUnavailable: nobody answers there.
        """
        try:
            return await self._connect(address, namespace, lazy=False)
        except RuntimeError as error:
            raise TemporalUnavailable(f"Temporal at {address} cannot be reached: {error}") from error

    async def _connect(self, address: str, namespace: str, *, lazy: bool = True) -> Client:
        profile = self.profiles.get(address)
        options: dict[str, Any] = dict(profile.to_client_connect_config()) if profile else {}
        options |= {"target_host": address, "namespace": namespace, "lazy": lazy}
        if address.startswith(("127.", "localhost")):
            # Compressing for a server on the same machine costs more time than it saves.
            options["grpc_compression"] = GrpcCompression.NONE
        return await Client.connect(**options)

"""What a sync needs from outside, wired once where the process starts."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from watchglass.errors import NotFound
from watchglass.model.connection import Connection
from watchglass.store.connections import read_connection
from watchglass.store.scope import Store
from watchglass.temporal.access import Access
from watchglass.temporal.client import Clients


@dataclass(slots=True)
class Parts:
    store: Store
    clients: Clients
    _connections: dict[UUID, Connection] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def connection(self, connection_id: UUID) -> Connection:
        """A connection, read once: an address that changes means a restart of this process."""
        async with self._lock:
            if connection_id not in self._connections:
                async with self.store.write() as writer:
                    found = await read_connection(writer, connection_id)
                if found is None:
                    raise NotFound(f"There is no connection {connection_id}. It may have been removed.")
                self._connections[connection_id] = found
            return self._connections[connection_id]

    async def access(self, connection: Connection) -> Access:
        """How the connection's namespace is asked."""
        return Access(await self.clients.service(connection), connection.namespace)

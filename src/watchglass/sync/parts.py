"""What a sync needs from outside, wired once where the process starts."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from uuid import UUID

from watchglass.errors import NotFound
from watchglass.model.connection import Connection
from watchglass.model.credentials import Credentials
from watchglass.model.redaction import NO_RULES
from watchglass.parse.redaction.redactor import Redactor
from watchglass.store.connections import read_connection
from watchglass.store.credentials import Kept, open_kept, read_kept
from watchglass.store.project_keys import ensure_project_key
from watchglass.store.redaction import KeptRules, read_rules
from watchglass.store.scope import Store
from watchglass.sync.budget import Share, SharedGate, shares_of
from watchglass.sync.room import Room
from watchglass.temporal.access import Access, CallKind, Gate, HttpApi, OpenGate
from watchglass.temporal.client import Clients
from watchglass.temporal.codec_hosts import THIS_MACHINE, CodecHosts
from watchglass.temporal.temporal_hosts import ASK_EVERYBODY, TemporalHosts

KNOWN_SECONDS = 2.0
"""Changed settings are followed within this time, by every process; each asks the database for two rows as often."""


@dataclass(frozen=True, slots=True)
class _Known:
    connection: Connection
    kept: Kept | None
    """Its credentials, sealed; of the same moment, so that no key is ever sent to an address it was not given for."""
    rules: KeptRules
    """What its project wants hidden."""
    read_at: float


@dataclass(frozen=True, slots=True)
class Away:
    """Something that is not asked for a while."""

    until: float
    """On the monotonic clock."""
    sentence: str
    """What it said, or why it did not."""


@dataclass(slots=True)
class Parts:
    store: Store
    clients: Clients
    away_codecs: dict[UUID, Away] = field(default_factory=dict)
    """Codec servers, by connection, that did not answer a moment ago."""
    codec_hosts: CodecHosts = THIS_MACHINE
    """Where codec servers may be."""
    temporal_hosts: TemporalHosts = ASK_EVERYBODY
    """Which Temporals may be connected by who is no administrator."""
    is_urgent: bool = False
    """What is asked of Temporal goes ahead of what is asked in the background: somebody waits for it."""
    room: Room = field(default_factory=Room)
    _shares: dict[tuple[str, str], dict[CallKind, Share]] = field(default_factory=dict)
    _known: dict[UUID, _Known] = field(default_factory=dict)
    _redactors: dict[UUID, Redactor] = field(default_factory=dict)
    """By project; made anew when its rules change."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def connection(self, connection_id: UUID) -> Connection:
        """A connection as it was set at most two seconds ago. Raises NotFound when there is none (any more)."""
        return (await self._know(connection_id)).connection

    def for_somebody(self) -> "Parts":
        """The same parts, for work that somebody waits for."""
        return replace(self, is_urgent=True)

    async def access(self, connection: Connection, *, urgent: bool = False) -> Access:
        """How the connection's namespace is asked, as it is set now and not when the caller read it.

        It is asked within its budget, unless it belongs to the server that is ours alone. `urgent`: somebody waits.

        Raises:
            Unsealable: the credentials cannot be opened by this process.
            TemporalRefused: they are none that a client can be made with.
        """
        known = await self._know(connection.id)
        credentials = open_kept(self.store.seal, known.kept)
        service = await self.clients.service(known.connection, credentials)
        http = HttpApi(known.connection.http_address, credentials) if known.connection.http_address else None
        gate = self._gate(known.connection, urgent=urgent or self.is_urgent)
        return Access(service, known.connection.namespace, gate, urgent or self.is_urgent, http)

    def _gate(self, connection: Connection, *, urgent: bool) -> Gate:
        if connection.is_embedded:
            return OpenGate()
        place = (connection.address, connection.namespace)
        if place not in self._shares:
            self._shares[place] = shares_of(self.store, connection)
        return SharedGate(self._shares[place], urgent)

    async def credentials(self, connection: Connection) -> Credentials:
        """How the connection signs in. Raises Unsealable."""
        return open_kept(self.store.seal, (await self._know(connection.id)).kept)

    async def redactor(self, connection: Connection) -> Redactor | None:
        """What hides values of the connection's runs before they are stored or shown; None: nothing is hidden.

        Raises:
            Unsealable: this process cannot open the key that marks are made with, and so must not store anything.
        """
        kept = (await self._know(connection.id)).rules
        if kept.rules.is_empty:
            return None
        known = self._redactors.get(connection.project_id)
        if known is None or known.revision != kept.revision:
            async with self.store.write() as writer:
                key = await ensure_project_key(writer, self.store.seal, connection.project_id)
            known = self._redactors[connection.project_id] = Redactor(kept.rules, key, revision=kept.revision)
        return known

    def forget(self, connection_id: UUID) -> None:
        """Ask the database how the connection is set, and what is hidden, when that is needed next."""
        self._known.pop(connection_id, None)

    async def _know(self, connection_id: UUID) -> _Known:
        async with self._lock:
            known = self._known.get(connection_id)
            if known is None or time.monotonic() - known.read_at > KNOWN_SECONDS:
                known = self._known[connection_id] = await self._read(connection_id)
            return known

    async def _read(self, connection_id: UUID) -> _Known:
        async with self.store.write(isolation="repeatable_read") as reader:
            connection = await read_connection(reader, connection_id)
            kept = await read_kept(reader, connection_id)
            rules = await read_rules(reader, connection.project_id) if connection else KeptRules(NO_RULES, 0)
        if connection is None:
            self._known.pop(connection_id, None)
            raise NotFound(f"There is no connection {connection_id}. It may have been removed.")
        return _Known(connection, kept, rules, time.monotonic())

"""Connections: how a project reaches its Temporal namespaces."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, SecretStr

from watchglass.api.shapes.base import Input, Output
from watchglass.model.connection import Level
from watchglass.model.project import Role
from watchglass.temporal.examine import Outcome

OneLine = Annotated[str, Field(max_length=1000, pattern=r"^[^\p{Cc}]*$")]
HostAndPort = Annotated[str, Field(max_length=300)]
Url = Annotated[str, Field(max_length=1000)]
NamespaceName = Annotated[str, Field(max_length=1000, pattern=r"^[^\s\p{Cc}]([^\p{Cc}]*[^\s\p{Cc}])?$")]
Pem = Annotated[str, Field(max_length=100_000)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=8192)]
"""Not in any representation, so that no log of an input can hold it."""
ConnectionState = Literal["connected", "unreachable", "refused", "unknown"]


class ClientCertificateInput(Input):
    """A client certificate and the key that belongs to it."""

    certificate: Pem
    """PEM, with the certificates between it and its authority."""
    key: Annotated[SecretStr, Field(max_length=100_000)]
    """PEM, not encrypted. Stored encrypted, and never given out."""


class HeaderInput(Input):
    """A header that every call carries."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    value: Secret
    """Stored encrypted, and never given out."""


class CredentialsInput(Input):
    """How to sign in. What is left out stays as it is stored; null takes it away."""

    tls: bool | None = None
    """Absent: as stored, for a new connection plain text."""
    server_name: OneLine | None = None
    server_ca: Pem | None = None
    """PEM. Null: whoever the operating system trusts."""
    api_key: Secret | None = None
    client_certificate: ClientCertificateInput | None = None
    headers: Annotated[list[HeaderInput], Field(max_length=20)] | None = None
    """All of them; for instance `authorization` with a token of one's own server."""


class ConnectionFields(Input):
    """The settings of a connection."""

    address: HostAndPort
    """`host:port` of the gRPC frontend."""
    namespace: NamespaceName
    scope: OneLine = ""
    """A visibility query: the runs that the connection looks at. Empty: all of them."""
    level: Level = Level.ALL
    """How much of a run is copied unasked."""
    visibility_per_second: Annotated[float, Field(ge=0.1, le=1000)] = 5.0
    """Lists and counts that Temporal is asked for a second, at most."""
    history_per_second: Annotated[float, Field(ge=0.1, le=10_000)] = 50.0
    """Histories and descriptions of runs a second, at most."""
    ui_address: Url | None = None
    """Temporal's own web page, for links."""
    http_address: Url | None = None
    """The frontend's HTTP API, for histories that nest too deeply for gRPC."""
    codec_address: Url | None = None
    """The codec server that can decode payloads."""
    credentials: CredentialsInput | None = None
    """Absent: as stored; for a new connection none."""


class NewConnection(ConnectionFields):
    """A connection to make."""

    project_id: UUID


class ConnectionUpdate(ConnectionFields):
    """A connection's settings after the change: all of them, but credentials, of which what is left out stays."""

    connection_id: UUID


class ConnectionTestInput(Input):
    """What to test: a stored connection, settings before they are stored, or changes to a stored connection."""

    connection_id: UUID | None = None
    """Its stored credentials are used where none are given."""
    settings: ConnectionFields | None = None
    """Absent: as stored."""


class ConnectionIdInput(Input):
    """Names one connection."""

    connection_id: UUID


class DecodeAtSyncInput(ConnectionIdInput):
    """Whether a connection's values are decoded while they are copied."""

    decodes: bool
    """True: decoded values are then readable in the database, in its backups and in exports by everybody who may see
    the project, whether or not they could use the codec server."""
    codec_token: Secret | None = None
    """For the codec server that the connection names today, and for no other. Stored encrypted, never given out."""


class Certificate(Output):
    """What may be told of a certificate."""

    subject: str
    expires_at: datetime


class StoredCredentials(Output):
    """Which kinds of credentials are stored. What they are is never given out."""

    tls: bool
    server_name: str | None
    server_ca: Certificate | None
    api_key: bool
    client_certificate: Certificate | None
    header_names: list[str]
    codec_token: bool
    """There is one for the codec server, for decoding at sync."""
    set_at: datetime | None
    """When they were last changed; null when there are none."""


class ConnectionDetails(Output):
    """A connection with all of its settings and how it is."""

    id: str
    project_id: str
    address: str
    namespace: str
    is_embedded: bool
    """The Temporal that Watchglass starts itself: its address and namespace cannot be changed."""
    state: ConnectionState
    error: str | None
    """Why it cannot be looked at, as a sentence."""
    notice: str | None
    """Something else to know about the namespace, as a sentence."""
    checked_at: datetime | None
    """When it last answered or failed to."""
    scope: str
    level: Level
    visibility_per_second: float
    history_per_second: float
    ui_address: str | None
    http_address: str | None
    codec_address: str | None
    decodes_at_sync: bool
    """Values are decoded while they are copied: readable in the database by everybody who may see the project."""
    credentials: StoredCredentials


class Connections(Output):
    """The connections of a project, oldest first."""

    items: list[ConnectionDetails]
    role: Role
    """What the person asking may do in the project: viewers change nothing."""


class TestedCall(Output):
    """One call that Watchglass makes, and what came of trying it."""

    call: str
    purpose: str
    """What it is for, to be read after “for”."""
    is_needed: bool
    """Without it the namespace cannot be looked at; false: something smaller is missing."""
    outcome: Outcome
    message: str | None
    took_ms: float | None


class ConnectionTest(Output):
    """What came of trying every call."""

    is_good: bool
    """All that is needed works, as far as it could be tried."""
    problem: str | None
    """The first thing that is needed and does not work, as a sentence."""
    calls: list[TestedCall]
    server_version: str | None
    retention_seconds: float | None
    """How long Temporal keeps runs that have ended."""
    run_count: int | None
    """Runs in scope."""
    round_trip_ms: float | None

"""A service: a database, or something that is reached by HTTP, which nodes name instead of carrying its password."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from watchglass.model.drawn import Drawn

Network = IPv4Network | IPv6Network


class ServiceKind(StrEnum):
    POSTGRES = "postgres"
    HTTP = "http"


class Tls(StrEnum):
    """How the connection to a database is protected."""

    VERIFY = "verify"
    """Encrypted, and the server's certificate is checked against its name."""
    REQUIRE = "require"
    """Encrypted, with whichever certificate."""
    OFF = "off"


class PostgresSettings(Drawn):
    kind: Literal[ServiceKind.POSTGRES] = ServiceKind.POSTGRES
    host: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 5432
    database: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    user: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    tls: Tls = Tls.VERIFY


class HttpSettings(Drawn):
    kind: Literal[ServiceKind.HTTP] = ServiceKind.HTTP
    base_url: Annotated[str, StringConstraints(min_length=8, max_length=500)]
    """What the path of a request is put behind."""


ServiceSettings = Annotated[PostgresSettings | HttpSettings, Field(discriminator="kind")]


class ServiceSecret(Drawn):
    """What signs in. Never told again once it is stored."""

    password: Annotated[str, StringConstraints(max_length=1000)] | None = Field(default=None, repr=False)
    """Of a database."""
    headers: dict[str, Annotated[str, StringConstraints(max_length=10_000)]] = Field(default_factory=dict, repr=False)
    """Of an HTTP service, such as `Authorization`."""


NO_SECRET = ServiceSecret()


class SealedService(Drawn):
    """A service as it travels to the project's worker: who has the installation's key opens it."""

    name: str
    settings: ServiceSettings
    place: str
    """What the secret is bound to."""
    key_id: str | None = None
    sealed: str | None = None
    """Base64. None: no secret is set."""


def networks(texts: list[str]) -> tuple[Network, ...]:
    """Networks as CIDR, such as `10.0.0.0/8`. Raises ValueError."""
    return tuple(ip_network(text) for text in texts)

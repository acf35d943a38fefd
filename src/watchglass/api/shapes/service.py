"""Services: what nodes of built workflows reach by name."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, SecretStr

from watchglass.api.shapes.base import Input, Output
from watchglass.model.project import Role
from watchglass.model.service import ServiceSettings

Name = Annotated[str, Field(min_length=1, max_length=100)]
Networks = Annotated[list[Annotated[str, Field(min_length=1, max_length=50)]], Field(max_length=50)]


class ServiceSecretInput(Input):
    """What signs in; never told again."""

    password: SecretStr | None = None
    """Of a database."""
    headers: dict[Annotated[str, Field(min_length=1, max_length=100)], SecretStr] = Field(
        default_factory=dict, max_length=20
    )
    """Of an HTTP service."""


class NewService(Input):
    """A service to keep."""

    project_id: UUID
    name: Name
    settings: ServiceSettings
    secret: ServiceSecretInput | None = None


class ServiceUpdate(Input):
    """A service as it shall be."""

    service_id: UUID
    name: Name
    settings: ServiceSettings
    secret: ServiceSecretInput | None = None
    """Absent: stays as it is, unless it would be sent somewhere else than before."""


class ServiceIdInput(Input):
    """Names one service."""

    service_id: UUID


class ServiceNameInput(Input):
    """Names a service as nodes do."""

    project_id: UUID
    name: Name


class ServiceNetworks(Input):
    """Networks that are not public and may be reached all the same."""

    project_id: UUID
    networks: Networks
    """CIDR, such as `10.0.0.0/8`."""


class Service(Output):
    """A service, without what signs in."""

    id: str
    name: str
    settings: ServiceSettings
    has_secret: bool
    tested_at: datetime | None
    """When it was last tried out since it was changed."""
    test_error: str | None
    changed_at: datetime


class Services(Output):
    """A project's services, by name."""

    items: list[Service]
    networks: list[str]
    role: Role


class KeptNetworks(Output):
    """As they are kept."""

    networks: list[str]

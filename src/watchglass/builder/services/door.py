"""Where components get their project's services from."""

from dataclasses import dataclass
from typing import Any, Protocol

from watchglass.builder.reach import Reach
from watchglass.errors import InvalidInput
from watchglass.model.service import ServiceSecret, ServiceSettings

SERVICE: dict[str, Any] = {"format": "watchglass-service"}
"""In a JSON Schema: the name of a service. The page offers those that the project has."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A service, and what signs in to it."""

    settings: ServiceSettings
    secret: ServiceSecret


class Services(Protocol):
    """The services of one project, as they are now."""

    async def find(self, name: str) -> Opened:
        """The service of that name.

        Raises:
            NotFound: the project has none.
            Unsealable: this process does not have the installation's key.
            Unavailable: whoever keeps them does not answer.
        """
        ...

    async def reach(self) -> Reach:
        """What the project's nodes may reach. Raises Unavailable."""
        ...


class NoServices:
    """Of a worker that was not told where its project's services are."""

    async def find(self, name: str) -> Opened:
        raise InvalidInput(
            f"This worker cannot reach the service “{name}”: it does not know its installation. Start it with "
            "WATCHGLASS_URL and WATCHGLASS_TOKEN set, or on the data directory of `watchglass up`."
        )

    async def reach(self) -> Reach:
        return Reach()

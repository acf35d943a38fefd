"""Temporals that the settings name: asked first of all, because a wrong address should cost no waiting."""

from temporalio.envconfig import ClientConfigProfile

from watchglass.config import Settings
from watchglass.temporal.client import Clients
from watchglass.temporal.reach import check_namespace


def clients_for(profile: ClientConfigProfile | None) -> Clients:
    """Return clients that know the credentials of the observed Temporal."""
    return Clients(profiles={profile.address: profile} if profile and profile.address else {})


async def check_outside(settings: Settings, profile: ClientConfigProfile | None) -> None:
    """Raise StartupError when a Temporal that the settings name cannot be read."""
    clients = clients_for(profile)
    places = []
    if profile and profile.address:
        places.append((profile.address, profile.namespace or "default"))
    if settings.control_temporal_address:
        places.append((settings.control_temporal_address, settings.control_temporal_namespace))
    for address, namespace in places:
        client = await clients.get(address, namespace)
        await check_namespace(client, address=address, namespace=namespace)

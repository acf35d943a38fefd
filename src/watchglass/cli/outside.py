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
    if profile and profile.address:
        address, namespace = profile.address, profile.namespace or "default"
        await check_namespace(await clients.get(address, namespace), address=address, namespace=namespace)
    if settings.control_temporal_address:
        address, namespace = settings.control_temporal_address, settings.control_temporal_namespace
        client = await clients.get(address, namespace)
        await check_namespace(client, address=address, namespace=namespace, may_be_missing=True)

"""Temporals that the settings name: asked first of all, because a wrong address should cost no waiting."""

from temporalio.envconfig import ClientConfigProfile

from watchglass.config import Settings
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.temporal.client import Clients
from watchglass.temporal.profile import credentials_of
from watchglass.temporal.reach import check_namespace


def control_credentials(address: str, profile: ClientConfigProfile | None) -> Credentials:
    """How the Temporal of our own workflows is signed in to: as the observed one when it is the same server."""
    return credentials_of(profile) if profile and profile.address == address else NO_CREDENTIALS


async def check_outside(settings: Settings, profile: ClientConfigProfile | None) -> None:
    """Raise StartupError when a Temporal that the settings name cannot be read."""
    clients = Clients()
    if profile and profile.address:
        address, namespace = profile.address, profile.namespace or "default"
        credentials = credentials_of(profile)
        client = await clients.get(address, namespace, credentials)
        await check_namespace(client, address=address, namespace=namespace, credentials=credentials)
    if settings.control_temporal_address:
        address, namespace = settings.control_temporal_address, settings.control_temporal_namespace
        credentials = control_credentials(address, profile)
        client = await clients.get(address, namespace, credentials)
        await check_namespace(
            client, address=address, namespace=namespace, credentials=credentials, may_be_missing=True
        )

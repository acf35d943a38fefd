"""The Temporals of this installation: the one that runs our own workflows and the ones that are observed."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog
from temporalio.envconfig import ClientConfigProfile

from watchglass.config import Settings
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.temporal.profile import credentials_of

_log = structlog.get_logger(__name__)

DEMO_NAMESPACE = "demo"


@dataclass(frozen=True, slots=True)
class Observed:
    """One namespace that is looked at."""

    project: str
    address: str
    namespace: str
    is_embedded: bool
    http_address: str | None
    ui_address: str | None = None
    credentials: Credentials = NO_CREDENTIALS


@dataclass(frozen=True, slots=True)
class Temporals:
    control_address: str
    control_namespace: str
    observed: tuple[Observed, ...]
    """The first is the one that the ready line names."""
    embedded: EmbeddedTemporal | None


async def open_temporals(
    stack: AsyncExitStack,
    settings: Settings,
    data_dir: Path,
    *,
    profile: ClientConfigProfile | None,
    demo: bool,
) -> Temporals:
    """Start the embedded Temporal unless both the observed and the control Temporal are named elsewhere."""
    embedded = None
    if profile is None or settings.control_temporal_address is None:
        embedded = await _start_embedded(stack, settings, data_dir)
    control = settings.control_temporal_address or (embedded.address if embedded else "")
    return Temporals(
        control_address=control,
        control_namespace=settings.control_temporal_namespace,
        observed=_observed(settings, profile, embedded, demo=demo),
        embedded=embedded,
    )


async def _start_embedded(stack: AsyncExitStack, settings: Settings, data_dir: Path) -> EmbeddedTemporal:
    _log.info("temporal_starting", message="Starting Temporal …")
    server = EmbeddedTemporal(data_dir, namespaces=(DEMO_NAMESPACE, settings.control_temporal_namespace))
    await server.start()
    stack.push_async_callback(server.stop)
    return server


def _observed(
    settings: Settings, profile: ClientConfigProfile | None, embedded: EmbeddedTemporal | None, *, demo: bool
) -> tuple[Observed, ...]:
    if profile is not None and profile.address:
        namespace = profile.namespace or "default"
        return (
            Observed(
                project=namespace,
                address=profile.address,
                namespace=namespace,
                is_embedded=False,
                http_address=settings.temporal_http_address,
                ui_address=settings.temporal_ui_address,
                credentials=credentials_of(profile),
            ),
        )
    assert embedded is not None
    places = [("Local", "default"), ("Demo", DEMO_NAMESPACE)] if demo else [("Local", "default")]
    return tuple(
        Observed(
            project=project,
            address=embedded.address,
            namespace=namespace,
            is_embedded=True,
            http_address=embedded.http_address,
        )
        for project, namespace in places
    )

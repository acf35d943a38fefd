"""Temporal's own profiles (TEMPORAL_* and TOML files), as credentials of ours."""

from pathlib import Path

from temporalio.envconfig import ClientConfigProfile, DataSource

from watchglass.errors import InvalidInput
from watchglass.model.credentials import Credentials


def credentials_of(profile: ClientConfigProfile) -> Credentials:
    """What the profile signs in with; the files that it names are read.

    Raises:
        InvalidInput: a file cannot be read.
    """
    tls = profile.tls
    # As Temporal's own tools do it: TLS settings, or a key without any, turn TLS on.
    is_on = not tls.disabled if tls else profile.api_key is not None
    return Credentials(
        tls=is_on,
        server_name=tls.server_name if tls and is_on else None,
        server_ca=_read(tls.server_root_ca_cert) if tls and is_on else None,
        api_key=profile.api_key or None,
        client_certificate=_read(tls.client_cert) if tls and is_on else None,
        client_key=_read(tls.client_private_key) if tls and is_on else None,
        headers=tuple(sorted((name.lower(), value) for name, value in profile.grpc_meta.items())),
    )


def _read(source: DataSource | None) -> str | None:
    if isinstance(source, Path):
        try:
            return source.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"The file {source}, which the Temporal profile names, cannot be read: {error}."
            ) from error
    return source.decode() if isinstance(source, bytes) else source

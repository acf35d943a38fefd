"""Temporal's own profiles (TEMPORAL_* and TOML files), as credentials of ours."""

import re
from pathlib import Path

from temporalio.envconfig import ClientConfigProfile, DataSource

from watchglass.errors import InvalidInput
from watchglass.model.credentials import Credentials

_TOML_FAULT = re.compile(r"TOML parse error at line (?P<line>\d+), column (?P<column>\d+)")


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


def profile_fault(error: Exception) -> str:
    """What to say, behind "cannot be read", of an error of reading a profile.

    TOML's own errors quote the line that they are about, which may be the one with the key.
    """
    said = str(error)
    found = _TOML_FAULT.search(said)
    if found is None:
        return said.rstrip(".\n")
    return f"line {found['line']}, column {found['column']} of the TOML file is not as TOML or Temporal wants it"


def _read(source: DataSource | None) -> str | None:
    if isinstance(source, Path):
        try:
            return source.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"The file {source}, which the Temporal profile names, cannot be read: {error}."
            ) from error
    return source.decode() if isinstance(source, bytes) else source

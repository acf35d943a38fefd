"""What opens a Temporal's door, and what may be told of it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a connection signs in, and whom it trusts. Secrets stay out of every representation."""

    tls: bool = False
    """The connection is encrypted. False: plain text, as the development server speaks."""
    server_name: str | None = None
    """The name that the server's certificate has, where it differs from the address."""
    server_ca: str | None = None
    """PEM: who has signed the server's certificate. None: whoever the operating system trusts."""
    api_key: str | None = field(default=None, repr=False)
    client_certificate: str | None = None
    """PEM, with the certificates between it and its authority."""
    client_key: str | None = field(default=None, repr=False)
    """PEM, not encrypted."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Sent with every call: lower-case names, such as `authorization` with a token of one's own server."""
    codec_token: str | None = field(default=None, repr=False)
    """For the connection's codec server, where values are decoded at sync."""
    codec_token_for: str | None = None
    """The codec server's address that the token was given for: it is sent to no other."""


NO_CREDENTIALS = Credentials()


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    subject: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ShownCredentials:
    """Which kinds of credentials are set: all that anybody is ever shown of them."""

    tls: bool
    server_name: str | None
    server_ca: ShownCertificate | None
    api_key: bool
    client_certificate: ShownCertificate | None
    header_names: tuple[str, ...]
    set_at: datetime | None
    """When they were last changed; None when there are none."""
    codec_token: bool = False
    """There is one for decoding at sync."""


NOTHING_SHOWN = ShownCredentials(False, None, None, False, None, (), None)

"""Addresses that people enter: what is wrong with one is said before it is stored or asked."""

import re
import socket
from dataclasses import replace
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from watchglass.errors import InvalidInput
from watchglass.model.connection import ConnectionSettings

_LONGEST_URL = 500
_LONGEST_HOST = 253
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_LAST_PORT = 65_535
_METADATA = (IPv6Address("fd00:ec2::254"), IPv4Address("100.100.100.200"))
"""Where clouds answer questions of a machine about itself, besides link-local addresses."""
_URLS = (
    ("ui_address", "Temporal's web page"),
    ("http_address", "Temporal's HTTP API"),
    ("codec_address", "a codec server"),
)


def checked_settings(settings: ConnectionSettings) -> ConnectionSettings:
    """The settings with their addresses as they are used: URLs without a slash at their end.

    Raises:
        InvalidInput: an address cannot be one, or is where clouds tell a machine's own secrets.
    """
    fault = address_fault(settings.address)
    if fault is not None:
        raise InvalidInput(fault)
    _refuse_link_local(settings.address.rpartition(":")[0])
    urls: dict[str, str | None] = {}
    for field, what in _URLS:
        url: str | None = getattr(settings, field)
        if url is not None:
            refuse_bad_url(url, what)
            _refuse_link_local(urlsplit(url).hostname or "")
            url = url.rstrip("/")
        urls[field] = url
    return replace(settings, **urls)  # type: ignore[arg-type]


def _refuse_link_local(host: str) -> None:
    address = _literal(host.removeprefix("[").removesuffix("]").rstrip("."))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address is not None and (address.is_link_local or address in _METADATA):
        raise InvalidInput(
            f"No Temporal is asked at {host}: it is an address of this machine's own network segment, where clouds "
            "keep what only the machine may know. Write the address that the server has in the network."
        )


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        # The other ways to write the four bytes: 2852039166, 0xa9fea9fe, 169.254.43518.
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def refuse_bad_url(url: str, what: str) -> None:
    """`what` it is the address of, for the sentence; the address itself is not repeated.

    Raises:
        InvalidInput: it is no plain http or https URL.
    """
    fault = url_fault(url)
    if fault is not None:
        raise InvalidInput(f"The address of {what} {fault}, for instance https://temporal.example.com.")


def address_fault(address: str) -> str | None:
    """What to say of a gRPC address that cannot be one; None when it can."""
    if _is_host_and_port(address):
        return None
    # With an @ it may hold a password.
    named = "This" if "@" in address else repr(address)
    return f"{named} is no address. Write host:port, for instance temporal.example:7233."


def is_host(text: str) -> bool:
    """Is it an IP address, or could a server have this name?"""
    try:
        return bool(ip_address(text))
    except ValueError:
        return is_host_name(text)


def is_host_name(text: str) -> bool:
    """Could a server have this name?"""
    return len(text) <= _LONGEST_HOST and all(_LABEL.fullmatch(label) for label in text.removesuffix(".").split("."))


def _is_host_and_port(address: str) -> bool:
    host, _, port = address.rpartition(":")
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) <= _LAST_PORT):
        return False
    if host.startswith("[") and host.endswith("]"):
        try:
            return bool(IPv6Address(host[1:-1]))
        except AddressValueError:
            return False
    return is_host_name(host)


def url_fault(url: str) -> str | None:
    """What to say behind "the address" of a URL that cannot be used; None when it can."""
    if len(url) > _LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return f"is at most {_LONGEST_URL} printable ASCII characters"
    if "\\" in url:
        return "has no backslash"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is a URL"
    if parts.scheme not in ("http", "https") or not host:
        return "begins with http:// or https:// and names a host"
    if "@" in parts.netloc:
        return "holds no user name or password"
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        return "has no ? and no #"
    return None

"""Which addresses nodes may reach: the public ones, and those networks that the project's owners allow.

A name is resolved once and what is connected to is the address that was checked: a name that answers differently the
next time leads nowhere else.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from watchglass.errors import WatchglassError
from watchglass.model.service import Network

RESOLVE_SECONDS = 5.0

# Public by their form, but made to lead to an address inside, or to nowhere.
_DETOURS: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "::/96",
        "fec0::/10",
        "5f00::/16",
        "192.88.99.0/24",
        "192.0.0.0/24",
        "100.64.0.0/10",
    )
)


class AddressRefused(WatchglassError):
    """Nodes may not reach this address."""


class HostUnknown(WatchglassError):
    """The name has no address, or the name servers do not answer."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the nodes of a project may reach."""

    allowed: tuple[Network, ...] = ()

    def allows(self, address: IPv4Address | IPv6Address) -> bool:
        """May a connection to this address be made?"""
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in network for network in self.allowed if network.version == address.version):
            return True
        if any(address in network for network in _DETOURS if network.version == address.version):
            return False
        return address.is_global and not address.is_multicast and not address.is_reserved

    async def address_of(self, host: str, port: int) -> str:
        """The address to connect to.

        Raises:
            HostUnknown: there is none.
            AddressRefused: one of the name's addresses is not allowed.
        """
        found = await _resolve(host, port)
        for address in found:
            if not self.allows(address):
                raise AddressRefused(_refusal(host, address))
        return str(found[0])


def _refusal(host: str, address: IPv4Address | IPv6Address) -> str:
    named = host if host == str(address) else f"{host} ({address})"
    return (
        f"{named} is no public address, and this project does not allow it. "
        f"An owner can allow its network on the page Components, for instance {_network_around(address)}."
    )


def _network_around(address: IPv4Address | IPv6Address) -> Network:
    # An IPv4 address in the form of IPv6 is held against networks of IPv4.
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return ip_network(f"{address}/{128 if isinstance(address, IPv6Address) else 32}")


async def _resolve(host: str, port: int) -> Sequence[IPv4Address | IPv6Address]:
    literal = host.removeprefix("[").removesuffix("]")
    try:
        return [ip_address(literal)]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise HostUnknown(f"The name {host} leads to no address. Check how it is written.") from error
    # A scope (fe80::1%eth0) is part of no address that is public.
    return [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]

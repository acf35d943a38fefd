"""What is remembered of the browser, or program, that signs in."""

import ipaddress
from dataclasses import dataclass

_LONGEST_USER_AGENT = 300
_KNOWN_BITS = {4: 24, 6: 48}
"""Enough of an address to recognise a place by, and too little to find a person with."""
_COUNTED_BITS = {4: 32, 6: 64}
"""A household has a whole /64 of IPv6."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Who knocks."""

    user_agent: str | None = None
    address: str | None = None
    """Where the request came from; None when that is not known."""

    @property
    def network(self) -> str | None:
        """What is kept of the address: `203.0.113.0/24`."""
        return _network(self.address, _KNOWN_BITS)

    @property
    def counted_as(self) -> str:
        """Whose tries are counted together."""
        return _network(self.address, _COUNTED_BITS) or "unknown"


def browser_of(user_agent: str | None, address: str | None) -> Browser:
    """The browser as it may be kept."""
    kept = "".join(c for c in user_agent or "" if c.isprintable())[:_LONGEST_USER_AGENT]
    return Browser(kept or None, address)


def _network(address: str | None, bits: dict[int, int]) -> str | None:
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    known = mapped or found
    if known.is_loopback:
        return str(known)
    return str(ipaddress.ip_network((known, bits[known.version]), strict=False))

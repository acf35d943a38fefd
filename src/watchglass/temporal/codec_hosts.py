"""Which codec servers may be asked: values and tokens are sent to no other place, whoever sets it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from watchglass.errors import InvalidInput

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class CodecHosts:
    """The installation's list. Each entry is a host, or `*.` and a domain below which any host will do, and may end
    with a port; without one every port will do."""

    entries: tuple[str, ...] = _THIS_MACHINE

    @classmethod
    def read(cls, text: str) -> "CodecHosts":
        """From a setting; an empty one allows this machine alone."""
        entries = tuple(part.strip().lower() for part in text.split(",") if part.strip())
        return cls(entries) if entries else cls()

    def refuse_others(self, address: str) -> None:
        """Raises InvalidInput for a codec server that is not on the list."""
        parts = urlsplit(address)
        host = (parts.hostname or "").lower().rstrip(".")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if not any(allows(entry, host, port) for entry in self.entries):
            raise InvalidInput(
                f"The codec server at {address} may not be asked: this installation allows {', '.join(self.entries)}. "
                "Whoever runs it can add the host to WATCHGLASS_CODEC_HOSTS."
            )


def allows(entry: str, host: str, port: int) -> bool:
    """Is this host at this port meant by the entry of a list?"""
    if entry == host:  # An IPv6 address has colons of its own.
        return True
    name, colon, wanted = entry.rpartition(":")
    if colon and wanted.isdecimal() and not name.endswith(":"):
        return int(wanted) == port and _is_host(name.strip("[]"), host)
    return _is_host(entry, host)


def _is_host(entry: str, host: str) -> bool:
    return host == entry or (entry.startswith("*.") and host.endswith(entry[1:]) and len(host) >= len(entry))


THIS_MACHINE = CodecHosts()

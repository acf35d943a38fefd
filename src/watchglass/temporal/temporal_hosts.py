"""Which Temporals may be connected by people who do not manage the installation: those that ask everybody who they are.

A server that asks for no credentials, such as the one that Watchglass starts itself, shows its runs to whatever reaches
it. Watchglass reaches what the people in front of its page do not, so who may choose where it looks may see whose runs
those are, and learns which ports answer.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from watchglass.model.connection import ConnectionSettings
from watchglass.temporal.codec_hosts import allows

_TEMPORAL_CLOUD = ("*.tmprl.cloud", "*.api.temporal.io")


@dataclass(frozen=True, slots=True)
class TemporalHosts:
    """The installation's list. Its entries are written as those of `CodecHosts`."""

    entries: tuple[str, ...] = _TEMPORAL_CLOUD

    @classmethod
    def read(cls, text: str) -> "TemporalHosts":
        """From a setting; an empty one allows Temporal Cloud alone, where nobody is let in without credentials."""
        entries = tuple(part.strip().lower() for part in text.split(",") if part.strip())
        return cls(entries) if entries else cls()

    def allow(self, settings: ConnectionSettings) -> bool:
        """Is everything that is asked with these settings on the list? They have been checked to be addresses."""
        host, _, port = settings.address.rpartition(":")
        if not self._has(host, int(port)):
            return False
        if settings.http_address is None:
            return True
        url = urlsplit(settings.http_address)
        return self._has(url.hostname or "", url.port or (443 if url.scheme == "https" else 80))

    def _has(self, host: str, port: int) -> bool:
        host = host.lower().removeprefix("[").removesuffix("]").rstrip(".")
        return any(allows(entry, host, port) for entry in self.entries)


ASK_EVERYBODY = TemporalHosts()

"""Secrets that were planted, everything that was gathered afterwards, and the search of the one in the other."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import NamedTuple


class Finding(NamedTuple):
    """A secret where none may be."""

    kind: str
    place: str


class Allowed(NamedTuple):
    """Secrets that may stand in a place. Both are regular expressions of the whole name."""

    kind: str
    place: str
    reason: str


@dataclass
class Planted:
    """Secrets by what they are."""

    secrets: dict[str, str] = field(default_factory=dict)

    def make(self, kind: str) -> str:
        """A new one, which nobody else has."""
        return self.keep(kind, f"planted-{token_hex(16)}")

    def keep(self, kind: str, secret: str) -> str:
        """One that was made elsewhere."""
        assert kind not in self.secrets, kind
        assert len(secret) >= 16, f"{kind} could be found by chance"
        assert secret not in self.secrets.values(), kind
        self.secrets[kind] = secret
        return secret


@dataclass
class Gathered:
    """Everything that may hold none, by where it was."""

    places: list[tuple[str, bytes]] = field(default_factory=list)

    def add(self, place: str, data: str | bytes) -> None:
        self.places.append((place, data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data))

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(len(data) for _, data in self.places)


def forms(secret: str) -> list[bytes]:
    """How it may be written: as it is, as hexadecimal digits, and as base64 wherever it begins there."""
    raw = secret.encode()
    found = [raw, raw.hex().encode()]
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        # What stands at either end depends on what is beside it.
        found.append(encoded[4 if before else 0 : -4])
    return found


def find_all(planted: Planted, gathered: Gathered) -> set[Finding]:
    """Every secret in every place that holds it."""
    found = set()
    for kind, secret in planted.secrets.items():
        needles = forms(secret)
        found |= {Finding(kind, place) for place, data in gathered.places if any(needle in data for needle in needles)}
    return found


def not_allowed(found: Iterable[Finding], table: Iterable[Allowed]) -> list[Finding]:
    """Those that no line of the table allows."""
    return sorted(
        each
        for each in found
        if not any(re.fullmatch(line.kind, each.kind) and re.fullmatch(line.place, each.place) for line in table)
    )


def not_needed(found: Iterable[Finding], table: Iterable[Allowed]) -> list[Allowed]:
    """Lines of the table that allow nothing which was found."""
    return [
        line
        for line in table
        if not any(re.fullmatch(line.kind, each.kind) and re.fullmatch(line.place, each.place) for each in found)
    ]

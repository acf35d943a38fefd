"""Sealing anew, with the newest key, all that older ones sealed: credentials, services' secrets, projects' own keys.

A few rows at a time, each batch in a transaction of its own. While it runs every process opens both: what was sealed
anew by this one and what was not yet. Whoever is interrupted starts again and finds the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from watchglass.store.project_keys import key_place
from watchglass.store.scope import Store
from watchglass.store.seal import Seal, Sealed, Unsealable
from watchglass.store.services import service_place

_BATCH = 100


@dataclass(frozen=True, slots=True)
class _Kind:
    table: str
    key: tuple[str, ...]
    place: Callable[..., str]
    """What the sealed text is bound to, from the key's values."""


def _pair(project_id: UUID, id: UUID) -> str:
    return f"{project_id}/{id}"


_KINDS = (
    _Kind("connection_credentials", ("project_id", "connection_id"), _pair),
    _Kind("service_secrets", ("project_id", "service_id"), service_place),
    _Kind("project_keys", ("project_id",), key_place),
)


@dataclass(frozen=True, slots=True)
class Resealed:
    done: int
    left: int
    """What no key of this process opens: it stays as it is."""


async def reseal_all(store: Store, *, show: Callable[[int], None] = lambda _: None) -> Resealed:
    """Raises Unsealable when this process has no key at all."""
    newest = store.seal.check()
    done = left = 0
    for kind in _KINDS:
        after: tuple[Any, ...] | None = None
        while True:
            async with store.write() as writer:
                columns = ", ".join(kind.key)
                marks = ", ".join(f"${n + 3}" for n in range(len(kind.key)))
                rows = await writer.fetch(
                    f"SELECT {columns}, key_id, sealed FROM {kind.table} WHERE key_id <> $1 "  # noqa: S608 - own names
                    + (f"AND ({columns}) > ({marks}) " if after else "")
                    + f"ORDER BY {columns} LIMIT $2 FOR UPDATE",
                    newest,
                    _BATCH,
                    *(after or ()),
                )
                if not rows:
                    break
                after = tuple(rows[-1][name] for name in kind.key)
                for row in rows:
                    key = [row[name] for name in kind.key]
                    sealed = _anew(store.seal, Sealed(row["key_id"], row["sealed"]), kind.place(*key))
                    if sealed is None:
                        left += 1
                        continue
                    done += 1
                    matches = " AND ".join(f"{name} = ${n}" for n, name in enumerate(kind.key, 3))
                    await writer.execute(
                        f"UPDATE {kind.table} SET key_id = $1, sealed = $2 WHERE {matches}",  # noqa: S608 - own names
                        sealed.key_id,
                        sealed.data,
                        *key,
                    )
            show(done)
    return Resealed(done, left)


def _anew(seal: Seal, sealed: Sealed, place: str) -> Sealed | None:
    try:
        return seal.close(seal.open(sealed, place=place), place=place)
    except Unsealable:
        return None

"""Credentials of connections: sealed, in a table of the sync role's alone."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from watchglass.model.credentials import (
    NO_CREDENTIALS,
    NOTHING_SHOWN,
    Credentials,
    ShownCertificate,
    ShownCredentials,
)
from watchglass.store.scope import Reader, Writer
from watchglass.store.seal import Seal, Sealed, Unsealable


@dataclass(frozen=True, slots=True)
class Kept:
    """Credentials as they are stored."""

    place: str
    """Project and connection: they open nowhere else."""
    sealed: Sealed


async def read_kept(reader: Reader, connection_id: UUID) -> Kept | None:
    """The connection's credentials, still sealed; None when it has none."""
    row = await reader.fetchrow(
        "SELECT project_id, key_id, sealed FROM connection_credentials WHERE connection_id = $1", connection_id
    )
    if row is None:
        return None
    return Kept(_place(row["project_id"], connection_id), Sealed(row["key_id"], row["sealed"]))


def open_kept(seal: Seal, kept: Kept | None) -> Credentials:
    """Raises Unsealable when this process does not have the key."""
    if kept is None:
        return NO_CREDENTIALS
    said = json.loads(seal.open(kept.sealed, place=kept.place))
    headers = tuple((name, value) for name, value in said.pop("headers"))
    return Credentials(headers=headers, **said)


async def save_credentials(
    writer: Writer,
    seal: Seal,
    *,
    project_id: UUID,
    connection_id: UUID,
    credentials: Credentials,
    shown: ShownCredentials,
) -> None:
    """Replace the connection's credentials. Raises Unsealable when this process does not have the key."""
    if credentials == NO_CREDENTIALS:
        await writer.execute(
            "DELETE FROM connection_credentials WHERE project_id = $1 AND connection_id = $2", project_id, connection_id
        )
    else:
        text = json.dumps(asdict(credentials)).encode()
        sealed = seal.close(text, place=_place(project_id, connection_id))
        await writer.execute(
            """
            INSERT INTO connection_credentials (project_id, connection_id, key_id, sealed) VALUES ($1, $2, $3, $4)
            ON CONFLICT (project_id, connection_id) DO UPDATE
                SET key_id = excluded.key_id, sealed = excluded.sealed, changed_at = now()
            """,
            project_id,
            connection_id,
            sealed.key_id,
            sealed.data,
        )
    await writer.execute(
        "UPDATE connections SET shown_credentials = $3 WHERE project_id = $1 AND id = $2",
        project_id,
        connection_id,
        None if credentials == NO_CREDENTIALS else _shown_text(shown),
    )


async def reseal_credentials(writer: Writer, seal: Seal) -> int:
    """Seal anew, with the newest key, what an older one sealed; return how many connections that were.

    What does not open stays as it is: whoever uses that connection is told.
    """
    count = 0
    rows = await writer.fetch(
        """
        SELECT project_id, connection_id, key_id, sealed FROM connection_credentials
        WHERE key_id <> $1 AND key_id = ANY ($2::text[]) FOR UPDATE
        """,
        seal.newest or "",
        list(seal.key_ids),
    )
    for row in rows:
        place = _place(row["project_id"], row["connection_id"])
        try:
            text = seal.open(Sealed(row["key_id"], row["sealed"]), place=place)
        except Unsealable:
            continue
        sealed = seal.close(text, place=place)
        count += 1
        await writer.execute(
            "UPDATE connection_credentials SET key_id = $3, sealed = $4 WHERE project_id = $1 AND connection_id = $2",
            row["project_id"],
            row["connection_id"],
            sealed.key_id,
            sealed.data,
        )
    return count


def shown_from_text(text: str | None) -> ShownCredentials:
    """What `connections.shown_credentials` says."""
    if text is None:
        return NOTHING_SHOWN
    said = json.loads(text)
    return ShownCredentials(
        tls=said["tls"],
        server_name=said["server_name"],
        server_ca=_certificate(said["server_ca"]),
        api_key=said["api_key"],
        client_certificate=_certificate(said["client_certificate"]),
        header_names=tuple(said["header_names"]),
        codec_token=said.get("codec_token", False),
        set_at=datetime.fromisoformat(said["set_at"]) if said["set_at"] else None,
    )


def _shown_text(shown: ShownCredentials) -> str:
    return json.dumps(asdict(shown), default=lambda moment: moment.isoformat())


def _certificate(said: Any) -> ShownCertificate | None:
    return said and ShownCertificate(said["subject"], datetime.fromisoformat(said["expires_at"]))


def _place(project_id: UUID, connection_id: UUID) -> str:
    return f"{project_id}/{connection_id}"

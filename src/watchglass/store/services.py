"""Services: settings that members see, and secrets that only their sealed form leaves."""

import base64
import json
from uuid import UUID

import asyncpg

from watchglass.errors import Conflict
from watchglass.model.service import NO_SECRET, SealedService, ServiceSecret, ServiceSettings
from watchglass.store.scope import Reader, Writer
from watchglass.store.seal import Seal, Sealed
from watchglass.store.summaries import Row

_COLUMNS = "s.project_id, s.id, s.name, s.kind, s.settings, s.has_secret, s.tested_at, s.test_error, s.changed_at"


async def read_services(reader: Reader, project_id: UUID) -> list[Row]:
    """By name."""
    return list(
        await reader.fetch(
            f"SELECT {_COLUMNS} FROM services s WHERE s.project_id = $1 ORDER BY s.name",  # noqa: S608 - own columns
            project_id,
        )
    )


async def read_service(reader: Reader, service_id: UUID) -> Row | None:
    """One service, as far as the reader may see it."""
    return await reader.fetchrow(
        f"SELECT {_COLUMNS} FROM services s WHERE s.id = $1",  # noqa: S608 - own columns
        service_id,
    )


async def insert_service(writer: Writer, project_id: UUID, name: str, settings: ServiceSettings) -> UUID:
    """Raises Conflict when the name is taken."""
    try:
        service_id: UUID = await writer.fetchval(
            "INSERT INTO services (project_id, name, kind, settings, has_secret) "
            "VALUES ($1, $2, $3, $4, false) RETURNING id",
            project_id,
            name,
            settings.kind.value,
            _json(settings),
        )
    except asyncpg.UniqueViolationError as error:
        raise _taken(name) from error
    return service_id


async def update_service(
    writer: Writer, project_id: UUID, service_id: UUID, name: str, settings: ServiceSettings
) -> None:
    """What was found out by testing it is forgotten. Raises Conflict when the name is taken."""
    try:
        await writer.execute(
            "UPDATE services SET name = $3, kind = $4, settings = $5, tested_at = NULL, test_error = NULL, "
            "changed_at = clock_timestamp() WHERE project_id = $1 AND id = $2",
            project_id,
            service_id,
            name,
            settings.kind.value,
            _json(settings),
        )
    except asyncpg.UniqueViolationError as error:
        raise _taken(name) from error


async def remove_service(writer: Writer, project_id: UUID, service_id: UUID) -> None:
    """Nodes that name it fail from then on."""
    await writer.execute("DELETE FROM services WHERE project_id = $1 AND id = $2", project_id, service_id)


async def save_secret(writer: Writer, seal: Seal, *, project_id: UUID, service_id: UUID, secret: ServiceSecret) -> None:
    """Replace the service's secret. Raises Unsealable when this process does not have the installation's key."""
    has_secret = secret != NO_SECRET
    if has_secret:
        sealed = seal.close(secret.model_dump_json().encode(), place=service_place(project_id, service_id))
        await writer.execute(
            "INSERT INTO service_secrets (project_id, service_id, key_id, sealed) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (project_id, service_id) DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed",
            project_id,
            service_id,
            sealed.key_id,
            sealed.data,
        )
    else:
        await writer.execute(
            "DELETE FROM service_secrets WHERE project_id = $1 AND service_id = $2", project_id, service_id
        )
    await writer.execute(
        "UPDATE services SET has_secret = $3, tested_at = NULL, test_error = NULL WHERE project_id = $1 AND id = $2",
        project_id,
        service_id,
        has_secret,
    )


async def save_test(writer: Writer, project_id: UUID, service_id: UUID, *, error: str | None) -> None:
    """How its last test went; `error` is a sentence."""
    await writer.execute(
        "UPDATE services SET tested_at = clock_timestamp(), test_error = $3 WHERE project_id = $1 AND id = $2",
        project_id,
        service_id,
        error,
    )


async def read_sealed(writer: Writer, project_id: UUID, name: str) -> SealedService | None:
    """The project's service of that name, its secret still sealed; None: there is none."""
    row = await writer.fetchrow(
        """
        SELECT s.id, s.name, s.settings, k.key_id, k.sealed FROM services s
        LEFT JOIN service_secrets k ON k.project_id = s.project_id AND k.service_id = s.id
        WHERE s.project_id = $1 AND s.name = $2
        """,
        project_id,
        name,
    )
    if row is None:
        return None
    return SealedService(
        name=row["name"],
        settings=json.loads(row["settings"]),
        place=service_place(project_id, row["id"]),
        key_id=row["key_id"],
        sealed=None if row["sealed"] is None else base64.b64encode(row["sealed"]).decode(),
    )


def open_service(seal: Seal, service: SealedService) -> ServiceSecret:
    """Raises Unsealable when this process does not have the installation's key."""
    if service.key_id is None or service.sealed is None:
        return NO_SECRET
    sealed = Sealed(service.key_id, base64.b64decode(service.sealed))
    return ServiceSecret.model_validate_json(seal.open(sealed, place=service.place))


async def read_networks(reader: Reader, project_id: UUID) -> list[str]:
    """Networks that are not public and that the project's nodes may reach."""
    return list(await reader.fetchval("SELECT service_networks FROM projects WHERE id = $1", project_id) or ())


async def save_networks(writer: Writer, project_id: UUID, networks: list[str]) -> None:
    """`networks` are CIDR."""
    await writer.execute("UPDATE projects SET service_networks = $2 WHERE id = $1", project_id, networks)


def _json(settings: ServiceSettings) -> str:
    return json.dumps(settings.model_dump(mode="json"))


def service_place(project_id: UUID, service_id: UUID) -> str:
    """What a sealed secret is bound to."""
    return f"service/{project_id}/{service_id}"


def _taken(name: str) -> Conflict:
    return Conflict(f"This project has a service named “{name}” already. Choose another name.")

"""Services: owners and editors keep and try them; secrets go in and only their sealed form comes out, for workers."""

import json
from datetime import timedelta
from ipaddress import ip_network
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.rights import require_editor, require_member, require_owner
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.builder import Removed
from watchglass.api.shapes.service import (
    KeptNetworks,
    NewService,
    Service,
    ServiceIdInput,
    ServiceNameInput,
    ServiceNetworks,
    Services,
    ServiceSecretInput,
    ServiceUpdate,
)
from watchglass.api.trpc.router import Router
from watchglass.builder.reach import Reach
from watchglass.builder.services.attempt import ATTEMPT_SECONDS, attempt
from watchglass.errors import InvalidInput
from watchglass.model.permission import Permission
from watchglass.model.service import (
    NO_SECRET,
    HttpSettings,
    PostgresSettings,
    SealedService,
    ServiceSecret,
    ServiceSettings,
    networks,
)
from watchglass.store.audit import add_line
from watchglass.store.services import (
    insert_service,
    open_service,
    read_networks,
    read_sealed,
    read_service,
    read_services,
    remove_service,
    save_networks,
    save_secret,
    save_test,
    update_service,
)
from watchglass.store.summaries import Row
from watchglass.temporal.addresses import is_host, refuse_bad_url

router: Router[Context] = Router()


@router.query("service.list", permission=Permission.LOOK)
async def list_services(context: Context, input: ProjectIdInput) -> Services:
    """What the nodes of a project's built workflows can reach by name."""
    async with context.store.read_as(context.principal) as reader:
        role = (await require_member(reader, context.principal, input.project_id, otherwise="project")).role
        rows = await read_services(reader, input.project_id)
        allowed = await read_networks(reader, input.project_id)
    return Services(items=[_rendered(row) for row in rows], networks=allowed, role=role)


@router.mutation("service.create", permission=Permission.EDIT)
async def create(context: Context, input: NewService) -> Service:
    """Keep a service."""
    async with context.store.read_as(context.principal) as reader:
        await require_editor(reader, context.principal, input.project_id, otherwise="project")
    _refuse_bad_address(input.settings)
    secret = _secret(input.settings, input.secret)
    async with context.store.write() as writer:
        service_id = await insert_service(writer, input.project_id, input.name, input.settings)
        await save_secret(writer, context.store.seal, project_id=input.project_id, service_id=service_id, secret=secret)
        await add_line(
            writer,
            project_id=input.project_id,
            by=context.principal,
            action="service.create",
            target=service_id,
            details={"name": input.name},
        )
    return await _shown(context, service_id)


@router.mutation("service.update", permission=Permission.EDIT)
async def update(context: Context, input: ServiceUpdate) -> Service:
    """Change a service; runs under way use it as it is now."""
    before = await _editable(context, input.service_id)
    project_id = before["project_id"]
    _refuse_bad_address(input.settings)
    if input.secret is None and before["has_secret"] and _leads_elsewhere(before, input.settings):
        raise InvalidInput(
            "The secret of this service was given for another address. Enter it again, or remove it, to change where "
            "the service is."
        )
    async with context.store.write() as writer:
        await update_service(writer, project_id, input.service_id, input.name, input.settings)
        if input.secret is not None:
            await save_secret(
                writer,
                context.store.seal,
                project_id=project_id,
                service_id=input.service_id,
                secret=_secret(input.settings, input.secret),
            )
        await add_line(
            writer,
            project_id=project_id,
            by=context.principal,
            action="service.update",
            target=input.service_id,
            details={"name": input.name},
        )
    return await _shown(context, input.service_id)


@router.mutation("service.remove", permission=Permission.EDIT)
async def remove(context: Context, input: ServiceIdInput) -> Removed:
    """Forget a service and its secret. Nodes that name it fail from then on."""
    before = await _editable(context, input.service_id)
    async with context.store.write() as writer:
        await remove_service(writer, before["project_id"], input.service_id)
        await add_line(
            writer,
            project_id=before["project_id"],
            by=context.principal,
            action="service.remove",
            target=input.service_id,
            details={"name": before["name"]},
        )
    return Removed()


@router.mutation("service.test", permission=Permission.EDIT, timeout=timedelta(seconds=ATTEMPT_SECONDS + 5))
async def test(context: Context, input: ServiceIdInput) -> Service:
    """Try it out now, from where this process runs, and keep what came of it."""
    before = await _editable(context, input.service_id)
    project_id = before["project_id"]
    async with context.store.write() as writer:
        sealed = await read_sealed(writer, project_id, before["name"])
        reach = Reach(networks(await read_networks(writer, project_id)))
    if sealed is None:
        raise absent("service")
    error = await attempt(reach, sealed.settings, open_service(context.store.seal, sealed))
    async with context.store.write() as writer:
        await save_test(writer, project_id, input.service_id, error=error)
        await add_line(
            writer,
            project_id=project_id,
            by=context.principal,
            action="service.test",
            target=input.service_id,
            details={"name": before["name"]},
        )
    return await _shown(context, input.service_id)


@router.query("service.getSealed", permission=Permission.EDIT)
async def get_sealed(context: Context, input: ServiceNameInput) -> SealedService:
    """For the project's worker: only who has the installation's key can open it."""
    async with context.store.read_as(context.principal) as reader:
        await require_editor(reader, context.principal, input.project_id, otherwise="project")
    async with context.store.write() as writer:
        sealed = await read_sealed(writer, input.project_id, input.name)
    if sealed is None:
        raise absent("service")
    return sealed


@router.mutation("service.setNetworks", permission=Permission.OWN)
async def set_networks(context: Context, input: ServiceNetworks) -> KeptNetworks:
    """Say which networks that are not public the project's nodes may reach. For owners alone."""
    async with context.store.read_as(context.principal) as reader:
        await require_owner(reader, context.principal, input.project_id, otherwise="project")
    kept = [_network(text) for text in input.networks]
    async with context.store.write() as writer:
        await save_networks(writer, input.project_id, kept)
        await add_line(
            writer,
            project_id=input.project_id,
            by=context.principal,
            action="service.networks",
            target=input.project_id,
            details={"networks": kept},
        )
    return KeptNetworks(networks=kept)


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip()))
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is no network. Write an address and how many of its bits count, such as 10.1.0.0/16, "
            "or one address alone."
        ) from error


def _refuse_bad_address(settings: ServiceSettings) -> None:
    """Raises InvalidInput. Members see settings, so that a password in an address would be told to all of them."""
    if isinstance(settings, HttpSettings):
        refuse_bad_url(settings.base_url, "a web service")
    elif not is_host(settings.host):
        raise InvalidInput(f"{settings.host!r} is no host. Write a name, such as db.example.com, or an IP address.")


def _secret(settings: ServiceSettings, given: ServiceSecretInput | None) -> ServiceSecret:
    if given is None:
        return NO_SECRET
    if isinstance(settings, HttpSettings) and given.password is not None:
        raise InvalidInput("An HTTP service is signed in to by headers. Give the password as one of them.")
    if isinstance(settings, PostgresSettings) and given.headers:
        raise InvalidInput("A database is signed in to with a password, not with headers.")
    return ServiceSecret(
        password=None if given.password is None else given.password.get_secret_value(),
        headers={name: value.get_secret_value() for name, value in given.headers.items()},
    )


def _leads_elsewhere(before: Row, settings: ServiceSettings) -> bool:
    """Would the secret be sent to another place than the one that it was given for?"""
    old = json.loads(before["settings"])
    new = settings.model_dump(mode="json")
    return any(old.get(name) != new.get(name) for name in ("kind", "host", "port", "baseUrl", "tls"))


async def _editable(context: Context, service_id: UUID) -> Row:
    async with context.store.read_as(context.principal) as reader:
        row = await read_service(reader, service_id)
        if row is None:
            raise absent("service")
        await require_editor(reader, context.principal, row["project_id"], otherwise="service")
    return row


async def _shown(context: Context, service_id: UUID) -> Service:
    async with context.store.read_as(context.principal) as reader:
        row = await read_service(reader, service_id)
    if row is None:
        raise absent("service")
    return _rendered(row)


def _rendered(row: Row) -> Service:
    return Service(
        id=str(row["id"]),
        name=row["name"],
        settings=json.loads(row["settings"]),
        has_secret=row["has_secret"],
        tested_at=row["tested_at"],
        test_error=row["test_error"],
        changed_at=row["changed_at"],
    )

"""Who is a member of a project, and as what: for its owners."""

from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.rights import ONLY_OWNERS, require_owner
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.member import Member, MemberInput, Members, MemberUpdate, NewMember
from watchglass.api.trpc.router import Router
from watchglass.errors import Conflict, Forbidden, NotFound
from watchglass.model.permission import Permission
from watchglass.model.project import Role
from watchglass.store.members import Membership, Outcome, add_member, change_member, read_members, remove_member

router: Router[Context] = Router()


@router.query("member.list", permission=Permission.OWN)
async def list_members(context: Context, input: ProjectIdInput) -> Members:
    """The members of a project."""
    await _require_owner(context, input.project_id)
    return await _members(context, input.project_id)


@router.mutation("member.add", permission=Permission.OWN)
async def add(context: Context, input: NewMember) -> Members:
    """Make somebody who has an account a member."""
    await _require_owner(context, input.project_id)
    async with context.store.write_as(context.principal) as writer:
        outcome = await add_member(writer, input.project_id, input.name, _membership(input.role, input.sees_payloads))
    _refuse(outcome, input.name)
    return await _members(context, input.project_id)


@router.mutation("member.update", permission=Permission.OWN)
async def update(context: Context, input: MemberUpdate) -> Members:
    """Say what a member may do from now on. Whose membership a group brought, follows it no more."""
    await _require_owner(context, input.project_id)
    async with context.store.write_as(context.principal) as writer:
        new = _membership(input.role, input.sees_payloads)
        outcome = await change_member(writer, input.project_id, input.user_id, new)
    _refuse(outcome)
    return await _members(context, input.project_id)


@router.mutation("member.remove", permission=Permission.OWN)
async def remove(context: Context, input: MemberInput) -> Members:
    """Take somebody's membership away; their next request is refused.

    One that a group brings comes back when they sign in the next time, as long as they are in it.
    """
    await _require_owner(context, input.project_id)
    async with context.store.write_as(context.principal) as writer:
        outcome = await remove_member(writer, input.project_id, input.user_id)
    _refuse(outcome)
    return await _members(context, input.project_id)


async def _require_owner(context: Context, project_id: UUID) -> None:
    async with context.store.read_as(context.principal) as reader:
        await require_owner(reader, context.principal, project_id, otherwise="project")


def _membership(role: Role, sees_payloads: bool) -> Membership:
    return Membership(role, sees_payloads or role is Role.OWNER)


def _refuse(outcome: Outcome, name: str = "") -> None:
    match outcome:
        case Outcome.OK:
            return
        case Outcome.FORBIDDEN:
            raise Forbidden(ONLY_OWNERS)
        case Outcome.NO_USER:
            raise NotFound(f"Nobody here is called “{name}”. Check the spelling; an administrator can make an account.")
        case Outcome.MEMBER:
            raise Conflict(f"“{name}” is a member already. Change what they may do in the list.")
        case Outcome.NO_MEMBER:
            raise absent("member")
        case Outcome.LAST_OWNER:
            raise Conflict("A project needs an owner. Make somebody else an owner first.")


async def _members(context: Context, project_id: UUID) -> Members:
    """Nobody, for who has just given their own right away."""
    async with context.store.read_as(context.principal) as reader:
        rows = await read_members(reader, project_id)
    return Members(
        items=[
            Member(
                user_id=str(row["user_id"]),
                name=row["user_name"],
                role=row["role"],
                sees_payloads=row["sees_payloads"],
                from_group=row["from_group"],
                is_you=row["user_id"] == context.principal.user_id,
            )
            for row in rows
        ]
    )

"""Members of projects."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import Input, Output
from watchglass.model.project import Role


class NewMember(Input):
    """Whom to make a member, and as what."""

    project_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=200)]
    """What the person signs in as."""
    role: Role
    sees_payloads: bool = True
    """May see the values that runs handled. Owners may in any case."""


class MemberUpdate(Input):
    """What a member may do from now on."""

    project_id: UUID
    user_id: UUID
    role: Role
    sees_payloads: bool


class MemberInput(Input):
    """Names one member."""

    project_id: UUID
    user_id: UUID


class Member(Output):
    """Somebody who may see the project."""

    user_id: str
    name: str
    role: Role
    sees_payloads: bool
    from_group: str | None
    """The OpenID provider's group that brings the membership, at each sign-in; null: made by hand."""
    is_you: bool


class Members(Output):
    """The members of a project, by name."""

    items: list[Member]

"""The people of an installation, as those who manage them see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.account import Password
from watchglass.api.shapes.base import Input, Output

UserName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]


class User(Output):
    """Somebody who may sign in, or could until they were disabled."""

    id: str
    name: str
    email: str | None
    is_admin: bool
    is_disabled: bool
    has_password: bool
    issuers: list[str]
    """The OpenID providers that know them."""
    created_at: datetime
    last_seen_at: datetime | None
    """When one of their browsers was last used; null: never."""


class Users(Output):
    """By name."""

    items: list[User]


class NewUserInput(Input):
    """Somebody new."""

    name: UserName
    email: Email | None = None
    password: Password | None = None
    """Absent: they sign in with the OpenID provider, or by a link."""
    is_admin: bool = False


class UserId(Output):
    """Who it is."""

    id: str


class UpdateUserInput(Input):
    """What is absent stays as it is."""

    user_id: UUID
    is_admin: bool | None = None
    is_disabled: bool | None = None
    """A disabled person is signed out everywhere, and their tokens open nothing."""
    password: Password | None = None
    """A new one; the person is signed out everywhere, and their API tokens end."""

"""What people keep of themselves: their password, and the tokens of their programs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from watchglass.api.shapes.base import Input, Output
from watchglass.model.permission import Scope

Password = Annotated[str, Field(min_length=1, max_length=1000)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Account(Output):
    """The person asking."""

    name: str
    email: str | None
    is_admin: bool
    """Manages the people of this installation."""
    has_password: bool
    issuers: list[str]
    """The OpenID providers that they can sign in with."""


class ChangePasswordInput(Input):
    """A new password."""

    current: Password | None = None
    """The one that it replaces; absent for who has none yet."""
    new: Password
    ends_tokens: bool = False
    """Their API tokens end, too, but those that `up` made for its own machine."""


class PasswordChanged(Output):
    """All other browsers are signed out, and this one has a new session."""

    has_password: bool


class TokenItem(Output):
    """A token that works, without what it is."""

    id: str
    name: str
    scope: Scope
    project_id: str | None
    """The only project that it opens; null: all of its holder's."""
    project_name: str | None
    created_at: datetime
    last_used_at: datetime | None
    """To the minute; null: never."""
    expires_at: datetime


class Tokens(Output):
    """The newest first."""

    items: list[TokenItem]


class NewTokenInput(Input):
    """What a token is for, and good for."""

    name: Name
    scope: Annotated[Scope, Field(strict=False)]
    project_id: UUID | None = None
    """The only project that it opens; absent: all of the person's."""
    expires_in_days: Annotated[int, Field(ge=1, le=365)]


class NewToken(Output):
    """The only time that the token is shown."""

    id: str
    token: str


class TokenIdInput(Input):
    """Names one token."""

    token_id: UUID


class TokenRevoked(Output):
    """It opens nothing any more."""

    revoked: bool

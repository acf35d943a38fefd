"""The OpenID provider that the settings name."""

from uuid import UUID

from watchglass.auth.groups import GroupRole
from watchglass.auth.oidc import Provider, Rules
from watchglass.config import Settings
from watchglass.errors import StartupError
from watchglass.model.project import Role
from watchglass.store.members import Membership

_WITHOUT_VALUES = " without values"


def oidc_provider(settings: Settings) -> Provider | None:
    """None: people sign in otherwise.

    Raises:
        StartupError: the settings name half of one.
    """
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None:
        raise StartupError("WATCHGLASS_OIDC_ISSUER is set without WATCHGLASS_OIDC_CLIENT_ID. Set both.")
    claim, _, value = settings.oidc_admin_claim.partition("=")
    if settings.oidc_admin_claim and not (claim and value):
        raise StartupError("WATCHGLASS_OIDC_ADMIN_CLAIM is not of the form `groups=watchglass-admins`.")
    domains = (domain.strip().lower() for domain in settings.oidc_allowed_domains.split(","))
    secret = settings.oidc_client_secret
    return Provider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        name=settings.oidc_name,
        rules=Rules(
            domains=frozenset(domain for domain in domains if domain),
            links_by_email=settings.oidc_link_by_email,
            admin_claim=(claim, value) if claim else None,
            groups_claim=settings.oidc_groups_claim,
            group_roles=read_group_roles(settings.oidc_group_roles),
        ),
        scopes=settings.oidc_scopes,
    )


def read_group_roles(text: str) -> tuple[GroupRole, ...]:
    """`payments=PROJECT:editor; auditors=PROJECT:viewer without values`. The name of a group may hold `=` and `:`.

    Raises:
        StartupError: an entry is not of that form.
    """
    entries = [entry.strip() for entry in text.split(";") if entry.strip()]
    return tuple(_group_role(entry, number) for number, entry in enumerate(entries, start=1))


def _group_role(entry: str, number: int) -> GroupRole:
    group, _, brought = entry.rpartition("=")
    project, _, said = brought.partition(":")
    said = said.strip()
    try:
        role = Role(said.removesuffix(_WITHOUT_VALUES))
        project_id = UUID(project.strip())
    except ValueError as error:
        raise _not_so(number) from error
    sees = not said.endswith(_WITHOUT_VALUES)
    if not group.strip() or (role is Role.OWNER and not sees):
        raise _not_so(number)
    return GroupRole(group.strip(), project_id, Membership(role, sees))


def _not_so(number: int) -> StartupError:
    return StartupError(
        f"WATCHGLASS_OIDC_GROUP_ROLES: entry {number} is not of the form `GROUP=PROJECT:ROLE`, where PROJECT is the id "
        "in the address of the project's page and ROLE is owner, editor, viewer, `editor without values` or `viewer "
        "without values`; semicolons stand between entries. Correct it and start again."
    )

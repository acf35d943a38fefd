"""The OpenID provider that the settings name."""

from watchglass.auth.oidc import Provider, Rules
from watchglass.config import Settings
from watchglass.errors import StartupError


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
        ),
    )

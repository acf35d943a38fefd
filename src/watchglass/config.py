"""Settings: the environment read once, at the start of a command, into one typed value that is passed on.

WATCHGLASS_*   Watchglass itself
TEMPORAL_*     the observed namespace, with the meaning that Temporal's own tools give them, TOML profiles included
"""

import os
from pathlib import Path
from typing import Annotated, Any, Self

import platformdirs
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict
from temporalio.envconfig import ClientConfigProfile

from watchglass.errors import StartupError
from watchglass.temporal.addresses import url_fault
from watchglass.temporal.profile import profile_fault

OBSERVE_VARIABLES = ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")
"""One of these says that a Temporal is to be observed. A TOML file in the home directory alone does not: it is there
for other tools, and starting Watchglass should not reach out to a server that nobody named."""


def _as_used(url: str) -> str:
    fault = url_fault(url)
    if fault is not None:
        raise PydanticCustomError("url", "the address {fault}", {"fault": fault})
    return url.rstrip("/")


Url = Annotated[str, AfterValidator(_as_used)]
"""By the rule of a connection's addresses, and without a slash at its end."""


def _default_data_dir() -> Path:
    return platformdirs.user_data_path("watchglass", appauthor=False)


class Settings(BaseSettings):
    """What the environment says."""

    model_config = SettingsConfigDict(
        env_prefix="WATCHGLASS_",
        extra="forbid",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(default_factory=_default_data_dir)
    """Where everything that has to be kept is; default: the platform's place for a user's data."""

    database_url: str | None = None
    """URL of the login role; replaces the embedded PostgreSQL."""

    sync_database_url: str | None = None
    """URL of the sync role; needed when WATCHGLASS_DATABASE_URL is set without WATCHGLASS_ADMIN_DATABASE_URL."""

    admin_database_url: str | None = None
    """URL of the role that owns the database and may create roles; used for migrations alone."""

    secret_key: SecretStr | None = None
    """What stored credentials are encrypted with, at least 32 characters; by default the data directory's `secret-key`.
    Several, separated by commas: the first encrypts, all of them decrypt."""

    role_suffix: str = Field(default="", pattern=r"^[a-z0-9_]{0,32}$")
    """Ends the names of the database roles, so that two installations can share one server."""

    control_temporal_address: str | None = None
    """`host:port` of the Temporal for Watchglass's own workflows; replaces the embedded one."""

    control_temporal_namespace: str = "watchglass-system"
    """Its namespace."""

    codec_hosts: str = ""
    """Where codec servers may be, separated by commas: `codec.example.com`, `*.example.com`, `codec.example.com:8443`.
    By default only on this machine itself (127.0.0.1, localhost, ::1)."""

    temporal_hosts: str = ""
    """Temporals that editors may connect to their projects although they do not manage the installation, written as
    `codec_hosts`: only such as let nobody in without credentials. By default Temporal Cloud's, `*.tmprl.cloud` and
    `*.api.temporal.io`."""

    temporal_ui_address: Url | None = None
    """URL of the observed Temporal's own web page, for links to it."""

    temporal_http_address: Url | None = None
    """URL of the observed Temporal's HTTP API, for the rare histories that gRPC clients cannot decode."""

    url: Url | None = None
    """Where the page and the API are, for a project's own worker; by default where `up` on the data directory is."""

    token: SecretStr | None = None
    """Bearer token of somebody who may edit the project, for its own worker; by default one that `up` made."""

    oidc_issuer: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    """The OpenID provider that people sign in with, exactly as it calls itself."""

    oidc_client_id: str | None = None
    """What it calls this installation."""

    oidc_client_secret: SecretStr | None = None
    """By which it knows this installation; without one, PKCE alone protects the exchange."""

    oidc_name: str = "single sign-on"
    """What people call it."""

    oidc_allowed_domains: str = ""
    """E-mail domains, separated by commas, whose people are let in at their first sign-in; nobody new without."""

    oidc_link_by_email: bool = False
    """Is whoever has a verified e-mail address the person here who has it?"""

    oidc_admin_claim: str = ""
    """The claim and value that makes administrators, such as `groups=watchglass-admins`."""

    oidc_scopes: str = Field(default="openid profile email", pattern=r"^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$")
    """What the provider is asked to tell, beginning with `openid`; some tell groups for `groups` alone."""

    oidc_groups_claim: str = Field(default="groups", min_length=1)
    """The claim that holds the groups of a person: a list of names, or one."""

    oidc_group_roles: str = ""
    """What groups bring, separated by semicolons: `payments=PROJECT:editor; auditors=PROJECT:viewer without values`,
    where PROJECT is the id in the address of the project's page."""

    operations_token: SecretStr | None = Field(default=None, min_length=16)
    """Bearer token that opens /metrics and the details of /readyz to other machines; without it only this one sees
    them."""

    api_pool_size: int = Field(default=4, ge=2, le=100)
    """Connections to PostgreSQL that a process of the API opens at most, as each of its two roles."""

    worker_pool_size: int = Field(default=8, ge=4, le=100)
    """The same of a worker; one of them listens all the time."""

    worker_concurrency: int = Field(default=100, ge=4, le=1000)
    """Activities that a worker runs at the same time at most."""

    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")

    @classmethod
    def read(cls, **given: Any) -> Self:
        """Read the environment; `given` values (from the command line) win, those that are None do not count."""
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise StartupError(_sentence(error)) from error


def observed_profile() -> ClientConfigProfile | None:
    """Return how to reach the Temporal that the environment names, or None when it names none."""
    if not any(os.environ.get(name) for name in OBSERVE_VARIABLES):
        return None
    try:
        profile = ClientConfigProfile.load()
    except RuntimeError as error:
        fault = profile_fault(error)
        raise StartupError(f"Temporal's settings (TEMPORAL_*, TOML profile) cannot be read: {fault}.") from error
    if not profile.address:
        raise StartupError(
            "The Temporal profile named by the environment has no address. Set TEMPORAL_ADDRESS, for example "
            "TEMPORAL_ADDRESS=127.0.0.1:7233."
        )
    return profile


def _sentence(error: ValidationError) -> str:
    problems = "; ".join(
        f"WATCHGLASS_{'_'.join(str(part) for part in found['loc']).upper()}: {found['msg']}" for found in error.errors()
    )
    return f"A setting is wrong ({problems}). Correct it and start again."

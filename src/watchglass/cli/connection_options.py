"""The options of `watchglass connection add`, `test` and `update`, and what they say."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer
from temporalio.envconfig import ClientConfigProfile

from watchglass.errors import InvalidInput
from watchglass.model.connection import Budget, ConnectionSettings, Level
from watchglass.model.credentials import Credentials
from watchglass.sync.connections import KEEP, CredentialsChange
from watchglass.temporal.addresses import checked_settings
from watchglass.temporal.profile import credentials_of, profile_fault

_SECRET = "@FILE reads it from a file (@- from standard input), env:NAME from the environment."  # noqa: S105

CodecToken = Annotated[
    str | None, typer.Option(help=f"A token for the codec server, kept encrypted for --at-sync. {_SECRET}")
]


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed of a connection; None: not typed. Every field is an option of the commands that take it."""

    address: Annotated[str | None, typer.Option(help="host:port of the gRPC frontend.")] = None
    namespace: Annotated[str | None, typer.Option(help="Which namespace to look at.")] = None
    api_key: Annotated[str | None, typer.Option(help=f"An API key. {_SECRET}")] = None
    tls: Annotated[
        bool | None, typer.Option("--tls/--no-tls", help="Whether to use TLS; with a key or certificate it is used.")
    ] = None
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", help="File of the client certificate (PEM).")] = None
    tls_key: Annotated[Path | None, typer.Option(help="File of its key (PEM, not encrypted).")] = None
    tls_ca: Annotated[Path | None, typer.Option(help="File of the CA certificate that signed the server's (PEM).")] = (
        None
    )
    tls_server_name: Annotated[
        str | None, typer.Option(help="Name in the server's certificate, if not that of the address.")
    ] = None
    header: Annotated[
        list[str] | None,
        typer.Option(
            help=f"NAME=VALUE, sent with every call, such as authorization=@FILE; repeatable. VALUE: {_SECRET}"
        ),
    ] = None
    profile: Annotated[
        str | None, typer.Option(help="A profile of Temporal's own TOML file: address, namespace, sign-in.")
    ] = None
    config: Annotated[
        Path | None, typer.Option("--config", help="That TOML file, if not where Temporal's tools look.")
    ] = None
    scope: Annotated[
        str | None, typer.Option(help="A visibility query: look at the runs that match it. Empty: at all.")
    ] = None
    level: Annotated[Level | None, typer.Option("--level", help="How much of a run is copied unasked.")] = None
    visibility_rate: Annotated[
        float | None, typer.Option(min=0.1, max=1000, help="Lists and counts a second, at most.")
    ] = None
    history_rate: Annotated[float | None, typer.Option(min=0.1, max=10_000, help="Histories a second, at most.")] = None
    ui_address: Annotated[str | None, typer.Option(help="URL of the Temporal's own web page, for links.")] = None
    http_address: Annotated[str | None, typer.Option(help="URL of its HTTP API, for histories too deep for gRPC.")] = (
        None
    )
    codec_address: Annotated[str | None, typer.Option(help="URL of the codec server that can decode payloads.")] = None

    def settings(self, before: ConnectionSettings | None = None) -> ConnectionSettings:
        """The settings after what was typed. Raises InvalidInput."""
        profile = self.read_profile()
        address = self.address or (profile.address if profile else None) or (before.address if before else None)
        if not address:
            raise InvalidInput("Say where the Temporal is with --address, or name a --profile that says it.")
        named = self.namespace or (profile.namespace if profile else None)
        base = before or ConnectionSettings(address, "default")
        budget = Budget(
            self.visibility_rate or base.budget.visibility_per_second,
            self.history_rate or base.budget.history_per_second,
        )
        settings = ConnectionSettings(
            address=address,
            namespace=named or base.namespace,
            scope=base.scope if self.scope is None else self.scope.strip(),
            level=self.level or base.level,
            budget=budget,
            ui_address=_url(self.ui_address, base.ui_address),
            http_address=_url(self.http_address, base.http_address),
            codec_address=_url(self.codec_address, base.codec_address),
        )
        return checked_settings(settings)

    def credentials(self, before: Credentials) -> Credentials:
        """The credentials after what was typed; the files that it names are read. Raises InvalidInput."""
        profile = self.read_profile()
        after = credentials_of(profile) if profile else before
        if self.api_key is not None:
            after = replace(after, api_key=read_secret(self.api_key) or None)
        if self.tls_cert is not None or self.tls_key is not None:
            after = replace(after, client_certificate=_file(self.tls_cert), client_key=_file(self.tls_key))
        if self.tls_ca is not None:
            after = replace(after, server_ca=_file(self.tls_ca))
        if self.tls_server_name is not None:
            after = replace(after, server_name=self.tls_server_name or None)
        if self.header is not None:
            after = replace(after, headers=tuple(_header(text) for text in self.header))
        return replace(after, tls=self._uses_tls(after))

    def change(self, before: Credentials) -> CredentialsChange:
        """What becomes of the credentials; secrets that were not typed are kept, not entered. Raises InvalidInput."""
        if not self.signs_in:
            return CredentialsChange()
        after = CredentialsChange.to(self.credentials(before))
        if self.profile is not None or self.config is not None:
            return after
        return replace(
            after,
            api_key=KEEP if self.api_key is None else after.api_key,
            client=KEEP if self.tls_cert is None else after.client,
            headers=KEEP if self.header is None else after.headers,
        )

    def _uses_tls(self, after: Credentials) -> bool:
        if self.tls is not None:
            return self.tls
        return after.tls or any((self.api_key, self.tls_cert, self.tls_ca, self.tls_server_name))

    @property
    def signs_in(self) -> bool:
        """Was anything of the sign-in typed?"""
        typed = (self.api_key, self.tls, self.tls_cert, self.tls_key, self.tls_ca, self.tls_server_name, self.header)
        return any(part is not None for part in (*typed, self.profile, self.config))

    def read_profile(self) -> ClientConfigProfile | None:
        """The TOML profile that was named. Raises InvalidInput."""
        if self.profile is None and self.config is None:
            return None
        source = self.config or (Path(named) if (named := os.environ.get("TEMPORAL_CONFIG_FILE")) else None)
        if source is not None and not source.is_file():
            raise InvalidInput(f"The Temporal profile cannot be read: there is no file {source}.")
        try:
            # Without the environment: it may be about another Temporal.
            return ClientConfigProfile.load(self.profile, config_source=source, disable_env=True)
        except (RuntimeError, OSError) as error:
            raise InvalidInput(f"The Temporal profile cannot be read: {profile_fault(error)}.") from error


def takes_given(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for each field of `Given`, in the place of its parameter `given`."""
    own = signature(command, eval_str=True).parameters.values()
    options = signature(Given, eval_str=True).parameters.values()
    keyword = Parameter.KEYWORD_ONLY
    before = [each for each in own if each.default is Parameter.empty and each.name != "given"]
    after = [each for each in own if each.default is not Parameter.empty]
    typed = [each.replace(kind=keyword) for each in (*before, *options, *after)]

    @wraps(command)
    def with_options(**values: Any) -> None:
        given = Given(**{option.name: values.pop(option.name) for option in options})
        command(given=given, **values)

    # Where Typer reads which options there are, and their types.
    with_options.__signature__ = Signature(typed)  # type: ignore[attr-defined]
    with_options.__annotations__ = {each.name: each.annotation for each in typed}
    return with_options


def read_secret(text: str) -> str:
    """A secret that was typed, or that `@FILE` or `env:NAME` leads to. Raises InvalidInput."""
    if text == "@-":
        return sys.stdin.readline().strip()
    if text.startswith("@"):
        return _file(Path(text[1:])).strip()
    if text.startswith("env:"):
        name = text.removeprefix("env:")
        if not os.environ.get(name):
            raise InvalidInput(f"The environment variable {name} is not set, or empty.")
        return os.environ[name].strip()
    return text


def _header(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidInput("A --header is written NAME=VALUE, for instance authorization=@token.txt.")
    return name.strip().lower(), read_secret(value)


def _file(path: Path | None) -> str:
    if path is None:
        raise InvalidInput("A client certificate and its key belong together: give --tls-cert and --tls-key.")
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The file {path} cannot be read: {error}.") from error


def _url(typed: str | None, before: str | None) -> str | None:
    """Nothing typed leaves it; an empty text takes it away."""
    return before if typed is None else typed or None

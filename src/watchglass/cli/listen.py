"""The address that the page is served at."""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from watchglass.api.guards import LOOPBACK_HOSTS
from watchglass.embedded.ports import first_free_port
from watchglass.errors import InvalidInput, StartupError
from watchglass.store.scope import Store
from watchglass.store.users import has_password_users

DEFAULT_PORT = 8780

Host = Annotated[str, typer.Option(help="Address to listen on; others than this machine's own need --behind-tls.")]
BehindTls = Annotated[
    bool, typer.Option("--behind-tls", help="Browsers come by https, through a proxy that ends TLS before Watchglass.")
]
AllowedHost = Annotated[
    list[str] | None, typer.Option(help="A name under which browsers know Watchglass, such as watchglass.example.org.")
]
TrustedProxy = Annotated[
    list[str] | None, typer.Option(help="Address or network of a proxy whose X-Forwarded-For is to be believed.")
]


@dataclass(frozen=True, slots=True)
class Reach:
    """From where, and under which names, the page is reached."""

    host: str = "127.0.0.1"
    is_behind_tls: bool = False
    names: tuple[str, ...] = ()
    """Besides the machine's own; the first is the one that links are made with."""
    proxies: tuple[str, ...] = ()
    """Whose word on where a request comes from is taken."""

    @property
    def has_proxy(self) -> bool:
        """Does something stand before it, which is where requests seem to come from?"""
        return self.is_behind_tls or bool(self.proxies)

    @property
    def is_public(self) -> bool:
        return not (self.host == "localhost" or _is_loopback(self.host))

    @property
    def hosts(self) -> frozenset[str]:
        """What a request's Host may be, without port."""
        named = {name.rpartition(":")[0] if name.rpartition(":")[2].isdecimal() else name for name in self.names}
        own = set() if _is_wildcard(self.host) else {f"[{self.host}]" if ":" in self.host else self.host}
        return LOOPBACK_HOSTS | {name.lower() for name in named | own}

    def address(self, listener: socket.socket) -> str:
        """The page's address for people: https and a name where there are both."""
        return f"https://{self.names[0]}/" if self.is_behind_tls and self.names else page_url(listener)


def reach(host: str, *, is_behind_tls: bool, names: Sequence[str] | None, proxies: Sequence[str] | None) -> Reach:
    """What the command line asked for.

    Raises:
        InvalidInput: others than this machine could listen in, or nobody could come in.
    """
    wanted = Reach(host, is_behind_tls, tuple(names or ()), tuple(proxies or ()))
    if not host:
        raise InvalidInput("--host is empty. Leave it out to listen on 127.0.0.1.")
    if wanted.is_public and not is_behind_tls:
        raise InvalidInput(
            f"Watchglass does not listen on {host} without TLS: anybody on the network could read passwords and "
            "sessions. Put a proxy that ends TLS before it and say --behind-tls, or use 127.0.0.1 and an SSH tunnel."
        )
    if is_behind_tls and not names:
        raise InvalidInput(
            "Say with --allowed-host under which name browsers come, such as --allowed-host watchglass.example.org: "
            "requests for other names are refused."
        )
    for proxy in wanted.proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            raise InvalidInput(f"--trusted-proxy {proxy} is no IP address or network, such as 10.0.0.7.") from None
    return wanted


async def refuse_without_people(store: Store, wanted: Reach, *, has_provider: bool) -> None:
    """Raises StartupError for an address of the network while nobody could sign in there."""
    if not wanted.is_public or has_provider:
        return
    async with store.door() as door:
        if await has_password_users(door):
            return
    raise StartupError(
        f"Watchglass does not listen on {wanted.host} yet: nobody can sign in. Set a password with `watchglass user "
        "set-password owner`, or name an OpenID provider with WATCHGLASS_OIDC_ISSUER, and start it again."
    )


def open_listener(host: str, port: int | None) -> socket.socket:
    """Listen on `port`; without one, on 8780 or the next free port.

    Raises:
        StartupError: the given port is taken.
    """
    if port is not None:
        return _listen(host, port)
    return _listen(host, first_free_port(DEFAULT_PORT))


def page_url(listener: socket.socket) -> str:
    """Return the address for a browser on this machine, such as http://127.0.0.1:8780/."""
    host, port = listener.getsockname()[:2]
    if _is_wildcard(host):
        host = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # From here on the port is ours: programs that start later see it taken.
        listener.listen(socket.SOMAXCONN)
    except OSError as error:
        listener.close()
        raise StartupError(
            f"Port {port} on {host} is not free ({error.strerror}). Another program uses it: stop that one, "
            "choose another with --port, or leave --port out to take the next free one."
        ) from error
    return listener


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

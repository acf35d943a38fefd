"""The address that the page is served at."""

import ipaddress
import socket

from watchglass.embedded.ports import first_free_port
from watchglass.errors import InvalidInput, StartupError

DEFAULT_PORT = 8780


def refuse_public_host(host: str) -> None:
    """Refuse any address but the machine's own: there is no sign-in by password yet that could protect it."""
    if host == "localhost" or _is_loopback(host):
        return
    raise InvalidInput(
        f"Watchglass does not listen on {host}: the sign-in link is the only sign-in there is, and without TLS "
        "anybody on the network could read it. Use 127.0.0.1, and an SSH tunnel or a proxy with sign-in to reach it."
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
    """Return the address for a browser, such as http://127.0.0.1:8780/."""
    host, port = listener.getsockname()[:2]
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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

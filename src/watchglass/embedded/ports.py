"""Free TCP ports on the loopback address.

A port found free can be taken before it is used; whoever starts a server on one must be ready to ask again.
"""

import socket

from watchglass.errors import StartupError

LOOPBACK = "127.0.0.1"


def is_port_free(port: int, host: str = LOOPBACK) -> bool:
    """Say whether a server could listen on `port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Servers set this too: a port whose last connections are in TIME_WAIT is free for them.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that the system hands out as free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def first_free_port(preferred: int, *, tries: int = 200) -> int:
    """Return `preferred` when it is free, else the next free port above it."""
    last = min(preferred + tries, 65_536)
    for port in range(preferred, last):
        if is_port_free(port):
            return port
    raise StartupError(
        f"No port from {preferred} to {last - 1} is free on this machine. Stop one of the programs that use them."
    )

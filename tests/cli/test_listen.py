import socket

import pytest

from watchglass.cli.listen import open_listener, page_url, refuse_public_host
from watchglass.embedded.ports import LOOPBACK, free_port
from watchglass.errors import InvalidInput, StartupError


class TestRefusePublicHost:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
    def test_the_machines_own_addresses_are_allowed(self, host: str) -> None:
        refuse_public_host(host)

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.test", ""])
    def test_others_are_refused_with_the_reason(self, host: str) -> None:
        with pytest.raises(InvalidInput, match="sign-in link"):
            refuse_public_host(host)


class TestOpenListener:
    def test_a_given_port_is_taken(self) -> None:
        port = free_port()
        with open_listener(LOOPBACK, port) as listener:
            assert page_url(listener) == f"http://127.0.0.1:{port}/"

    def test_a_given_port_that_another_program_uses_is_an_error(self) -> None:
        with socket.create_server((LOOPBACK, 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(StartupError, match=rf"Port {port} .*Another program uses it"):
                open_listener(LOOPBACK, port)

    def test_without_one_two_listeners_get_two_ports(self) -> None:
        with open_listener(LOOPBACK, None) as first, open_listener(LOOPBACK, None) as second:
            assert page_url(first) != page_url(second)

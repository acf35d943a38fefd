import socket

from watchglass.embedded.ports import LOOPBACK, first_free_port, free_port, is_port_free


class TestFirstFreePort:
    def test_the_preferred_port_wins_when_free(self) -> None:
        port = free_port()
        assert first_free_port(port) == port

    def test_a_taken_port_is_passed_over(self) -> None:
        with socket.create_server((LOOPBACK, 0)) as taken:
            port = taken.getsockname()[1]
            assert not is_port_free(port)
            assert first_free_port(port) > port

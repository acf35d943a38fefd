import socket

import pytest

from watchglass.auth.people import create_user
from watchglass.cli.listen import Reach, open_listener, page_url, reach, refuse_without_people
from watchglass.embedded.ports import LOOPBACK, free_port
from watchglass.errors import InvalidInput, StartupError
from watchglass.store.scope import Store


def asked(host: str, *names: str, tls: bool = False, proxies: tuple[str, ...] = ()) -> Reach:
    return reach(host, is_behind_tls=tls, names=names, proxies=proxies)


class TestReach:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1"])
    def test_the_machines_own_addresses_are_allowed(self, host: str) -> None:
        assert not asked(host).is_public

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.test"])
    def test_others_are_refused_without_tls_with_the_reason(self, host: str) -> None:
        with pytest.raises(InvalidInput, match="could read passwords"):
            asked(host, "watch.example.test")

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7"])
    def test_others_are_accepted_behind_tls_under_a_name(self, host: str) -> None:
        assert asked(host, "watch.example.test", tls=True).is_public
        with pytest.raises(InvalidInput, match="--allowed-host"):
            asked(host, tls=True)

    def test_requests_are_answered_under_the_names_and_the_own_address(self) -> None:
        own = {"127.0.0.1", "localhost", "[::1]"}
        assert asked("127.0.0.1").hosts == own
        assert asked("0.0.0.0", "Watch.Example.test:8443", tls=True).hosts == own | {"watch.example.test"}
        assert asked("10.0.0.7", "w.test", tls=True).hosts == own | {"w.test", "10.0.0.7"}
        assert asked("fd00::7", "w.test", tls=True).hosts == own | {"w.test", "[fd00::7]"}

    @pytest.mark.parametrize("proxy", ["proxy.test", "*", "10.0.0.7/8"])
    def test_a_proxy_is_an_address(self, proxy: str) -> None:
        with pytest.raises(InvalidInput, match="--trusted-proxy"):
            asked("127.0.0.1", proxies=(proxy,))

    def test_people_are_sent_to_the_name_and_programs_to_this_machine(self) -> None:
        with open_listener("0.0.0.0", free_port()) as listener:
            port = listener.getsockname()[1]
            assert page_url(listener) == f"http://127.0.0.1:{port}/"
            assert asked("0.0.0.0", "w.test", tls=True).address(listener) == "https://w.test/"
            assert asked("127.0.0.1").address(listener) == page_url(listener)


async def test_nobody_is_let_in_from_the_network_while_nobody_can_sign_in(store: Store) -> None:
    public = asked("0.0.0.0", "w.test", tls=True)
    with pytest.raises(StartupError, match="watchglass user set-password"):
        await refuse_without_people(store, public, has_provider=False)
    await refuse_without_people(store, asked("127.0.0.1"), has_provider=False)
    await refuse_without_people(store, public, has_provider=True)
    await create_user(store, name="ada", email=None, password="four unrelated words", is_admin=False)
    await refuse_without_people(store, public, has_provider=False)


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

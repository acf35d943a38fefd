"""What can be an address, and what is said of what cannot."""

import pytest

from watchglass.errors import InvalidInput
from watchglass.model.connection import ConnectionSettings
from watchglass.temporal.addresses import checked_settings, refuse_bad_url


@pytest.mark.parametrize(
    "address",
    [
        "",
        "temporal",
        "temporal:",
        ":7233",
        "temporal:0",
        "temporal:65536",
        "temporal:99999",
        "temporal:-1",
        "temporal:٧٢",
        "http://temporal:7233",
        "ada@temporal:7233",
        "two..dots:7233",
        "-dash:7233",
        "x" * 64 + ":7233",
        "a." * 127 + ":7233",
        "::1:7233",
        "[::1:7233",
        "[temporal]:7233",
        "tempöral:7233",
    ],
)
def test_what_is_no_host_and_port_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="Write host:port"):
        checked_settings(ConnectionSettings(address, "default"))


@pytest.mark.parametrize("address", ["temporal:7233", "127.0.0.1:1", "[::1]:65535", "eu-1.tmprl_x.cloud.:443"])
def test_hosts_and_ports_that_are_used(address: str) -> None:
    assert checked_settings(ConnectionSettings(address, "default")).address == address


@pytest.mark.parametrize("field", ["ui_address", "http_address", "codec_address"])
def test_urls_of_a_connection_hold_no_password_and_end_without_a_slash(field: str) -> None:
    used = checked_settings(ConnectionSettings("a:1", "default", **{field: "http://temporal.example/ui/"}))
    assert getattr(used, field) == "http://temporal.example/ui"
    with pytest.raises(InvalidInput, match="holds no user name or password") as refused:
        checked_settings(ConnectionSettings("a:1", "default", **{field: "http://ada:secret@temporal.example"}))
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    "url",
    [
        "",
        "codec.example.com",
        "ftp://codec.example.com",
        "file:///etc/passwd",
        "//codec.example.com",
        "http://",
        "http://ada:secret@codec.example.com",
        "http://ada@codec.example.com",
        "http://codec.example.com\\@127.0.0.1",
        "http://codec.example.com/?key=1",
        "http://codec.example.com/#part",
        "http://codec.example.com:port",
        "http://codec.example.com:99999",
        "http://[::1",
        "http://codec.example.com/a b",
        "http://codec.example.com/\r\nX-Other: 1",
        "http://ｅxample.com",
        "http://example.com/" + "x" * 500,
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        refuse_bad_url(url, "a codec server")
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8081", "https://codec.example.com/v1/", "https://c.example.com/{namespace}", "http://[::1]:1"],
)
def test_urls_that_are_used(url: str) -> None:
    refuse_bad_url(url, "a codec server")


LINK_LOCAL = [
    *("169.254.169.254", "169.254.0.1", "2852039166", "0xa9fea9fe", "169.254.43518", "0251.0376.0251.0376"),
    *("[fe80::1]", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "100.100.100.200"),
]


@pytest.mark.parametrize("host", LINK_LOCAL)
def test_where_clouds_keep_a_machines_secrets_nobody_asks(host: str) -> None:
    with pytest.raises(InvalidInput, match="No Temporal is asked at"):
        checked_settings(ConnectionSettings(f"{host}:80", "default"))
    with pytest.raises(InvalidInput, match="No Temporal is asked at"):
        checked_settings(ConnectionSettings("temporal:7233", "default", http_address=f"http://{host}"))


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.1.1", "172.16.0.1", "[fd00::1]", "127.0.0.1", "[::1]", "100.64.0.1"]
)
def test_private_networks_are_where_a_temporal_usually_is(host: str) -> None:
    checked_settings(ConnectionSettings(f"{host}:7233", "default", http_address=f"http://{host}:7243"))

"""Where codec servers may be."""

import pytest

from watchglass.errors import InvalidInput
from watchglass.temporal.codec_hosts import CodecHosts

LIST = "codec.example.com, *.inside.example, ported.example:8443, [::2]:9000"


@pytest.mark.parametrize(
    "address",
    [
        "https://codec.example.com",
        "http://codec.example.com:8081/path",
        "https://CODEC.example.com.",
        "https://a.b.inside.example",
        "https://ported.example:8443/x",
        "http://[::2]:9000",
    ],
)
def test_a_host_on_the_list_is_asked(address: str) -> None:
    CodecHosts.read(LIST).refuse_others(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://codec.example.com.evil.example",
        "https://evilcodec.example.com",
        "https://inside.example",
        "https://evil-inside.example",
        "https://ported.example",
        "https://ported.example:8444",
        "http://127.0.0.1:8081",
        "http://169.254.169.254/latest",
        "http://[::2]:9001",
        "https://codec.example.com@evil.example",
    ],
)
def test_no_other_host_is(address: str) -> None:
    with pytest.raises(InvalidInput, match="WATCHGLASS_CODEC_HOSTS"):
        CodecHosts.read(LIST).refuse_others(address)


@pytest.mark.parametrize("text", ["", " , "])
def test_without_a_list_only_this_machine_is_asked(text: str) -> None:
    hosts = CodecHosts.read(text)
    for address in ("http://127.0.0.1:8081", "https://localhost", "http://[::1]:1/x"):
        hosts.refuse_others(address)
    with pytest.raises(InvalidInput):
        hosts.refuse_others("https://codec.example.com")

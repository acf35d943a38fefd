"""Where values and tokens may be sent."""

import pytest
from temporalio.api.common.v1 import Payload
from tests.codec import TOKEN, codec_server

from watchglass.errors import InvalidInput
from watchglass.temporal.codec import Codec, decode, refuse_bad_address
from watchglass.temporal.errors import CodecUnavailable

SECRET = Payload(metadata={"encoding": b"binary/plain"}, data=b"as it is")


@pytest.mark.parametrize(
    "address",
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
def test_addresses_that_are_refused(address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        refuse_bad_address(address)
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8081", "https://codec.example.com/v1/", "https://c.example.com/{namespace}", "http://[::1]:1"],
)
def test_addresses_that_are_used(address: str) -> None:
    refuse_bad_address(address)


async def test_the_namespace_may_be_part_of_the_address() -> None:
    async with codec_server() as server:
        codec = Codec(server.address + "/{namespace}/", "shop one", TOKEN)
        with pytest.raises(Exception, match="answered 404"):
            await decode(codec, [SECRET])
        assert await decode(Codec(server.address + "/", "shop", TOKEN), [SECRET]) == [SECRET]


async def test_many_values_are_sent_in_batches_and_come_back_in_order() -> None:
    payloads = [Payload(metadata={"encoding": b"binary/plain"}, data=str(number).encode()) for number in range(450)]
    async with codec_server() as server:
        assert await decode(Codec(server.address, "shop", TOKEN), payloads) == payloads
        assert [asked.count for asked in server.asked] == [200, 200, 50]


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with codec_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        with pytest.raises(CodecUnavailable):
            await decode(Codec("http://codec.invalid", "shop", TOKEN), [SECRET])
        assert proxy.asked == []


def test_a_token_is_not_shown_with_its_codec() -> None:
    assert TOKEN not in repr(Codec("http://codec.example.com", "shop", TOKEN))

"""Where values and tokens may be sent."""

import pytest
from temporalio.api.common.v1 import Payload
from tests.codec import TOKEN, codec_server

from watchglass.temporal.codec import Codec, decode
from watchglass.temporal.errors import CodecUnavailable

SECRET = Payload(metadata={"encoding": b"binary/plain"}, data=b"as it is")


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

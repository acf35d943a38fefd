"""A remote codec server: Temporal's own HTTP protocol for having payloads decoded by whoever holds the keys.

POST {address}/decode    X-Namespace: shop    Authorization: Bearer …
{"payloads": [{"metadata": {"encoding": "…"}, "data": "…"}]}      both base64; the answer has the same form
"""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote

import httpx
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from watchglass.errors import InvalidInput
from watchglass.temporal.addresses import refuse_bad_url
from watchglass.temporal.errors import CodecFaulty, CodecRefused, CodecUnavailable

CODEC_SECONDS = 5.0
"""For everything that is decoded while somebody looks."""
ANSWER_BYTES = 8 * 1024 * 1024
_BATCH_PAYLOADS = 200
_BATCH_BYTES = 2 * 1024 * 1024
"""Of encoded data in one request, so that a codec that unpacks compressed values stays below `ANSWER_BYTES`."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec server, and as whom it is asked."""

    address: str
    namespace: str
    token: str | None = field(default=None, repr=False)
    """Sent as a bearer token; never kept, never logged."""


def refuse_bad_token(token: str | None) -> None:
    """A token is what a header can carry. The sentence does not repeat it.

    Raises:
        InvalidInput: it is not.
    """
    if token is not None and not (token.isascii() and token.isprintable()):
        raise InvalidInput("A token for the codec server consists of printable ASCII characters.")


async def decode(codec: Codec, payloads: Sequence[Payload], *, seconds: float = CODEC_SECONDS) -> list[Payload]:
    """What the codec server makes of these payloads, one each, in their order; `seconds` for all of them.

    Raises:
        CodecUnavailable, CodecRefused, CodecFaulty
        InvalidInput: the address or the token cannot be used.
    """
    refuse_bad_url(codec.address, "a codec server")
    headers = _headers(codec)
    decoded: list[Payload] = []
    try:
        async with asyncio.timeout(seconds), _client() as client:
            for batch in _batches(payloads):
                decoded += await _post(client, codec, headers, batch)
    except (TimeoutError, httpx.TimeoutException) as error:
        raise CodecUnavailable(
            f"The codec server at {codec.address} did not answer within {seconds:g} s. Try again in a moment."
        ) from error
    except httpx.TransportError as error:
        raise CodecUnavailable(
            f"The codec server at {codec.address} cannot be reached. Check its address, and that it runs."
        ) from error
    return decoded


def _headers(codec: Codec) -> dict[str, str]:
    # Compressed answers are not asked for: a small one could unpack to more than the memory holds.
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    headers["X-Namespace"] = quote(codec.namespace, safe="")
    if codec.token:
        refuse_bad_token(codec.token)
        headers["Authorization"] = f"Bearer {codec.token}"
    return headers


def _client() -> httpx.AsyncClient:
    # No proxies from the environment: the values and the token go to the address that the connection names.
    return httpx.AsyncClient(timeout=CODEC_SECONDS, trust_env=False, follow_redirects=False, verify=_authorities())


@cache
def _authorities() -> ssl.SSLContext:
    """Made once: reading the authorities takes longer than most answers do."""
    return httpx.create_ssl_context()


def _batches(payloads: Sequence[Payload]) -> Iterator[list[Payload]]:
    batch: list[Payload] = []
    size = 0
    for payload in payloads:
        if batch and (len(batch) == _BATCH_PAYLOADS or size + len(payload.data) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(payload)
        size += len(payload.data)
    if batch:
        yield batch


async def _post(
    client: httpx.AsyncClient, codec: Codec, headers: dict[str, str], batch: Sequence[Payload]
) -> list[Payload]:
    body = await asyncio.to_thread(MessageToJson, Payloads(payloads=batch), indent=None)
    async with client.stream("POST", _url(codec), content=body, headers=headers) as response:
        _refuse_status(codec, response.status_code)
        answer = await _read(codec, response)
    decoded = await asyncio.to_thread(_payloads_of, codec, answer)
    if len(decoded) != len(batch):
        raise CodecFaulty(
            f"The codec server at {codec.address} was asked for {len(batch)} values and answered with {len(decoded)}. "
            "Nothing is shown, because nobody can tell which is which."
        )
    return decoded


def _url(codec: Codec) -> str:
    """`{namespace}` in the address stands for the namespace, as in Temporal's own web page."""
    return codec.address.replace("{namespace}", quote(codec.namespace, safe="")).rstrip("/") + "/decode"


def _refuse_status(codec: Codec, status: int) -> None:
    where = f"The codec server at {codec.address}"
    if status in (401, 403):
        said = f"refuses the token ({status})" if codec.token else f"asks for a token ({status})"
        raise CodecRefused(f"{where} {said}. Give one that it accepts.")
    if 300 <= status < 400:
        raise CodecFaulty(
            f"{where} sends the request elsewhere ({status}), which is not followed: values and token go to the "
            "address that the connection names, and nowhere else. Set the final address there."
        )
    if status >= 500:
        raise CodecUnavailable(f"{where} failed ({status}). Its own log says why.")
    if status != 200:
        raise CodecFaulty(f"{where} answered {status} to /decode. Check that it is a codec server's address.")


async def _read(codec: Codec, response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_raw():
        size += len(part)
        if size > ANSWER_BYTES:
            raise CodecFaulty(
                f"The codec server at {codec.address} answered with more than {ANSWER_BYTES // 1024**2} MB. "
                "Ask for fewer or smaller values."
            )
        parts.append(part)
    return b"".join(parts)


def _payloads_of(codec: Codec, answer: bytes) -> list[Payload]:
    try:
        return list(Parse(answer, Payloads(), ignore_unknown_fields=True).payloads)
    except (ParseError, UnicodeDecodeError, RecursionError) as error:
        raise CodecFaulty(
            f"The codec server at {codec.address} answered with something else than payloads. "
            "Check that it is a codec server's address."
        ) from error

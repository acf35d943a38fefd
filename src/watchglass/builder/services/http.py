"""One HTTP request to an address that was checked; redirects are answers, not orders."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from watchglass.builder.reach import Reach
from watchglass.builder.read import MAXIMUM_DEPTH, is_deeper
from watchglass.builder.services.errors import ServiceTooMuch, ServiceUnreachable
from watchglass.errors import InvalidInput

ANSWER_BYTES = 1_000_000
"""Temporal takes no more than 2 MB a value."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any
    """Parsed where the answer says that it is JSON; else text."""


async def send(
    reach: Reach,
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    seconds: float,
) -> Answer:
    """Send it and read the answer.

    Raises:
        InvalidInput: the URL or a header cannot be used.
        AddressRefused, HostUnknown
        ServiceUnreachable: no answer within `seconds`, or none at all.
        ServiceTooMuch: more than `ANSWER_BYTES`.
    """
    parsed = _parse(url)
    port = parsed.port or _PORTS[parsed.scheme]
    try:
        async with asyncio.timeout(seconds):
            address = await reach.address_of(parsed.host, port)
            try:
                request = _request(parsed, method, headers, body, address=address)
            except (ValueError, UnicodeError) as error:
                raise InvalidInput("A header holds characters that headers cannot carry: use ASCII there.") from error
            async with _client(seconds) as client:
                answer = await client.send(request, stream=True)
                try:
                    text = await _read(answer, parsed.host)
                finally:
                    await answer.aclose()
    except (TimeoutError, httpx.TimeoutException) as error:
        raise ServiceUnreachable(f"{parsed.host} did not answer within {seconds:g} s.") from error
    except httpx.TransportError as error:
        raise ServiceUnreachable(f"{parsed.host} cannot be reached: {_why(error)}.") from error
    return Answer(answer.status_code, dict(answer.headers), _body(answer, text))


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise InvalidInput(f"{_named(url)} is no address of the form https://host/path.") from error
    if parsed.scheme not in _PORTS or not parsed.host or parsed.userinfo or "\\" in url:
        raise InvalidInput(
            f"{_named(url)} cannot be asked. Write http:// or https://, a host, and no user name or password."
        )
    return parsed


def _named(url: str) -> str:
    """With an @ it may hold a password."""
    return "The URL" if "@" in url else repr(url[:200])


def _request(
    url: httpx.URL, method: str, headers: Mapping[str, str], body: bytes | None, *, address: str
) -> httpx.Request:
    # What is connected to is the address that was checked; the certificate is still asked for the name.
    pinned = url.copy_with(host=address)
    sent = httpx.Headers({"User-Agent": "watchglass"})
    sent.update(headers)
    # A compressed answer could unpack to more than the memory holds.
    sent.update({"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"})
    if not all(value.isprintable() for value in sent.values()):
        raise InvalidInput("A header holds line breaks or other characters that headers cannot carry.")
    return httpx.Request(method, pinned, headers=sent, content=body, extensions={"sni_hostname": url.host})


def _client(seconds: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=_tls(), follow_redirects=False, trust_env=False, timeout=httpx.Timeout(seconds))


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


async def _read(answer: httpx.Response, host: str) -> bytes:
    text = bytearray()
    async for part in answer.aiter_raw():
        text += part
        if len(text) > ANSWER_BYTES:
            raise ServiceTooMuch(
                f"{host} answers with more than {ANSWER_BYTES:,} bytes, more than a step can give to the next. "
                "Ask for less at once."
            )
    return bytes(text)


def _body(answer: httpx.Response, text: bytes) -> Any:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        # What says that it is JSON and is none, or nests further than whoever comes next can read, is told as it is.
        with suppress(ValueError, RecursionError):
            value = json.loads(text, parse_constant=_refuse_constant)
            if not is_deeper(value, MAXIMUM_DEPTH):
                return value
    return text.decode(answer.encoding or "utf-8", errors="replace")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _why(error: httpx.TransportError) -> str:
    return str(error).rstrip(".") or type(error).__name__

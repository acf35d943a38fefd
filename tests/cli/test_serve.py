"""Where a request comes from, as the server that is really used tells it."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from watchglass.cli.listen import open_listener, page_url
from watchglass.cli.serve import PageServer
from watchglass.embedded.ports import LOOPBACK, free_port


async def where_from(request: Request) -> PlainTextResponse:
    assert request.client is not None
    return PlainTextResponse(request.client.host)


@pytest.mark.parametrize(
    ("proxies", "said", "believed"),
    [
        ((), "203.0.113.9", LOOPBACK),
        (("10.0.0.7",), "203.0.113.9", LOOPBACK),
        ((LOOPBACK,), "203.0.113.9", "203.0.113.9"),
        # Whatever stands before the proxy's own word is what the browser wrote.
        ((LOOPBACK,), "127.0.0.99, 203.0.113.9", "203.0.113.9"),
        (("127.0.0.0/8",), "203.0.113.9, 127.0.0.2", "203.0.113.9"),
    ],
)
async def test_only_a_trusted_proxys_word_counts(proxies: tuple[str, ...], said: str, believed: str) -> None:
    with open_listener(LOOPBACK, free_port()) as listener:
        server = PageServer(Starlette(routes=[Route("/", where_from)]), listener, proxies=proxies)
        await server.start()
        try:
            async with httpx.AsyncClient() as client:
                answer = await client.get(page_url(listener), headers={"x-forwarded-for": said})
        finally:
            await server.stop()
    assert answer.text == believed

"""A run's history over the frontend's HTTP API, for the histories that no gRPC client can decode."""

import re
from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import quote

import httpx

from watchglass.errors import said
from watchglass.model.execution import RunRef
from watchglass.temporal.access import Access, CallKind, HttpApi
from watchglass.temporal.errors import HistoryUnreadable, RunMissing, TemporalBusy, TemporalUnavailable
from watchglass.temporal.tls import tls_context

HTTP_SECONDS = 15.0
LIMIT_BYTES = 300 * 1024 * 1024
_HEADERS = {
    # Payloads as the bytes they are: without it the server writes their JSON anew, and the digits of numbers are lost.
    "Accept": "application/json+no-payload-shorthand",
    # A compressed answer could unpack to more than the memory holds: 64 KB, compressed twice, to 60 GB.
    "Accept-Encoding": "identity",
}
_TOKEN = re.compile(rb'[,{]\s*"nextPageToken"\s*:\s*"([^"\\]+)"(?:\s*,\s*"archived"\s*:\s*\w+)?\s*\}\s*\Z')
"""Found at the end of the text, because a page may nest too deeply to be parsed just for it."""
_TOKEN_BYTES = 20_000


async def read_over_http(access: Access, api: HttpApi, ref: RunRef) -> AsyncIterator[bytes]:
    """Yield the history's pages, oldest first, as JSON bytes (`{"history": {"events": …}}`), not parsed.

    Raises:
        TemporalUnavailable, TemporalBusy, RunMissing, HistoryUnreadable
    """
    namespace = quote(access.namespace, safe="")
    url = f"{api.address}/api/v1/namespaces/{namespace}/workflows/{quote(ref.workflow_id, safe='')}/history"
    parameters = {"execution.runId": ref.run_id}
    size = 0
    async with _client(api) as client:
        while True:
            ask = partial(_read_page, client, url, parameters, ref, limit=LIMIT_BYTES - size)
            page = await access.paced(CallKind.HISTORY, ask)
            size += len(page)
            yield page
            token = _TOKEN.search(page[-_TOKEN_BYTES:])
            if token is None:
                return
            parameters["nextPageToken"] = token[1].decode("ascii")


def _client(api: HttpApi) -> httpx.AsyncClient:
    credentials = api.credentials
    headers = {**_HEADERS, **dict(credentials.headers)}
    if credentials.api_key:
        headers["Authorization"] = f"Bearer {credentials.api_key}"
    is_encrypted = api.address.startswith("https:")
    verify = tls_context(credentials) if is_encrypted and credentials.tls else True
    return httpx.AsyncClient(timeout=HTTP_SECONDS, trust_env=False, headers=headers, verify=verify)


async def _read_page(
    client: httpx.AsyncClient, url: str, parameters: dict[str, str], ref: RunRef, *, limit: int
) -> bytes:
    try:
        async with client.stream("GET", url, params=parameters) as answer:
            _refuse_bad_status(answer.status_code, ref)
            return await _read_body(answer, ref, limit=limit)
    except httpx.HTTPError as error:
        raise TemporalUnavailable(
            f"Temporal's HTTP API did not answer when asked for {_subject(ref)}: {said(error)}."
        ) from error


async def _read_body(answer: httpx.Response, ref: RunRef, *, limit: int) -> bytes:
    """At most `limit` bytes: a page beyond that is given up while it comes, not when it is in memory."""
    if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HistoryUnreadable(
            f"Not copied is {_subject(ref)}: it is nested too deeply for gRPC, and Temporal's HTTP API compresses its "
            "answers without being asked to. Switch that off where it is done, for instance in a proxy."
        )
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > limit:
            raise HistoryUnreadable(f"Not copied is {_subject(ref)}: it is larger than {LIMIT_BYTES:,} bytes.")
    return bytes(body)


def _refuse_bad_status(status: int, ref: RunRef) -> None:
    match status:
        case httpx.codes.OK:
            return
        case httpx.codes.NOT_FOUND:
            raise RunMissing(f"Temporal does not have {_subject(ref)} any more.")
        case httpx.codes.TOO_MANY_REQUESTS:
            raise TemporalBusy(f"Temporal limits how often it may be asked; {_subject(ref)} will be asked for again.")
        case httpx.codes.UNAUTHORIZED | httpx.codes.FORBIDDEN:
            # This run's trouble alone: over gRPC the same credentials are good enough for all the others.
            raise HistoryUnreadable(
                f"Not copied is {_subject(ref)}: it is nested too deeply for gRPC, and Temporal's HTTP API does not "
                "accept the connection's credentials."
            )
        case code if code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise TemporalUnavailable(f"Temporal's HTTP API answered {code} when asked for {_subject(ref)}.")
        case code:
            raise HistoryUnreadable(
                f"Nobody can read {_subject(ref)}: it is nested too deeply for gRPC, and Temporal's HTTP API "
                f"answered {code}."
            )


def _subject(ref: RunRef) -> str:
    return f"the history of {ref.workflow_id!r} (run {ref.run_id})"

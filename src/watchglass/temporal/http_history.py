"""A run's history over the frontend's HTTP API, for the histories that no gRPC client can decode."""

from urllib.parse import quote

import httpx

from watchglass.model.execution import RunRef
from watchglass.temporal.errors import HistoryUnreadable, RunMissing, TemporalUnavailable

HTTP_SECONDS = 15.0
LIMIT_BYTES = 300 * 1024 * 1024


async def read_over_http(address: str, namespace: str, ref: RunRef) -> bytes:
    """Return the whole history as JSON bytes (`{"history": {"events": …}}`), not parsed.

    Raises:
        TemporalUnavailable, RunMissing, HistoryUnreadable
    """
    url = f"{address}/api/v1/namespaces/{quote(namespace, safe='')}/workflows/{quote(ref.workflow_id, safe='')}/history"
    parameters = {"execution.runId": ref.run_id, "maximumPageSize": "100000"}
    try:
        async with httpx.AsyncClient(timeout=HTTP_SECONDS, trust_env=False) as client:
            answer = await client.get(url, params=parameters)
    except httpx.HTTPError as error:
        raise TemporalUnavailable(
            f"Temporal's HTTP API at {address} did not answer for the history of {ref.workflow_id!r}: {error}"
        ) from error
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise RunMissing(f"Temporal does not have the history of {ref.workflow_id!r} (run {ref.run_id}) any more.")
    if answer.status_code != httpx.codes.OK or len(answer.content) > LIMIT_BYTES:
        raise HistoryUnreadable(
            f"The history of {ref.workflow_id!r} (run {ref.run_id}) cannot be read: too deeply nested for gRPC, "
            f"and the HTTP API answered {answer.status_code} with {len(answer.content):,} bytes."
        )
    return answer.content

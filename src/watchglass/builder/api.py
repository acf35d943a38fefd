"""Asks a running installation, as whoever the token belongs to: all that a project's worker knows comes from there."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from temporalio.exceptions import ApplicationError

from watchglass.builder.reach import Reach
from watchglass.builder.services.door import Opened
from watchglass.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable, WatchglassError
from watchglass.model.service import SealedService, ServiceSecret, networks

_SECONDS = 20.0
_ERRORS: dict[str, type[WatchglassError]] = {
    "NOT_FOUND": NotFound,
    "BAD_REQUEST": InvalidInput,
    "FORBIDDEN": Forbidden,
    "UNAUTHORIZED": Forbidden,
    "CONFLICT": Conflict,
    "PRECONDITION_FAILED": Conflict,
}


class Api:
    """One installation. Close it at the end."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        # No proxy, and no redirect: the token is for this address alone.
        self._http = httpx.AsyncClient(
            headers={"authorization": f"Bearer {token}"}, timeout=_SECONDS, trust_env=False, follow_redirects=False
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def query(self, path: str, input: object = None) -> Any:
        """Ask a procedure that changes nothing.

        Raises:
            NotFound, InvalidInput, Forbidden, Conflict: what the procedure says, in its own words.
            Unavailable: nobody answers, or not as Watchglass does.
        """
        params = {} if input is None else {"input": json.dumps(input)}
        return await self._sent(self._http.build_request("GET", f"{self._url}/trpc/{path}", params=params))

    async def mutate(self, path: str, input: object) -> Any:
        """Ask a procedure that changes something. Raises what `query` raises."""
        return await self._sent(self._http.build_request("POST", f"{self._url}/trpc/{path}", json=input))

    async def _sent(self, request: httpx.Request) -> Any:
        try:
            answer = await self._http.send(request)
            found = answer.json()
            if answer.is_success:
                return found["result"]["data"]
            error = found["error"]
            kind = _ERRORS.get(error["data"]["code"], Unavailable)
            raise kind(error["message"])
        except httpx.HTTPError as error:
            raise Unavailable(
                f"Watchglass at {self._url} does not answer ({type(error).__name__}). Start it, or correct "
                "WATCHGLASS_URL."
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"What answers at {self._url} is not Watchglass. Correct WATCHGLASS_URL.") from error


async def read_graph(api: Api, workflow_id: str, version: int) -> Any:
    """The graph of a version as it runs, as JSON.

    Raises:
        ApplicationError: not to be retried when the version cannot be had, to be retried when nobody answers.
    """
    try:
        found = await api.query("workflow.getRunnable", {"workflowId": workflow_id, "version": version})
    except Unavailable as error:
        raise ApplicationError(error.message, type="Unavailable") from error
    except WatchglassError as error:
        raise ApplicationError(error.message, type=type(error).__name__, non_retryable=True) from error
    return found["graph"]


class ApiServices:
    """A project's services, asked for each time: a changed password counts from the next step on."""

    def __init__(self, api: Api, project_id: UUID, opened: Callable[[SealedService], ServiceSecret]) -> None:
        self._api = api
        self._project_id = str(project_id)
        self._opened = opened

    async def find(self, name: str) -> Opened:
        found = await self._api.query("service.getSealed", {"projectId": self._project_id, "name": name})
        sealed = SealedService.model_validate(found)
        return Opened(sealed.settings, self._opened(sealed))

    async def reach(self) -> Reach:
        found = await self._api.query("service.list", {"projectId": self._project_id})
        return Reach(networks(found["networks"]))

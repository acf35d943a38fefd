"""HTTP requests and SQL queries as nodes of real runs, against a real web server and a real database."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError
from tests.builder.answering import Answering, answering
from tests.builder.runs import Bench

from watchglass.builder.reach import Reach
from watchglass.builder.services.door import Opened
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.errors import NotFound
from watchglass.model.graph import Graph
from watchglass.model.service import HttpSettings, PostgresSettings, ServiceSecret, Tls

pytestmark = pytest.mark.acceptance


class Kept:
    """Services of a project, as the installation would give them."""

    def __init__(self, services: dict[str, Opened], reach: Reach) -> None:
        self._services = services
        self._reach = reach

    async def find(self, name: str) -> Opened:
        if name not in self._services:
            raise NotFound(f"This project has no service named “{name}”.")
        return self._services[name]

    async def reach(self) -> Reach:
        return self._reach


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[Answering]:
    async with answering() as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bench(temporal: EmbeddedTemporal, postgres: EmbeddedPostgres, server: Answering) -> AsyncIterator[Bench]:
    client = await Client.connect(temporal.address)
    parts = urlsplit(postgres.admin_url)
    database = PostgresSettings(
        host="127.0.0.1",
        port=parts.port or 0,
        database=parts.path.strip("/"),
        user=parts.username or "",
        tls=Tls.OFF,
    )
    services = {
        "shop": Opened(HttpSettings(base_url=server.url), ServiceSecret(headers={"Authorization": "Bearer s3cret"})),
        "books": Opened(database, ServiceSecret(password=parts.password)),
    }
    bench = Bench(client, services=Kept(services, Reach((ip_network("127.0.0.0/8"),))))
    async with bench.working():
        yield bench


def one(component: str, **given: Any) -> Graph:
    """A drawing of one node, whose output is the run's."""
    retry = {"strategy": "fail_after", "maximumAttempts": 2, "initialIntervalSeconds": 0.1}
    node = {"kind": "activity", "id": "ask", "component": component, "input": given, "retry": retry}
    nodes = [{"kind": "start", "id": "start"}, node, {"kind": "end", "id": "end", "result": "=nodes.ask"}]
    edges = [{"source": "start", "target": "ask"}, {"source": "ask", "target": "end"}]
    return Graph.model_validate({"name": "asking", "nodes": nodes, "edges": edges})


async def failure_of(bench: Bench, graph: Graph, input: Any = None) -> ApplicationError:
    with pytest.raises(WorkflowFailureError) as failed:
        await bench.run(graph, input)
    cause: BaseException | None = failed.value.cause
    while isinstance(cause, ActivityError) or (cause is not None and cause.__cause__ is not None):
        cause = cause.__cause__
    assert isinstance(cause, ApplicationError)
    return cause


class TestHttpRequest:
    async def test_a_service_is_asked_with_its_secret_which_no_history_holds(
        self, bench: Bench, server: Answering
    ) -> None:
        graph = one("watchglass.http_request", service="shop", method="POST", url="/json?a=1", body={"n": "=input.n"})
        handle = await bench.start(graph, {"n": 7})
        result = await handle.result()
        assert (result["status"], result["body"]) == (200, {"paid": True, "query": "a=1"})
        _, path, headers, body = server.asked[-1]
        assert (path, headers["authorization"], body) == ("/json", "Bearer s3cret", b'{"n": 7}')
        assert headers["idempotency-key"] == f"{handle.result_run_id or handle.run_id}/ask"
        assert "s3cret" not in (await handle.fetch_history()).to_json()

    async def test_an_error_of_the_server_is_tried_again_and_one_of_ours_is_not(
        self, bench: Bench, server: Answering
    ) -> None:
        for status, attempts in ((503, 2), (404, 1), (429, 2)):
            before = len(server.asked)
            failure = await failure_of(bench, one("watchglass.http_request", service="shop", url=f"/status/{status}"))
            assert failure.type == f"HttpStatus{status}"
            assert failure.message == f"GET shop was answered with status {status}: said /status/{status}"
            assert len(server.asked) - before == attempts

    async def test_an_error_can_be_an_answer(self, bench: Bench) -> None:
        graph = one("watchglass.http_request", service="shop", url="/status/404", failsOnError=False)
        assert (await bench.run(graph))["status"] == 404

    async def test_addresses_inside_are_refused(self, bench: Bench) -> None:
        failure = await failure_of(bench, one("watchglass.http_request", url="http://169.254.169.254/latest"))
        assert (failure.type, failure.non_retryable) == ("AddressRefused", True)

    async def test_a_service_that_there_is_not(self, bench: Bench) -> None:
        failure = await failure_of(bench, one("watchglass.http_request", service="till", url="/"))
        assert (failure.type, failure.message) == ("ServiceUnknown", "This project has no service named “till”.")


class TestSqlQuery:
    async def test_rows_come_out(self, bench: Bench) -> None:
        graph = one("watchglass.sql_query", service="books", sql="SELECT $1::int + 1 AS n", parameters=["=input.n"])
        assert await bench.run(graph, {"n": 41}) == {"rows": [{"n": 42}], "rowCount": 1}

    async def test_a_mistake_is_not_tried_again(self, bench: Bench) -> None:
        failure = await failure_of(bench, one("watchglass.sql_query", service="books", sql="SELEC 1"))
        assert (failure.type, failure.non_retryable) == ("ServiceRefuses", True)
        assert failure.message == 'The database says: syntax error at or near "SELEC" (42601).'

    async def test_nothing_is_changed_unless_it_is_said(self, bench: Bench) -> None:
        failure = await failure_of(bench, one("watchglass.sql_query", service="books", sql="CREATE TABLE t (n int)"))
        assert "read-only transaction" in failure.message

    async def test_the_wrong_kind_of_service(self, bench: Bench) -> None:
        failure = await failure_of(bench, one("watchglass.sql_query", service="shop", sql="SELECT 1"))
        assert failure.message == "The service “shop” is no database. An HTTP request can reach it."

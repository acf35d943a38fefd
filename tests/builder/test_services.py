"""HTTP services and databases, on real servers."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from tests.builder.answering import Answering, answering

from watchglass.builder.reach import AddressRefused, Reach
from watchglass.builder.services.attempt import attempt
from watchglass.builder.services.errors import ServiceRefuses, ServiceTooMuch, ServiceUnreachable
from watchglass.builder.services.http import Answer, send
from watchglass.builder.services.postgres import query
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.errors import InvalidInput
from watchglass.model.service import NO_SECRET, HttpSettings, PostgresSettings, ServiceSecret, Tls

HERE = Reach((ip_network("127.0.0.0/8"),))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[Answering]:
    async with answering() as served:
        yield served


async def ask(url: str, **more: Any) -> Answer:
    given: dict[str, Any] = {"method": "GET", "headers": {}, "body": None, "seconds": 5.0} | more
    return await send(HERE, url=url, **given)


class TestHttp:
    async def test_json_is_read_and_the_query_is_kept(self, server: Answering) -> None:
        answer = await ask(f"{server.url}/json?a=1&b=%20")
        assert (answer.status, answer.body) == (200, {"paid": True, "query": "a=1&b=%20"})

    async def test_what_is_sent_arrives(self, server: Answering) -> None:
        await ask(f"{server.url}/x", method="POST", headers={"X-Order": "7"}, body=b'{"total": 5}')
        method, path, headers, body = server.asked[-1]
        assert (method, path, headers["x-order"], body) == ("POST", "/x", "7", b'{"total": 5}')
        assert headers["host"] == urlsplit(server.url).netloc

    async def test_a_name_is_asked_for_by_its_name(self, server: Answering) -> None:
        port = urlsplit(server.url).port
        reach = Reach((ip_network("127.0.0.0/8"), ip_network("::1/128")))
        try:
            await send(reach, method="GET", url=f"http://localhost:{port}/", headers={}, body=None, seconds=5)
        except ServiceUnreachable:
            pytest.skip("localhost leads to ::1 first on this machine")
        assert server.asked[-1][2]["host"] == f"localhost:{port}"

    @pytest.mark.parametrize(("path", "text"), [("deep", "[" * 900 + "]" * 900), ("digits", "9" * 5000)])
    async def test_json_that_nobody_after_could_read_is_told_as_it_is(
        self, server: Answering, path: str, text: str
    ) -> None:
        assert (await ask(f"{server.url}/{path}")).body == text

    async def test_a_bomb_is_not_unpacked(self, server: Answering) -> None:
        answer = await ask(f"{server.url}/bomb")
        assert len(answer.body) < 100_000

    async def test_json_that_is_none_is_told_as_it_is(self, server: Answering) -> None:
        assert (await ask(f"{server.url}/nan")).body == '{"a": NaN}'

    async def test_a_redirect_is_an_answer(self, server: Answering) -> None:
        answer = await ask(f"{server.url}/away")
        assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/latest")

    async def test_too_much_is_refused(self, server: Answering) -> None:
        with pytest.raises(ServiceTooMuch, match="more than 1,000,000 bytes"):
            await ask(f"{server.url}/large")

    async def test_who_does_not_answer_is_waited_for_so_long(self, server: Answering) -> None:
        with pytest.raises(ServiceUnreachable, match=r"did not answer within 0\.2 s"):
            await ask(f"{server.url}/slow", seconds=0.2)

    async def test_nobody_there(self) -> None:
        with pytest.raises(ServiceUnreachable, match="cannot be reached"):
            await ask("http://127.0.0.1:1/")

    async def test_an_address_inside_is_refused_before_anything_is_sent(self, server: Answering) -> None:
        before = len(server.asked)
        with pytest.raises(AddressRefused):
            await send(Reach(), method="GET", url=server.url, headers={}, body=None, seconds=5)
        assert len(server.asked) == before

    @pytest.mark.parametrize(
        "url",
        [
            "ftp://example.com/",
            "file:///etc/passwd",
            "http:///x",
            "https://ada:secret@example.com/",
            "http://a\\b/",
            "x",
        ],
    )
    async def test_urls_that_cannot_be_asked(self, url: str) -> None:
        with pytest.raises(InvalidInput):
            await ask(url)

    async def test_headers_that_cannot_be_sent(self, server: Answering) -> None:
        for value in ("a\r\nX-Other: b", "a\0", "漢"):
            with pytest.raises(InvalidInput, match="characters that headers cannot carry"):
                await ask(server.url, headers={"X-Name": value})


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> tuple[PostgresSettings, ServiceSecret]:
    parts = urlsplit(postgres.admin_url)
    settings = PostgresSettings(
        host=parts.hostname or "",
        port=parts.port or 0,
        database=parts.path.strip("/"),
        user=parts.username or "",
        tls=Tls.OFF,
    )
    return settings, ServiceSecret(password=parts.password)


async def rows_of(
    database: tuple[PostgresSettings, ServiceSecret], sql: str, *parameters: Any, **more: Any
) -> tuple[list[dict[str, Any]], int]:
    given: dict[str, Any] = {"maximum_rows": 10, "read_only": False, "seconds": 5.0} | more
    return await query(HERE, *database, sql=sql, parameters=parameters, **given)


class TestPostgres:
    async def test_values_become_json(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        rows, done = await rows_of(
            database,
            "SELECT 1 AS n, 1.50::numeric AS amount, 'a' AS t, true AS b, NULL AS nothing, ARRAY[1, 2] AS l, "
            "'2026-11-01'::date AS day, '\\x0102'::bytea AS raw, 'NaN'::float8 AS odd, interval '90 s' AS long",
        )
        assert rows == [
            {
                "n": 1,
                "amount": "1.50",
                "t": "a",
                "b": True,
                "nothing": None,
                "l": [1, 2],
                "day": "2026-11-01",
                "raw": "0102",
                "odd": "nan",
                "long": 90.0,
            }
        ]
        assert done == 1

    async def test_parameters_are_no_sql(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        hostile = "'; DROP TABLE x; --"
        assert (await rows_of(database, "SELECT $1::text AS said", hostile))[0] == [{"said": hostile}]

    async def test_what_changes_rows_says_how_many(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        await rows_of(database, "CREATE TABLE IF NOT EXISTS service_test (n int)")
        assert (await rows_of(database, "INSERT INTO service_test VALUES (1), (2)"))[1] == 2
        rows, _ = await rows_of(database, "DELETE FROM service_test RETURNING n")
        assert sorted(row["n"] for row in rows) == [1, 2]

    async def test_too_many_rows_change_nothing(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        await rows_of(database, "CREATE TABLE IF NOT EXISTS service_many (n int)")
        with pytest.raises(ServiceTooMuch, match="more than 10 rows"):
            await rows_of(database, "INSERT INTO service_many SELECT generate_series(1, 11) RETURNING n")
        assert (await rows_of(database, "SELECT count(*) AS n FROM service_many"))[0] == [{"n": 0}]

    async def test_reading_only_writes_nothing(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        with pytest.raises(ServiceRefuses, match="read-only"):
            await rows_of(database, "CREATE TABLE never (n int)", read_only=True)

    async def test_a_mistake_is_told_in_the_databases_words(
        self, database: tuple[PostgresSettings, ServiceSecret]
    ) -> None:
        with pytest.raises(ServiceRefuses, match=r'The database says: relation "nowhere" does not exist \(42P01\)\.'):
            await rows_of(database, "SELECT * FROM nowhere")

    async def test_parameters_of_another_type(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        with pytest.raises(ServiceRefuses, match=r"with these parameters: \$1 is not of the type") as refused:
            await rows_of(database, "SELECT $1::int", "seven")
        assert "seven" not in refused.value.message and refused.value.__cause__ is None
        with pytest.raises(ServiceRefuses, match="the server expects 1 argument for this query, 2 were passed"):
            await rows_of(database, "SELECT $1::int", 1, 2)

    @pytest.mark.parametrize(
        ("sql", "said"),
        [
            ("INSERT INTO service_keys VALUES ('4711-value')", r'unique constraint "service_keys_pkey" \(23505\)'),
            ("SELECT t::int FROM service_keys", r"refuses a value: invalid text representation \(22P02\)"),
            ("SELECT t::date FROM service_keys", "refuses a value"),
            ("INSERT INTO service_keys VALUES (NULL, '4711-value')", r"violates not-null constraint \(23502\)"),
        ],
    )
    async def test_values_are_not_told(
        self, database: tuple[PostgresSettings, ServiceSecret], sql: str, said: str
    ) -> None:
        """Everybody who sees the run reads its errors."""
        await rows_of(database, "CREATE TABLE IF NOT EXISTS service_keys (t text PRIMARY KEY, note text)")
        await rows_of(database, "INSERT INTO service_keys VALUES ('4711-value') ON CONFLICT DO NOTHING")
        with pytest.raises(ServiceRefuses, match=said) as refused:
            await rows_of(database, sql)
        assert "4711" not in refused.value.message and refused.value.__cause__ is None

    async def test_a_query_that_takes_too_long(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        with pytest.raises(ServiceUnreachable, match=r"took longer than 0\.2 s"):
            await rows_of(database, "SELECT pg_sleep(20)", seconds=0.2)

    async def test_a_password_that_is_wrong(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        settings, _ = database
        with pytest.raises(ServiceRefuses, match="password authentication failed"):
            await rows_of((settings, ServiceSecret(password="wrong")), "SELECT 1")

    async def test_tls_that_the_server_does_not_have(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        settings, secret = database
        with pytest.raises((ServiceUnreachable, ServiceRefuses), match=r"(?i)ssl"):
            await rows_of((settings.model_copy(update={"tls": Tls.VERIFY}), secret), "SELECT 1")


class TestAttempt:
    async def test_a_database_that_answers(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        assert await attempt(HERE, *database) is None

    async def test_an_address_inside(self, database: tuple[PostgresSettings, ServiceSecret]) -> None:
        said = await attempt(Reach(), *database)
        assert said is not None
        assert "is no public address" in said

    @pytest.mark.parametrize(
        ("path", "said"),
        [
            ("/", None),
            ("/status/404", None),
            ("/status/401", "refuses these credentials (status 401)"),
            ("/status/503", "answers with an error of its own (status 503)"),
        ],
    )
    async def test_an_http_service(self, server: Answering, path: str, said: str | None) -> None:
        found = await attempt(HERE, HttpSettings(base_url=server.url + path), NO_SECRET)
        assert (said is None and found is None) or (said is not None and said in (found or ""))

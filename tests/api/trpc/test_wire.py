"""The edges of the wire: JSON that others forgive, bodies without an end, procedures declared wrongly."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from pydantic import BaseModel, TypeAdapter, ValidationError
from tests.api.trpc import sample

from watchglass.api.trpc.errors import CODES, TRPCError, from_validation
from watchglass.api.trpc.response import Answer, batch, failure
from watchglass.api.trpc.router import Router
from watchglass.api.trpc.typescript import typescript
from watchglass.model.permission import Permission

JSON = {"content-type": "application/json"}


@pytest_asyncio.fixture(loop_scope="session")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sample.app), base_url="http://127.0.0.1") as opened:
        yield opened


async def echo(client: httpx.AsyncClient, value: str) -> httpx.Response:
    """Send `value`, which is JSON text, and get it back."""
    return await client.get("/trpc/sample.echo?input=" + quote('{"value": ' + value + "}"))


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


class TestJson:
    @pytest.mark.parametrize(
        "value", ["NaN", "Infinity", "-Infinity", r'"\ud800"', "01", "'x'", "{a: 1}", "[1,]", nested(250), '"\n"']
    )
    async def test_what_is_no_strict_json_is_a_bad_request(self, client: httpx.AsyncClient, value: str) -> None:
        answer = await echo(client, value)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32600)

    @pytest.mark.parametrize(
        "value",
        ["9007199254740993", "18446744073709551617", "-0.5", "1e-7", r'"\u0000"', '"é💡"', nested(150), "null", "{}"],
    )
    async def test_what_is_json_comes_back_exactly(self, client: httpx.AsyncClient, value: str) -> None:
        answer = await echo(client, value)
        assert answer.status_code == 200
        sent, received = TypeAdapter(Any).validate_json(value), answer.json()["result"]["data"]["value"]
        assert received == sent

    async def test_bytes_that_are_no_utf8_are_a_bad_request(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/trpc/sample.work", content=b'{"ms": "\xff"}', headers=JSON)
        assert answer.status_code == 400

    async def test_an_answer_that_cannot_be_written_is_an_internal_error(self, client: httpx.AsyncClient) -> None:
        router: Router[None] = Router()

        @router.query("sample.surrogate", permission=Permission.PUBLIC)
        async def surrogate(_context: None) -> str:
            return "\ud800"

        procedure = router.find("sample.surrogate")
        assert procedure is not None
        with pytest.raises(ValueError):
            procedure.output.dump_json(await surrogate(None))


class TestBodies:
    async def test_a_body_is_counted_while_it_is_read(self, client: httpx.AsyncClient) -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b" " * 65_536

        answer = await client.post("/trpc/sample.work", content=endless(), headers=JSON)
        assert answer.status_code == 413

    async def test_a_body_of_just_the_limit_is_read(self, client: httpx.AsyncClient) -> None:
        body = b'{"ms": 0}'.ljust(2**20)
        assert (await client.post("/trpc/sample.work", content=body, headers=JSON)).status_code == 200


class TestErrors:
    @pytest.mark.parametrize("code", CODES)
    def test_every_code_has_its_number_and_status(self, code: str) -> None:
        shape = TRPCError(code, "A sentence.").shape("a.b")
        number, status = CODES[code]
        assert shape == {
            "message": "A sentence.",
            "code": number,
            "data": {"code": code, "httpStatus": status, "path": "a.b"},
        }

    def test_a_whole_request_that_is_refused_has_no_path(self) -> None:
        assert b'"path"' not in failure(TRPCError("BAD_REQUEST", "No.")).body

    def test_long_messages_of_issues_are_cut(self) -> None:
        class Model(BaseModel):
            value: int

        with pytest.raises(ValidationError) as caught:
            Model.model_validate({"value": "x"})
        [issue] = from_validation(caught.value).data["issues"]
        assert set(issue) == {"path", "message", "type"}
        assert len(issue["message"]) <= 300


class TestBatches:
    def test_the_status_is_the_common_one_or_207(self) -> None:
        good, bad = Answer(200, b"1"), Answer(404, b"2")
        assert batch([good, good]) == Answer(200, b"[1,1]")
        assert batch([bad, bad]) == Answer(404, b"[2,2]")
        assert batch([good, bad]) == Answer(207, b"[1,2]")


class TestRouter:
    @pytest.mark.parametrize("name", ["", "a", "a.", ".a", "A.b", "a.b c", "a,b.c", "__proto__", "a.b/c"])
    def test_names_that_cannot_be_asked_for_are_refused(self, name: str) -> None:
        router: Router[None] = Router()

        async def handler(_context: None) -> int:
            return 1

        with pytest.raises(ValueError):
            router.query(name, permission=Permission.PUBLIC)(handler)

    def test_a_name_is_taken_once(self) -> None:
        router: Router[None] = Router()

        async def handler(_context: None) -> int:
            return 1

        router.query("a.b", permission=Permission.PUBLIC)(handler)
        with pytest.raises(ValueError, match=r"a\.b exists already"):
            router.mutation("a.b", permission=Permission.PUBLIC)(handler)

    def test_a_procedure_that_states_no_permission_is_refused(self) -> None:
        router: Router[None] = Router()
        with pytest.raises(TypeError, match="permission"):
            router.query("a.b")  # type: ignore[call-arg]

    def test_a_procedure_without_annotations_is_refused(self) -> None:
        router: Router[None] = Router()

        async def handler(context):  # type: ignore[no-untyped-def]
            return context

        with pytest.raises(TypeError, match="must be"):
            router.query("a.b", permission=Permission.PUBLIC)(handler)


class TestTypes:
    def test_two_models_of_one_name_are_refused(self) -> None:
        router: Router[None] = Router()

        def add(name: str, model: type[BaseModel]) -> None:
            async def handler(_context: None) -> Any:
                return None

            handler.__annotations__["return"] = model
            router.query(name, permission=Permission.PUBLIC)(handler)

        def model(**fields: Any) -> type[BaseModel]:
            return type("Same", (BaseModel,), {"__annotations__": fields, "__module__": f"m{len(fields)}"})

        add("a.b", model(x=int))
        add("a.c", model(x=int, y=int))
        with pytest.raises(ValueError, match="are called"):
            typescript(router)

    def test_words_of_the_file_itself_are_refused(self) -> None:
        class Json(BaseModel):
            x: int

        router: Router[None] = Router()

        @router.query("a.b", permission=Permission.PUBLIC)
        async def handler(_context: None) -> Json:
            return Json(x=1)

        with pytest.raises(ValueError, match="Json"):
            typescript(router)

"""The wire proven by those who defined it: the official npm clients, their types, and the real server beside ours."""

import json
import subprocess
import sys
from collections.abc import Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.api.trpc import sample
from tests.node import node, node_home, npm
from tests.servers import SOURCES

from watchglass.api.procedures import router
from watchglass.api.trpc.typescript import DEFAULT_FILE, main, typescript

ROOT = Path(SOURCES).parent
WEB = ROOT / "web"
PROOFS = WEB / "proofs"
TSC = WEB / "node_modules" / "typescript" / "bin" / "tsc"


@pytest.fixture(scope="module")
def web() -> Path:
    """`web/` with its packages installed."""
    if not TSC.exists():
        npm("ci", "--ignore-scripts", cwd=WEB)
    return WEB


@contextmanager
def served(*command: str | Path) -> Iterator[str]:
    """A server that prints its address first; killed at the end."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close() if process.stdout else None


@pytest.fixture(scope="module")
def ours() -> Iterator[str]:
    # `-m` would import the package of the same name as this folder's.
    code = (
        "import sys; sys.path[:0] = ['src', '.']; from tests.api.trpc.sample import main; sys.argv = ['sample']; main()"
    )
    with served(sys.executable, "-c", code) as address:
        yield address


@pytest.fixture(scope="module")
def reference(web: Path) -> Iterator[str]:
    with served(node_home() / "bin" / "node", web / "proofs" / "reference.ts") as address:
        yield address


class TestClients:
    def test_every_check_of_the_official_clients_holds(self, web: Path, ours: str) -> None:
        done = node(PROOFS / "clients.ts", ours, cwd=web)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "33 of 33 checks hold" in done.stdout


class TestTypes:
    def test_the_generated_files_are_up_to_date(self) -> None:
        assert (PROOFS / "sample.gen.ts").read_text() == typescript(sample.router)
        assert main(["--check"]) == 0
        assert DEFAULT_FILE.read_text() == typescript(router)

    def test_a_file_that_is_out_of_date_is_noticed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        old = tmp_path / "old.ts"
        old.write_text("// yesterday")
        assert main(["--check", str(old)]) == 1
        assert "out of date" in capsys.readouterr().err
        assert main([str(old)]) == 0
        assert main(["--check", str(old)]) == 0

    def test_the_client_infers_exactly_the_named_types(self, web: Path) -> None:
        done = node(TSC, "-p", "proofs", cwd=web)
        assert (done.returncode, done.stdout) == (0, "")

    def test_wrong_calls_are_explained_by_the_compiler(self, web: Path) -> None:
        done = node(TSC, "-p", "proofs/tsconfig.bad.json", cwd=web)
        assert done.returncode != 0
        assert "Type 'string' is not assignable to type 'number'." in done.stdout
        assert "Property 'finishedAt' does not exist on type 'ExecutionSummary'." in done.stdout


def get(path: str, input: object = ..., **more: str) -> dict[str, Any]:
    query = "" if input is ... else f"input={quote(input if isinstance(input, str) else json.dumps(input))}"
    return {"method": "GET", "url": f"/trpc/{path}?{query}", **more}


def batch(paths: str, inputs: object, *, flag: str = "batch=1") -> dict[str, Any]:
    return {"method": "GET", "url": f"/trpc/{paths}?{flag}&input={quote(json.dumps(inputs))}"}


def post(path: str, body: str, kind: str | None = "application/json", query: str = "") -> dict[str, Any]:
    headers = {} if kind is None else {"content-type": kind}
    return {"method": "POST", "url": f"/trpc/{path}{query}", "content": body, "headers": headers}


ADD = {"a": 1, "b": 2}
ALIKE: list[dict[str, Any]] = [
    get("sample.health"),
    get("sample.health", None),
    get("sample.health", "{broken"),
    get("sample.add", ADD),
    get("sample.greet"),
    get("sample.greet", ""),
    get("sample.greet", {"name": "é💡\u2028"}),
    get("sample%2Eadd", ADD),
    get("sample.fail", {"how": "notFound"}),
    get("nothing"),
    get("sample"),
    get("sample.nothing", ADD),
    get("__proto__"),
    get("constructor"),
    get("sample.__proto__"),
    get("sample.toString"),
    get(""),
    get("sample.work", {"ms": 0}),
    get("sample.reset"),
    batch("sample.add", {"0": ADD}),
    batch("sample.add,sample.health,sample.greet", {"0": ADD}),
    batch("sample.add,nothing", {"0": ADD}),
    batch("nothing,nowhere", {}),
    batch("sample.add%2Csample.health", {"0": ADD}),
    batch("sample.health,sample.reset", {}),
    batch("sample.reset,sample.work", {"1": {"ms": 0}}),
    batch("sample.health,", {}),
    batch(",".join(["sample.health"] * 20), {}),
    batch(",".join(["sample.health"] * 21), {}),
    batch("sample.add", ADD, flag="batch=2"),
    batch("sample.add", {"0": ADD}, flag="batch=1&batch=0"),
    batch("sample.add", ADD, flag="batch=0&batch=1"),
    {"method": "GET", "url": f"/trpc/sample.add?input={quote(json.dumps(ADD))}&input=1"},
    post("sample.work", '{"ms": 0}'),
    post("sample.work", '{"ms": 0}', "application/json; charset=utf-8"),
    post("sample.work", '{"ms": 0}', "APPLICATION/JSON"),
    post("sample.work", '{"ms": 0}', "text/plain"),
    post("sample.work", '{"ms": 0}', "application/jsonx"),
    post("sample.work", '{"ms": 0}', None),
    post("sample.work", '{"ms": 0}', "application/x-www-form-urlencoded"),
    post("nothing", "{}"),
    post("sample.reset", "null"),
    post("sample.add", json.dumps(ADD)),
    post("sample.reset,sample.work", '{"1": {"ms": 0}}', query="?batch=1"),
    post("sample.add,sample.health", json.dumps({"0": ADD}), query="?batch=1"),
    post("sample.add,sample.reset", json.dumps({"0": ADD}), query="?batch=1"),
    {"method": "HEAD", "url": "/trpc/anything"},
    {"method": "PUT", "url": "/trpc/sample.health", "headers": {"content-type": "application/json"}, "content": "{}"},
    {"method": "DELETE", "url": "/trpc/sample.work", "headers": {"content-type": "application/json"}},
    {"method": "PATCH", "url": "/trpc/sample.health"},
    {"method": "GET", "url": "/trpc/sample.health", "headers": {"x-refuse": "1"}},
    {"method": "GET", "url": "/trpc/nothing,sample.health?batch=1", "headers": {"x-refuse": "1"}},
    {"method": "GET", "url": "/trpc/sample.health", "headers": {"trpc-accept": "application/jsonl"}},
    {"method": "GET", "url": "/trpc/sample.health", "headers": {"accept": "text/html, application/jsonl"}},
]
"""Status and body must be the same."""

BAD_INPUTS: list[dict[str, Any]] = [
    {"method": "GET", "url": "/trpc/sample.add,sample.health?batch=1"},
    get("sample.add"),
    get("sample.add", "{broken"),
    get("sample.add", None),
    get("sample.add", []),
    get("sample.add", {"a": "1", "b": 2}),
    get("sample.add", {**ADD, "c": 3}),
    batch("sample.add,sample.health", [ADD]),
    batch("sample.add,sample.add", {"1": ADD}),
    batch("sample.add,sample.health", None),
    post("sample.work", "{broken"),
    post("sample.work", '{"ms": "0"}'),
    post("sample.work", '"text"'),
    post("sample.work,sample.work", "[]", query="?batch=1"),
]
"""Codes and status must be the same; words and issues are ours."""

UNTOLD_PATHS: list[dict[str, Any]] = [
    get("sample.add/", ADD),
    get("sample%ZZ"),
    get("wg_01234567"),
    get("a" * 41),
    batch("sample.add,wg_01234567", {"0": ADD}),
]
"""Codes and status must be the same; ours repeats no path that is not like a name."""

OURS_ALONE = {"message", "issues", "stack"}


def plain(body: Any, *, without: Set[str] = OURS_ALONE) -> Any:
    """An answer without the words of its errors."""
    if isinstance(body, list):
        return [plain(item, without=without) for item in body]
    if isinstance(body, dict):
        return {name: plain(value, without=without) for name, value in body.items() if name not in without}
    return body


async def send(address: str, request: dict[str, Any]) -> httpx.Response:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        return await client.request(**request)


class TestBesideTheReference:
    @pytest.mark.parametrize("request_", ALIKE, ids=lambda r: f"{r['method']} {r['url'][:60]}")
    async def test_the_same_request_gets_the_same_answer(
        self, ours: str, reference: str, request_: dict[str, Any]
    ) -> None:
        mine, theirs = await send(ours, request_), await send(reference, request_)
        assert (mine.status_code, _json(mine)) == (theirs.status_code, _json(theirs))
        assert mine.headers.get("vary") == theirs.headers.get("vary")
        # The reference names no type when it refuses a whole request; ours is JSON all the same.
        assert mine.headers.get("content-type") == ("application/json" if mine.content else None)

    @pytest.mark.parametrize("request_", BAD_INPUTS, ids=lambda r: f"{r['method']} {r['url'][:60]}")
    async def test_the_same_bad_input_gets_the_same_code(
        self, ours: str, reference: str, request_: dict[str, Any]
    ) -> None:
        mine, theirs = await send(ours, request_), await send(reference, request_)
        assert (mine.status_code, plain(mine.json())) == (theirs.status_code, plain(theirs.json()))

    @pytest.mark.parametrize("request_", UNTOLD_PATHS, ids=lambda r: f"{r['method']} {r['url'][:60]}")
    async def test_a_path_that_is_no_name_gets_the_same_code_and_is_not_repeated(
        self, ours: str, reference: str, request_: dict[str, Any]
    ) -> None:
        mine, theirs = await send(ours, request_), await send(reference, request_)
        without = OURS_ALONE | {"path"}
        assert (mine.status_code, plain(mine.json(), without=without)) == (
            theirs.status_code,
            plain(theirs.json(), without=without),
        )
        path = request_["url"].removeprefix("/trpc/").partition("?")[0].rpartition(",")[2]
        assert path in theirs.text
        assert path not in mine.text

    async def test_an_empty_body_is_no_input(self, ours: str) -> None:
        # @trpc/server 11.22.1 itself fails here, and its own httpLink sends just this.
        answer = await send(ours, post("sample.reset", ""))
        assert answer.json() == {"result": {"data": True}}


def _json(response: httpx.Response) -> Any:
    return response.json() if response.content else None

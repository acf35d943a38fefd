"""schemathesis over the served API: what the document promises holds for inputs that nobody thought of.

    WATCHGLASS_EXPLORE_SECONDS=600 python -m pytest -s tests/api/rest/test_explored.py

explores for ten minutes and prints what was found; without the variable the same in short. A real PostgreSQL and a real
Temporal are behind it, and a project that may be destroyed.
"""

import asyncio
import json
import os
import re
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest_asyncio
from tests.acceptance.bench import Bench, bench
from tests.acceptance.observed import Greeting
from tests.api.seeded import dependencies
from tests.databases import Database

from watchglass.api.app import create_app
from watchglass.auth.tokens import create_token
from watchglass.cli.serve import PageServer
from watchglass.sync.immediate import ImmediateSync

__all__ = ["bench"]

ENDS_ITS_OWN_SIGN_IN = (
    "session.signOut",
    "session.revoke",
    "session.revokeOthers",
    "token.revoke",
    "account.changePassword",
    "user.update",
)
"""Left out, else all that follows is answered with 401."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
)
"""Not `positive_data_acceptance`: much is refused that a JSON Schema cannot say, such as a cursor of another list."""
SHORT_SECONDS = 25


@dataclass(frozen=True)
class Served:
    url: str
    token: str
    known: dict[str, list[str]]


@pytest_asyncio.fixture(loop_scope="session")
async def served(bench: Bench, database: Database) -> AsyncIterator[Served]:
    """The application on a real socket, with one of each thing in it."""
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("UPDATE users SET is_admin = true WHERE name = 'ada'")
    await admin.close()
    token = await create_token(bench.store, user="ada", name="explorer")
    handle = await bench.client.start_workflow(Greeting.run, ["Ada"], id=f"explored-{uuid4()}", task_queue=bench.queue)
    await handle.result()
    key = await bench.key_of(handle)
    await ImmediateSync(bench.parts).refresh(key.id, force=True)
    listener = socket.create_server(("127.0.0.1", 0))
    page = PageServer(create_app(dependencies(bench.parts)), listener)
    await page.start()
    try:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        known = await made_things(url, token, str(bench.connection.project_id))
        known |= {"executionId": [str(key.id)], "connectionId": [str(bench.connection.id)]}
        yield Served(url, token, known)
    finally:
        await page.stop()


async def made_things(url: str, token: str, project_id: str) -> dict[str, list[str]]:
    """One of each thing that can be made through the API: what it is called in inputs → its ids."""
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers={"authorization": f"Bearer {token}"}) as client:

        async def make(name: str, /, **given: Any) -> dict[str, Any]:
            answer = await client.post(f"/{name}", json={"projectId": project_id, **given})
            assert answer.status_code == 200, answer.text
            made: dict[str, Any] = answer.json()
            return made

        built = await make("workflow.create", name="explored")
        http = {"kind": "http", "baseUrl": "https://example.test/"}
        service = await make("service.create", name="explored", settings=http)
        listed = (await client.get("/workflow.list", params={"projectId": project_id})).json()
    return {
        "projectId": [project_id],
        "workflowId": [built["workflowId"], *(workflow["id"] for workflow in listed["items"])],
        "serviceId": [service["id"]],
    }


async def test_nothing_that_schemathesis_sends_finds_a_fault(served: Served, tmp_path: Path) -> None:
    seconds = int(os.environ.get("WATCHGLASS_EXPLORE_SECONDS", SHORT_SECONDS))
    is_short = seconds == SHORT_SECONDS
    report = tmp_path / "report.ndjson"
    left_out = [part for name in ENDS_ITS_OWN_SIGN_IN for part in ("--exclude-operation-id", name)]
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{served.url}/api/v1/openapi.json",
        *("--header", f"Authorization: Bearer {served.token}"),
        *("--checks", ",".join(CHECKS), "--continue-on-failure", "--no-color"),
        *("--max-time", str(seconds), "--seed", "1", "--generation-database", "none"),
        *(("--phases", "fuzzing", "--max-examples", "5") if is_short else ("--max-examples", "500")),
        *("--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "60"),
        *("--report-ndjson-path", str(report)),
        *left_out,
        cwd=tmp_path,
        env={
            **os.environ,
            "WATCHGLASS_KNOWN_IDS": json.dumps(served.known),
            "SCHEMATHESIS_HOOKS": "known_ids",
            "PYTHONPATH": str(Path(__file__).parent),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    text = told.decode()
    print(text)
    statuses = Counter(re.findall(r'"status_code":\s*(\d+)', report.read_text()))
    print(f"Answers by status: {dict(sorted(statuses.items()))}")
    assert process.returncode == 0, text[-5000:]
    assert statuses["200"]

"""Secrets of every kind, planted in a whole installation and then looked for in everything that it keeps or says."""

import asyncio
import json
import re
import subprocess
import zipfile
from base64 import b64encode
from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError
from tests.acceptance.certificates import Authority
from tests.acceptance.command_lines import CommandLines, told_by_ps
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import new_id
from tests.acceptance.planted import Allowed, Gathered, Planted, find_all, not_allowed, not_needed
from tests.acceptance.planted_requests import refused_requests
from tests.acceptance.planted_run import TENANT, plant_runs, planting, secrets_of
from tests.acceptance.running import Running, clean_environment
from tests.acceptance.typed import type_command
from tests.api.examples import Things, project_inputs
from tests.databases import Database, with_user
from tests.everything_stored import everything_stored

from watchglass.api.procedures import router
from watchglass.api.rest.parameters import parameters_of
from watchglass.api.trpc.router import Kind
from watchglass.builder.blank import blank_graph
from watchglass.embedded.account import account_for_postgres
from watchglass.embedded.ports import free_port
from watchglass.embedded.postgres import EmbeddedPostgres
from watchglass.embedded.programs import postgres_programs
from watchglass.embedded.temporal import EmbeddedTemporal

pytestmark = pytest.mark.acceptance

PRIVATE_FILES = frozenset(
    {"running.json", "secret-key", "login-password", "sync-password", "postgres-password", "made-tokens.json"}
)
"""Of the data directory: their owner alone reads them."""
ALLOWED = (
    Allowed("token of up", "line of up that says that it is ready", "programs that start it learn it there, once"),
    Allowed("sign-in link of up", "line of up that says that it is ready", "the same"),
    Allowed(
        "(password of the (login|sync) role|token of workers)", "file running.json", "commands beside `up` need it"
    ),
    Allowed("token, .*", "answer to token.create of it", "shown once, when it is made"),
    Allowed(
        "session cookie.*",
        "answer to (POST /auth/sign-in|POST /auth/exchange|account.changePassword) of it",
        "the browser is given it there",
    ),
    Allowed("sign-in link of the command line", "output of sign-in-link", "that is what was asked for"),
    Allowed("token of the command line", "output of token create", "the same"),
    Allowed(
        "value in a preview.*",
        "answer to expression.preview of it",
        "what an expression makes of a value goes back to who sent it, also what is wrong with it, and nowhere else",
    ),
)


@dataclass
class Installation:
    """What is asked and what it said."""

    env: Mapping[str, str]
    data_dir: Path
    planted: Planted
    gathered: Gathered = field(default_factory=Gathered)

    async def ask(
        self, client: httpx.AsyncClient, method: str, path: str, *, place: str | None = None, **more: Any
    ) -> httpx.Response:
        answer = await client.request(method, path, **more)
        said = f"{answer.status_code} {list(answer.headers.multi_items())}\n".encode() + answer.content
        self.gathered.add(place or f"answer to {method} {path}", said)
        assert answer.status_code != 500, (method, path, answer.text)
        return answer

    async def tell(self, client: httpx.AsyncClient, procedure: str, *, place: str | None = None, **given: Any) -> Any:
        """A mutation that has to be possible."""
        place = place or f"answer to {procedure}"
        answer = await self.ask(client, "POST", f"/trpc/{procedure}", place=place, json=given)
        assert answer.status_code == 200, (procedure, answer.text)
        return answer.json()["result"]["data"]

    async def run(self, *arguments: str, given: str = "", place: str | None = None, **settings: str) -> str:
        """A command beside the installation; what it says, on either stream."""
        _, output, errors = await type_command(*arguments, env={**self.env, **settings}, given=given)
        self.gathered.add(place or f"output of {' '.join(arguments[:2])}", output + errors)
        assert "Traceback" not in errors, errors
        return output


async def test_planted_secrets_are_nowhere(
    database: Database, postgres: EmbeddedPostgres, temporal: EmbeddedTemporal, data_dir: Path, tmp_path: Path
) -> None:
    planted = Planted()
    log_of_postgres = Path(f"/proc/{postgres.pid}/fd/2").resolve()
    log_began = log_of_postgres.stat().st_size
    async with AsyncExitStack() as stack:
        observed = await _namespace(temporal.address)
        env = await _environment(stack, planted, database, temporal, observed, tmp_path)
        here = Installation(env, data_dir, planted)
        lines = stack.enter_context(CommandLines())
        with ExitStack() as processes:
            directory = ("--data-dir", str(data_dir))
            up = processes.enter_context(Running(*directory, "--port", str(free_port()), "--no-demo", env=env))
            where = await _plant_runs(planted, temporal.address)
            ready = await asyncio.to_thread(up.wait_for, "ready")
            planted.keep("token of up", ready["token"])
            planted.keep("sign-in link of up", urlsplit(ready["sign_in_url"]).fragment.partition("=")[2])
            running = json.loads((data_dir / "running.json").read_text())
            planted.keep("token of workers", running["token"])
            api, worker = (
                processes.enter_context(
                    Running(*directory, option, str(free_port()), env=env, command=command, for_people=True)
                )
                for command, option in (("api", "--port"), ("worker", "--metrics-port"))
            )
            served = await asyncio.to_thread(api.wait_for_text, "Watchglass is served at ")
            figures = await asyncio.to_thread(worker.wait_for_text, "figures of this worker are at ")
            headers = {"authorization": f"Bearer {ready['token']}"}
            first = await stack.enter_async_context(_client(ready["url"], headers))
            second = await stack.enter_async_context(_client(_address(served), headers))
            alone = await stack.enter_async_context(_client(_address(figures), {}))
            asked = await _plant(here, first, second, where)
            await _ask_all(here, first, second, asked)
            for client in (first, second, alone):
                for path in ("/healthz", "/readyz", "/metrics"):
                    await here.ask(client, "GET", path)
                await here.ask(
                    client, "GET", "/metrics", headers={"authorization": f"Bearer {env['WATCHGLASS_OPERATIONS_TOKEN']}"}
                )
            for path in ("/", "/sign-in", "/account", f"/projects/{asked.project}", f"/executions/{asked.execution}"):
                await here.ask(first, "GET", path)
            await _type_commands(here, asked, tmp_path)
            here.gathered.add("ps", told_by_ps())
            _read_files(here)
        for name, process in (("up", up), ("api", api), ("worker", worker)):
            for line in process.lines:
                is_ready = name == "up" and '"event": "ready"' in line
                place = "line of up that says that it is ready" if is_ready else f"log of {name}"
                here.gathered.add(place, line)
            assert any(_is_at_debug(line) for line in process.lines), f"{name} logs at debug"
    for command_line in lines.seen:
        here.gathered.add("command lines", command_line)
    for table, rows in (await everything_stored(database.admin_url)).items():
        here.gathered.add(f"table {table}", rows)
    with log_of_postgres.open("rb") as log:
        log.seek(log_began)
        here.gathered.add("log of PostgreSQL", log.read())

    found = find_all(planted, here.gathered)
    print(
        f"\n{len(planted.secrets)} secrets planted; looked for in {here.gathered.size:,} bytes of "
        f"{len(here.gathered.places):,} places; {len(lines.seen)} command lines; found where they may be: "
        f"{len(found) - len(not_allowed(found, ALLOWED))}, elsewhere: {len(not_allowed(found, ALLOWED))}"
    )
    assert len(planted.secrets) >= 50
    elsewhere = not_allowed(found, ALLOWED)
    assert elsewhere == [], "\n".join(f"{each.kind}: {each.place}" for each in elsewhere)
    assert not_needed(found, ALLOWED) == [], "the search finds what it must find"


def _client(url: str, headers: dict[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=60)


def _address(line: str) -> str:
    return next(word for word in line.split() if word.startswith("http://"))


def _is_at_debug(line: str) -> bool:
    if line.startswith("{"):
        return bool(json.loads(line)["level"] == "debug")
    return re.match(r"[0-9:]{8} debug ", line) is not None


async def _namespace(address: str) -> str:
    """A new one, which is empty."""
    name = new_id("planted")
    client = await Client.connect(address, namespace=name)
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await client.workflow_service.register_namespace(request)
    return name


@dataclass(frozen=True)
class Where:
    """Where the runs are: not observed yet, so that none is copied before there are rules."""

    address: str
    namespace: str
    failed: str
    """Workflow ids."""
    cancelled: str


async def _plant_runs(planted: Planted, address: str) -> Where:
    name = await _namespace(address)
    client = await Client.connect(address, namespace=name)

    async def is_known() -> bool:
        try:
            await client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(
                    namespace=name,
                    search_attributes={TENANT.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD},
                )
            )
            return (await client.count_workflows(f"{TENANT.name} = 'x'")).count == 0
        except RPCError:
            return False

    assert await eventually(is_known)
    seed = str(uuid4())
    for place, secret in secrets_of(seed).items():
        planted.keep(f"workflow: {place}", secret)
    async with planting(address, name, seed) as (planter, queue):
        return Where(address, name, *await plant_runs(planter, queue, seed))


async def _environment(
    stack: AsyncExitStack,
    planted: Planted,
    database: Database,
    temporal: EmbeddedTemporal,
    namespace: str,
    directory: Path,
) -> dict[str, str]:
    """Everything that can be given by variables and a profile."""
    admin_role = f"planted_{uuid4().hex}"
    name = urlsplit(database.admin_url).path.lstrip("/")
    password = planted.make("password of the administrator's role")
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(f"CREATE ROLE {admin_role} SUPERUSER LOGIN PASSWORD '{password}'")

    async def drop() -> None:
        await admin.execute(f"DROP OWNED BY {admin_role}; DROP ROLE {admin_role}")
        await admin.close()

    stack.push_async_callback(drop)
    key = Authority("Profile").issue("profile").key
    profile = directory / "temporal.toml"
    profile.write_text(
        f"""
        [profile.planted]
        address = "{temporal.address}"
        namespace = "{namespace}"
        api_key = "{planted.make("profile: API key")}"
        [profile.planted.tls]
        disabled = true
        client_key_data = '''{key}'''
        [profile.planted.codec]
        endpoint = "http://127.0.0.1:1"
        auth = "{planted.make("profile: token for a codec server")}"
        [profile.planted.grpc_meta]
        x-tenant = "{planted.make("profile: header value")}"
        """
    )
    planted.keep("profile: client key", key.splitlines()[3])

    def url(user: str, kind: str) -> str:
        return with_user(database.admin_url, user=user, password=planted.make(kind), database=name)

    keys = (planted.make("secret key, new"), planted.make("secret key, old"))
    return clean_environment(
        WATCHGLASS_LOG_LEVEL="debug",
        WATCHGLASS_ADMIN_DATABASE_URL=with_user(database.admin_url, user=admin_role, password=password, database=name),
        WATCHGLASS_DATABASE_URL=url(database.roles.login, "password of the login role"),
        WATCHGLASS_SYNC_DATABASE_URL=url(database.roles.sync, "password of the sync role"),
        WATCHGLASS_ROLE_SUFFIX=database.roles.suffix,
        WATCHGLASS_SECRET_KEY=",".join(keys),
        WATCHGLASS_OPERATIONS_TOKEN=planted.make("operations token"),
        WATCHGLASS_OIDC_ISSUER="http://127.0.0.1:1",
        WATCHGLASS_OIDC_CLIENT_ID="watchglass",
        WATCHGLASS_OIDC_CLIENT_SECRET=planted.make("client secret for a provider"),
        WATCHGLASS_TOKEN=planted.make("WATCHGLASS_TOKEN"),
        TEMPORAL_PROFILE="planted",
        TEMPORAL_CONFIG_FILE=str(profile),
    )


@dataclass(frozen=True)
class Asked:
    """Ids to ask for."""

    project: str
    workflow: str
    execution: str
    connection: str
    service: str
    schedule: str
    member: str
    to_erase: str
    """A workflow id."""


async def _plant(here: Installation, first: httpx.AsyncClient, second: httpx.AsyncClient, where: Where) -> Asked:
    """Through the API, which every page uses; and copied from Temporal."""
    tell = here.tell
    (project,) = (await first.get("/trpc/project.list")).json()["result"]["data"]["items"]
    id = project["id"]
    rules = {"keys": ["password"], "paths": [], "patterns": [], "expressions": ["private-[0-9a-f-]{36}"]}
    await tell(first, "privacy.saveRules", projectId=id, revision=0, rules=rules)
    connection = await _plant_connections(here, first, id, where)
    service = await _plant_services(here, first, id)
    await _plant_people(here, first, second)
    await tell(first, "workflow.create", projectId=id, name="planted-flow")
    await _preview(here, first, id)
    await _ask_wrongly(here, first, second, id)
    found = await _copied(first, connection, where.failed, "failed")
    await _copied(first, connection, where.cancelled, "cancelled")

    async def schedules() -> list[dict[str, str]]:
        answer = await first.get("/trpc/schedule.list", params=_input(projectId=id))
        return list(answer.json()["result"]["data"]["items"])

    (schedule,) = await eventually(schedules)
    (member, *_) = (await first.get("/trpc/member.list", params=_input(projectId=id))).json()["result"]["data"]["items"]
    return Asked(
        project=id,
        workflow=found["workflowId"],
        execution=found["executionId"],
        connection=connection,
        service=service,
        schedule=schedule["id"],
        member=member["userId"],
        to_erase=where.cancelled,
    )


async def _plant_connections(here: Installation, client: httpx.AsyncClient, project: str, where: Where) -> str:
    """Of every kind of credentials, at addresses where nobody answers; and one to the runs, which is returned."""
    make = here.planted.make
    pair = Authority("Ours").issue("reader")
    here.planted.keep("connection: client key", pair.key.splitlines()[2])
    observed = await here.tell(
        client,
        "connection.create",
        projectId=project,
        namespace=where.namespace,
        address=where.address,
        credentials={"headers": [{"name": "X-Tenant", "value": make("connection: header value that is sent")}]},
    )
    settings = {"projectId": project, "namespace": "planted"}
    made = await here.tell(
        client,
        "connection.create",
        **settings,
        address="127.0.0.1:1",
        codecAddress="http://127.0.0.1:1",
        credentials={
            "tls": True,
            "clientCertificate": {"certificate": pair.certificate, "key": pair.key},
            "headers": [
                {"name": "X-Tenant", "value": make("connection: header value")},
                {"name": "authorization", "value": f"Bearer {make('connection: bearer token in a header')}"},
            ],
        },
    )
    jwt = f"eyJhbGciOiJSUzI1NiJ9.{make('connection: JWT, claims')}.{make('connection: JWT, signature')}"
    (key, after) = (make("connection: API key before it was changed"), make("connection: API key afterwards"))
    for address, api_key in (("127.0.0.1:3", jwt), ("127.0.0.1:2", key)):
        keyed = await here.tell(
            client, "connection.create", **settings, address=address, credentials={"apiKey": api_key}
        )
    await here.tell(
        client,
        "connection.update",
        connectionId=keyed["id"],
        address="127.0.0.1:2",
        namespace="planted",
        credentials={"apiKey": after},
    )
    await here.tell(
        client,
        "connection.decodeAtSync",
        connectionId=made["id"],
        decodes=True,
        codecToken=make("connection: token for the codec server"),
    )
    await here.tell(
        client,
        "connection.test",
        settings={
            "address": "127.0.0.1:1",
            "namespace": "x",
            "credentials": {"apiKey": make("connection: API key that is tested")},
        },
    )
    return str(observed["id"])


async def _plant_services(here: Installation, client: httpx.AsyncClient, project: str) -> str:
    """Of each kind, and tried out."""
    make = here.planted.make
    shop = {"kind": "http", "baseUrl": "https://127.0.0.1:1"}
    basic = b64encode(f"ada:{make('service: basic authentication')}".encode()).decode()
    ids = []
    for name, settings, secret in (
        ("shop", shop, {"headers": {"Authorization": f"Bearer {make('service: bearer token')}"}}),
        ("basic", shop, {"headers": {"Authorization": f"Basic {basic}"}}),
        ("key", shop, {"headers": {"X-Api-Key": make("service: API key in a header")}}),
        (
            "database",
            {"kind": "postgres", "host": "127.0.0.1", "port": 1, "database": "shop", "user": "shop"},
            {"password": make("service: password of a database")},
        ),
    ):
        made = await here.tell(client, "service.create", projectId=project, name=name, settings=settings, secret=secret)
        ids.append(made["id"])
    await here.tell(client, "service.setNetworks", projectId=project, networks=["127.0.0.0/8"])
    for id in ids:
        await here.ask(client, "POST", "/trpc/service.test", json={"serviceId": id})
    await here.ask(client, "GET", "/trpc/service.getSealed", params=_input(projectId=project, name="shop"))
    return str(ids[0])


async def _plant_people(here: Installation, first: httpx.AsyncClient, second: httpx.AsyncClient) -> None:
    """With passwords, sessions and tokens: right ones, wrong ones and those that are over."""
    make, tell = here.planted.make, here.tell
    before, password = make("person: password before it was changed"), make("person: password")
    await tell(first, "user.create", name="grace", password=before)
    made = await tell(first, "user.create", name="joan", password=make("person: password at the start"))
    await tell(first, "user.update", userId=made["id"], password=make("person: password set by an administrator"))
    async with _client(str(second.base_url), {}) as browser:
        await _sign_in(here, browser, "grace", before, "session cookie, first")
        place = "answer to account.changePassword of it"
        await tell(browser, "account.changePassword", place=place, current=before, new=password)
        for cookie in browser.cookies.jar:
            if cookie.value and cookie.value not in here.planted.secrets.values():
                here.planted.keep("session cookie, renewed", cookie.value)
        wrong = {"current": make("person: wrong current password"), "new": make("person: new password, refused")}
        assert (await here.ask(browser, "POST", "/trpc/account.changePassword", json=wrong)).status_code >= 400
        await here.ask(browser, "GET", "/trpc/session.list")
    async with _client(str(first.base_url), {}) as browser:
        await _sign_in(here, browser, "grace", password, "session cookie, second")
        await tell(browser, "session.signOut")
        cookie = {"cookie": f"watchglass_session={here.planted.secrets['session cookie, second']}"}
        assert (await here.ask(browser, "GET", "/trpc/session.list", headers=cookie)).status_code == 401
    async with _client(str(first.base_url), {}) as browser:
        link = {"token": here.planted.secrets["sign-in link of up"]}
        place = "answer to POST /auth/exchange of it"
        answer = await here.ask(browser, "POST", "/auth/exchange", place=place, json=link)
        here.planted.keep("session cookie, of a link", answer.cookies["watchglass_session"])
        assert (await here.ask(browser, "POST", "/auth/exchange", json=link)).status_code == 401
        await _plant_tokens(here, browser, second)


async def _plant_tokens(here: Installation, browser: httpx.AsyncClient, second: httpx.AsyncClient) -> None:
    """Of each scope, used for what it may and for what it may not; and one that is over."""
    place = "answer to token.create of it"
    for scope in ("read", "sync", "admin", "revoked"):
        given = {"name": scope, "scope": "admin" if scope == "revoked" else scope, "expiresInDays": 1}
        made = await here.tell(browser, "token.create", place=place, **given)
        token = here.planted.keep(f"token, {scope}", made["token"])
        if scope == "revoked":
            await here.tell(browser, "token.revoke", tokenId=made["id"])
        async with _client(str(second.base_url), {"authorization": f"Bearer {token}"}) as program:
            answer = await here.ask(program, "GET", "/trpc/project.list")
            assert answer.status_code == (401 if scope == "revoked" else 200), answer.text
            await here.ask(program, "POST", "/trpc/project.create", json={"name": f"by {scope}"})


async def _sign_in(here: Installation, browser: httpx.AsyncClient, name: str, password: str, kind: str) -> None:
    place = "answer to POST /auth/sign-in of it"
    answer = await here.ask(browser, "POST", "/auth/sign-in", place=place, json={"name": name, "password": password})
    assert answer.status_code == 204, answer.text
    here.planted.keep(kind, answer.cookies["watchglass_session"])


async def _preview(here: Installation, client: httpx.AsyncClient, project: str) -> None:
    """A value that goes through an expression; and one that makes it fail."""
    graph = blank_graph("planted-preview").model_dump(mode="json", by_alias=True)
    given = {"projectId": project, "graph": graph, "nodeId": "end"}
    secret = here.planted.make("value in a preview")
    answer = await here.ask(
        client,
        "POST",
        "/api/v1/expression.preview",
        place="answer to expression.preview of it",
        json={**given, "expression": "input.card", "input": {"card": secret}},
    )
    assert answer.json()["value"] == secret, answer.text
    wrong = {"card": here.planted.make("value in a preview that fails")}
    answer = await here.ask(
        client,
        "POST",
        "/api/v1/expression.preview",
        place="answer to expression.preview of it",
        json={**given, "expression": "int(input.card)", "input": wrong},
    )
    assert answer.json()["problem"]["message"] == f"A text of {len(wrong['card'])} characters is no number.", (
        answer.text
    )


async def _ask_wrongly(here: Installation, first: httpx.AsyncClient, second: httpx.AsyncClient, project: str) -> None:
    refused = list(refused_requests(here.planted, project))
    for each in (first, second):
        async with _client(str(each.base_url), {}) as stranger:
            for request in refused:
                client = each if request.is_signed_in else stranger
                answer = await here.ask(
                    client,
                    request.method,
                    request.path,
                    place=f"refusal: {request.kind}",
                    headers=request.headers,
                    content=request.body,
                )
                stranger.cookies.clear()
                is_page = request.kind.startswith(("page", "operations"))
                assert answer.status_code >= 300 or is_page, (request.kind, answer.text)


async def _copied(client: httpx.AsyncClient, connection: str, run: str, status: str) -> dict[str, str]:
    """Wait until a run that ended so is copied to its end."""

    async def find() -> dict[str, str] | None:
        names = {"connectionId": connection, "temporalWorkflowId": run}
        answer = await client.post("/trpc/execution.resolve", json=names)
        if answer.status_code != 200:
            return None
        execution = answer.json()["result"]["data"]["executionId"]
        details = (await client.get("/trpc/execution.getExecutionDetails", params=_input(executionId=execution))).json()
        told = details["result"]["data"]["execution"]
        return {**told, "executionId": execution} if told["status"] == status else None

    found = await eventually(find)
    assert found, "the run was copied"
    return found


async def _ask_all(here: Installation, first: httpx.AsyncClient, second: httpx.AsyncClient, asked: Asked) -> None:
    """Every query, in both protocols."""
    things = Things(
        asked.project,
        asked.workflow,
        asked.execution,
        asked.connection,
        str(uuid4()),
        asked.schedule,
        asked.service,
        asked.member,
    )
    inputs = project_inputs(things)
    count = 0
    for procedure in router:
        if procedure.kind is not Kind.QUERY:
            continue
        given = inputs.get(procedure.name)
        params = {} if given is None else {"input": json.dumps(given)}
        await here.ask(first, "GET", f"/trpc/{procedure.name}", params=params)
        parameters = parameters_of(procedure)
        if parameters is None:
            await here.ask(second, "POST", f"/api/v1/{procedure.name}", json=given or {})
        else:
            await here.ask(second, "GET", f"/api/v1/{procedure.name}", params=given or {})
        count += 1
    assert count > 40


async def _type_commands(here: Installation, asked: Asked, files: Path) -> None:
    """Commands that people type beside it, and what they do wrong."""
    planted, place = here.planted, ("--data-dir", str(here.data_dir))
    history = await here.run("history", asked.execution, *place)
    assert "[redacted:" in history
    (files / "history.json").write_text(history)
    for name in ("API key", "header value", "codec token"):
        (files / name).write_text(planted.make(f"command line: {name} in a file"))
    broken = files / "broken.toml"
    broken.write_text(f'[profile.default]\naddress = "x:1"\napi_key = {planted.make("command line: broken profile")}\n')
    urls = {
        "beginning": planted.make("command line: password before a /") + "/x",
        "end": "1/" + planted.make("command line: password behind a /"),
        "question": "x?" + planted.make("command line: password behind a ?"),
        "parameter": "x@127.0.0.1:1/x?password=" + planted.make("command line: password as a parameter"),
    }
    at_once = [
        here.run("doctor", *place),
        here.run("connection", "list", *place),
        here.run("connection", "list", "--json", *place),
        here.run("connection", "test", asked.connection, *place),
        here.run("user", "list", *place),
        here.run("inspect", str(files / "history.json")),
        here.run("inspect", "--json", str(files / "history.json")),
        here.run("workflow", "pull", "planted-flow", "--draft", *place),
        here.run("user", "add", "mary", *place, given=planted.make("command line: password that is typed") + "\n"),
        here.run(
            *("connection", "add", "--project", asked.project, "--address", "127.0.0.1:4", "--namespace", "x"),
            *("--api-key", f"@{files / 'API key'}", "--header", f"x-tenant=@{files / 'header value'}", *place),
        ),
        here.run("connection", "add", "--project", asked.project, "--config", str(broken), *place),
        here.run("doctor", *place, TEMPORAL_CONFIG_FILE=str(broken), place="output of doctor with a broken profile"),
        *(
            here.run(
                *("backup", str(files / f"{name}.backup"), *place),
                place=f"output of backup with a wrong URL ({name})",
                WATCHGLASS_ADMIN_DATABASE_URL=f"postgresql://ada:{url}@127.0.0.1:1/x",
            )
            for name, url in urls.items()
        ),
    ]
    two = asyncio.Semaphore(2)

    async def in_turn(command: Awaitable[str]) -> str:
        async with two:
            return await command

    await asyncio.gather(*(in_turn(command) for command in at_once))
    link = await here.run("sign-in-link", *place, place="output of sign-in-link")
    planted.keep("sign-in link of the command line", urlsplit(link.strip()).fragment.partition("=")[2])
    token = await here.run("token", "create", "--user", "owner", "--name", "planted", *place)
    planted.keep("token of the command line", token.strip())
    await _back_up(here, files)
    assert "rules were applied to: 0 " in await here.run("redact", "--project", asked.project, *place)
    erase = ("erase", "--project", asked.project, "--workflow-id", asked.to_erase, "--yes", *place)
    assert await here.run(*erase, "--run-id", str(uuid4())) == "", "there is no such run"
    assert "Runs erased: 1." in await here.run(*erase)
    assert "No run of this workflow id was stored" in await here.run(*erase)
    assert "Sealed with the new key" in await here.run("rotate-key", *place)


async def _back_up(here: Installation, files: Path) -> None:
    """The file's parts, and its rows as texts."""
    file = files / "all.backup"
    assert "rows of" in await here.run("backup", str(file), "--data-dir", str(here.data_dir))
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            here.gathered.add(f"backup's {name}", archive.read(name))
        rows = archive.read("rows.dump")
    program = postgres_programs(account_for_postgres()) / "pg_restore"
    told = subprocess.run([program, "-f", "-"], input=rows, capture_output=True, check=True)  # noqa: ASYNC221
    assert b"COPY public.projects" in told.stdout
    here.gathered.add("rows of the backup", told.stdout)


def _read_files(here: Installation) -> None:
    """Everything in the data directory; what holds keys and passwords is their owner's alone."""
    for path in sorted(here.data_dir.rglob("*")):
        if path.is_file():
            here.gathered.add(f"file {path.relative_to(here.data_dir)}", path.read_bytes())
            if path.name in PRIVATE_FILES:
                assert path.stat().st_mode & 0o777 == 0o600, path


def _input(**given: str) -> dict[str, str]:
    return {"input": json.dumps(given)}

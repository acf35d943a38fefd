"""Requests that are refused, each with a secret where a mistake could put one."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.acceptance.planted import Planted


@dataclass(frozen=True)
class Refused:
    """A request whose answer is an error."""

    kind: str
    """Where its secret is."""
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    is_signed_in: bool = True


def refused_requests(planted: Planted, project: str) -> Iterator[Refused]:
    """To either protocol, to the sign-in and to the page."""
    made = planted.make

    def post(kind: str, path: str, body: Any, **more: Any) -> Refused:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Refused(kind, "POST", path, {"content-type": "application/json"}, data, **more)

    for protocol in ("/trpc", "/api/v1"):
        kind = f"{protocol}: JSON that breaks off"
        yield post(kind, f"{protocol}/connection.create", f'{{"credentials": {{"apiKey": "{made(kind)}'.encode())
        kind = f"{protocol}: no JSON"
        yield post(kind, f"{protocol}/connection.create", f"apiKey={made(kind)}".encode())
        kind = f"{protocol}: JSON that goes on after its end"
        yield post(kind, f"{protocol}/connection.create", f'{{}} "{made(kind)}"'.encode())
        kind = f"{protocol}: value of an unknown field"
        yield post(kind, f"{protocol}/project.update", {"projectId": project, "name": "x", "apiKey": made(kind)})
        kind = f"{protocol}: text where an object is wanted"
        settings = {"projectId": project, "address": "127.0.0.1:1", "namespace": "x"}
        yield post(kind, f"{protocol}/connection.create", {**settings, "credentials": made(kind)})
        kind = f"{protocol}: object where a secret is wanted"
        yield post(kind, f"{protocol}/connection.create", {**settings, "credentials": {"apiKey": {"x": made(kind)}}})
        kind = f"{protocol}: too long a secret"
        long = made(kind) + "x" * 10_000
        yield post(kind, f"{protocol}/connection.create", {**settings, "credentials": {"apiKey": long}})
        kind = f"{protocol}: secret with a line break"
        broken = f"{made(kind)}\r\nx"
        yield post(kind, f"{protocol}/connection.create", {**settings, "credentials": {"apiKey": broken}})
        kind = f"{protocol}: header value with a line break"
        headers = [{"name": "authorization", "value": f"{made(kind)}\r\nx"}]
        yield post(kind, f"{protocol}/connection.create", {**settings, "credentials": {"headers": headers}})
        kind = f"{protocol}: text where an id is wanted"
        yield post(kind, f"{protocol}/connection.update", {**settings, "connectionId": made(kind)})
        kind = f"{protocol}: address with a password"
        yield post(kind, f"{protocol}/connection.create", {**settings, "address": f"ada:{made(kind)}@temporal:7233"})
        for name in ("codecAddress", "uiAddress", "httpAddress"):
            kind = f"{protocol}: {name} with a password"
            yield post(kind, f"{protocol}/connection.create", {**settings, name: f"http://ada:{made(kind)}@x.example"})
        kind = f"{protocol}: client key that is none"
        pair = {"certificate": "none", "key": made(kind)}
        yield post(
            kind, f"{protocol}/connection.create", {**settings, "credentials": {"tls": True, "clientCertificate": pair}}
        )
        kind = f"{protocol}: base URL of a service with a password"
        service = {"projectId": project, "name": "refused"}
        url = {"kind": "http", "baseUrl": f"https://ada:{made(kind)}@shop.example"}
        yield post(kind, f"{protocol}/service.create", {**service, "settings": url})
        kind = f"{protocol}: base URL of a service with a key"
        url = {"kind": "http", "baseUrl": f"https://shop.example/?key={made(kind)}"}
        yield post(
            kind, f"{protocol}/service.create", {**service, "settings": url, "secret": {"headers": {"a b": "x"}}}
        )
        kind = f"{protocol}: password of a service of another kind"
        yield post(
            kind,
            f"{protocol}/service.create",
            {**service, "settings": {"kind": "http", "baseUrl": "nowhere"}, "secret": {"password": made(kind)}},
        )
        kind = f"{protocol}: service secret that is a list"
        settings_of = {"kind": "http", "baseUrl": "https://shop.example"}
        yield post(
            kind,
            f"{protocol}/service.create",
            {**service, "settings": settings_of, "secret": {"headers": {"authorization": [made(kind)]}}},
        )
        kind = f"{protocol}: new password that is too short for the rules, with the wrong current one"
        yield post(kind, f"{protocol}/account.changePassword", {"current": made(kind), "new": "x"})
        kind = f"{protocol}: person whose name is taken"
        yield post(kind, f"{protocol}/user.create", {"name": "owner", "password": made(kind)})
        kind = f"{protocol}: input of a run that cannot be started"
        yield post(kind, f"{protocol}/workflow.run", {"workflowId": str(uuid4()), "input": {"card": made(kind)}})
        kind = f"{protocol}: codec token for a foreign address"
        codec = {"executionId": str(uuid4()), "codecAddress": "http://127.0.0.1:1", "codecToken": made(kind)}
        yield post(kind, f"{protocol}/execution.decodeExecution", codec)
        kind = f"{protocol}: expression that cannot be read"
        yield post(
            kind,
            f"{protocol}/expression.preview",
            {"projectId": project, "graph": {}, "nodeId": "x", "expression": "(", "input": {"card": made(kind)}},
        )
        kind = f"{protocol}: bad workflow file"
        yield post(kind, f"{protocol}/workflow.importFile", {"projectId": project, "text": f"\tkey: {made(kind)}"})
        kind = f"{protocol}: body of another kind"
        yield Refused(kind, "POST", f"{protocol}/project.update", {"content-type": "text/plain"}, made(kind).encode())
        kind = f"{protocol}: value in a URL"
        address = f"{protocol}/project.get?projectId={made(kind)}"
        if protocol == "/trpc":
            text = json.dumps({"projectId": planted.secrets[kind]})
            address = f"{protocol}/project.get?input={text}"
        yield Refused(kind, "GET", address)
        kind = f"{protocol}: token in a URL"
        yield Refused(kind, "GET", f"{protocol}/project.list?token={made(kind)}", is_signed_in=False)
        kind = f"{protocol}: path that there is none of"
        yield Refused(kind, "GET", f"{protocol}/{made(kind)}")
        kind = f"{protocol}: wrong bearer token"
        bearer = {"authorization": f"Bearer {made(kind)}"}
        yield Refused(kind, "GET", f"{protocol}/project.list", bearer, is_signed_in=False)
        kind = f"{protocol}: wrong token of our form"
        token = planted.keep(kind, f"wg_{uuid4().hex}000000")
        yield Refused(kind, "GET", f"{protocol}/project.list", {"authorization": f"Bearer {token}"}, is_signed_in=False)
        kind = f"{protocol}: basic authentication"
        basic = b64encode(f"ada:{made(kind)}".encode()).decode()
        yield Refused(kind, "GET", f"{protocol}/project.list", {"authorization": f"Basic {basic}"}, is_signed_in=False)
        kind = f"{protocol}: cookie that is none of ours"
        cookie = {"cookie": f"watchglass_session={made(kind)}"}
        yield Refused(kind, "GET", f"{protocol}/project.list", cookie, is_signed_in=False)
    kind = "sign-in: wrong password"
    yield post(kind, "/auth/sign-in", {"name": "grace", "password": made(kind)}, is_signed_in=False)
    kind = "sign-in: password of somebody unknown"
    yield post(kind, "/auth/sign-in", {"name": f"nobody-{uuid4()}", "password": made(kind)}, is_signed_in=False)
    kind = "sign-in: password as the name"
    yield post(kind, "/auth/sign-in", {"name": made(kind), "password": "x"}, is_signed_in=False)
    kind = "sign-in: JSON that breaks off"
    yield post(kind, "/auth/sign-in", f'{{"password": "{made(kind)}'.encode(), is_signed_in=False)
    kind = "sign-in: unknown field"
    yield post(kind, "/auth/sign-in", {"name": "grace", "secret": made(kind)}, is_signed_in=False)
    kind = "sign-in: wrong link"
    yield post(kind, "/auth/exchange", {"token": made(kind)}, is_signed_in=False)
    kind = "sign-in: code of a provider"
    yield Refused(kind, "GET", f"/auth/oidc/callback?code={made(kind)}&state=x", is_signed_in=False)
    kind = "sign-in: state of a provider"
    yield Refused(kind, "GET", f"/auth/oidc/callback?code=x&state={made(kind)}", is_signed_in=False)
    kind = "page: token in a URL"
    yield Refused(kind, "GET", f"/sign-in?token={made(kind)}", is_signed_in=False)
    kind = "page: path"
    yield Refused(kind, "GET", f"/{made(kind)}", is_signed_in=False)
    kind = "host name"
    yield Refused(kind, "GET", "/trpc/project.list", {"host": f"{made(kind)}.example"})
    kind = "origin"
    yield Refused(kind, "POST", "/trpc/project.create", {"origin": f"https://{made(kind)}.example"}, b"{}")
    kind = "operations: wrong token"
    yield Refused(kind, "GET", "/metrics", {"authorization": f"Bearer {made(kind)}"}, is_signed_in=False)

"""Hostile values as whatever a person writes here that is no drawing: names, notes, rules, settings, inputs."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from temporalio.api.common.v1 import Payload, WorkflowExecution
from tests.hostile.planting import Planter
from tests.hostile.telling import Told
from tests.hostile.up import Json, Up, truth

from watchglass.model.redaction import MOST_RULES

_AT_ONCE = 8
_DEAD = "127.0.0.1:1"
"""Where no Temporal is."""
_SHOWN_CONNECTIONS = 16
"""Of so many namespaces one stays as a connection, to be looked at."""
_LOOKS = 150
_HARMLESS = ("plain", "https://temporal.example", "temporal.example:7233", "10.0.0.0/8")
"""Of which each kind of thing has to take one. What takes nothing at all would pass for what withstands everything."""
_HARMLESS_VALUE = b'{"plain": true}'
_INPUT_SCHEMA = {"type": "object"}
_NO_RULES: Mapping[str, Sequence[str]] = {"keys": [], "paths": [], "patterns": [], "expressions": []}


@dataclass
class Written:
    """Where all of it went."""

    told: Told = field(default_factory=Told)
    project_id: str = ""
    """A project with no runs of its own."""
    rules_project_id: str = ""
    """One with rules, which hide what they name in whatever is copied into it."""
    workflows: list[str] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)
    """Whose rules hold such texts, not their names."""
    drawings: list[str] = field(default_factory=list)
    """Workflows on which texts stand wherever a drawing has one."""
    pages: list[str] = field(default_factory=list)
    """Runs on their drawings."""
    executions: list[str] = field(default_factory=list)
    """Runs of a built workflow, that were started with hostile ids and inputs."""
    ended: list[WorkflowExecution] = field(default_factory=list)
    """Runs that were ended from here, with hostile reasons."""


@dataclass
class Hand:
    """Writes as several people, each of whom may do everything."""

    up: Up
    written: Written
    connections: dict[str, str] = field(default_factory=dict)
    """One for each setting, which is set to one value after the other."""
    runnable: str = ""
    rules: dict[str, list[str]] = field(default_factory=lambda: {"keys": [], "paths": [], "expressions": []})
    """What was taken as a rule."""
    turns: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """For what there is only one of: somebody else's change would come back."""

    async def tell(self, what: str, procedure: str, given: Json | bytes, *, person: int) -> Any:
        return await self.written.told.tell(self.up, what, procedure, given, person=person)

    async def keep(
        self, what: str, procedure: str, given: Json, *, person: int, value: object, found: Callable[[Any], object]
    ) -> Any:
        """Tell it, and compare what the answer holds with what was told."""
        answer = await self.tell(what, procedure, given, person=person)
        if answer is not None:
            self.written.told.compare(what, value, found(answer))
        return answer


async def write(
    up: Up, texts: Sequence[str], payloads: Mapping[str, Payload], planter: Planter, written: Written
) -> None:
    """Write every text wherever a person can write one, and every payload's bytes where a value is asked for."""
    hand = Hand(up, written)
    texts = [*_HARMLESS, *texts]
    values = [_HARMLESS_VALUE, *(value.data for value in payloads.values())]
    await _prepare(hand)
    ways = (_project, _workflow, _catalogue, _service, _rules, _person, _connection, _register, _run)
    await _all([way(hand, text, number) for number, text in enumerate(texts) for way in ways])
    await _save_rules(hand, "keys", list(dict.fromkeys(hand.rules["keys"]))[:MOST_RULES], person=0)
    await _tokens(hand, texts)
    await _end_runs(hand, texts, planter)
    await _all([_values(hand, value, number) for number, value in enumerate(values)])
    await _read_back(hand, texts)


async def _all(work: Sequence[Awaitable[None]]) -> None:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(one: Awaitable[None]) -> None:
        async with turns:
            await one

    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(in_turn(one))


_SETTINGS: Mapping[str, Callable[[str], Json]] = {
    "namespace": lambda text: {"namespace": text},
    "address": lambda text: {"address": text},
    "address's host": lambda text: {"address": f"{text}:7233"},
    "scope": lambda text: {"scope": text},
    "page of Temporal": lambda text: {"uiAddress": text},
    "path of Temporal's page": lambda text: {"uiAddress": f"https://temporal.example/{text}"},
    "HTTP API": lambda text: {"httpAddress": text},
    "codec server": lambda text: {"codecAddress": text},
    "server name": lambda text: {"credentials": {"tls": True, "serverName": text}},
    "authority": lambda text: {"credentials": {"tls": True, "serverCa": text}},
    "API key": lambda text: {"credentials": {"apiKey": text}},
    "header": lambda text: {"credentials": {"headers": [{"name": text[:100], "value": text or "x"}]}},
    "header's value": lambda text: {"credentials": {"headers": [{"name": "x-team", "value": text}]}},
    "certificate": lambda text: {"credentials": {"tls": True, "clientCertificate": {"certificate": text, "key": text}}},
}


async def _prepare(hand: Hand) -> None:
    up = hand.up
    owner = await up.mutate("project.create", name="Hostile writings")
    hand.written.project_id = project = owner["id"]
    hand.written.rules_project_id = (await up.mutate("project.create", name="Hostile rules"))["id"]
    for person in (await up.query("member.list", projectId=up.project_id))["items"]:
        if not person["isYou"]:
            for one in (project, hand.written.rules_project_id):
                await up.mutate("member.add", projectId=one, name=person["name"], role="owner", seesPayloads=True)
    for setting in _SETTINGS:
        made = await up.mutate(
            "connection.create", projectId=project, address=_DEAD, namespace=f"namespace of {setting}"
        )
        hand.connections[setting] = made["id"]
    nodes = [{"kind": "start", "id": "start"}, {"kind": "end", "id": "end", "result": "=input"}]
    graph = {
        "format": "watchglass/workflow/v1",
        "name": "Hostile inputs",
        "inputSchema": _INPUT_SCHEMA,
        "nodes": nodes,
        "edges": [{"source": "start", "port": "next", "target": "end"}],
    }
    made = await up.mutate("workflow.importFile", projectId=up.project_id, text=json.dumps(graph))
    hand.runnable = made["workflowId"]
    await up.mutate("workflow.saveVersion", workflowId=hand.runnable, revision=made["revision"])


async def _project(hand: Hand, text: str, person: int) -> None:
    made = await hand.keep(
        "project", "project.create", {"name": text}, person=0, value=text, found=lambda answer: answer["name"]
    )
    if made is not None:
        changed = {"projectId": made["id"], "name": text + text[-1]}
        await hand.keep(
            "project", "project.update", changed, person=0, value=text + text[-1], found=lambda answer: answer["name"]
        )


async def _workflow(hand: Hand, text: str, person: int) -> None:
    given = {"projectId": hand.written.project_id, "name": text}
    made = await hand.tell("workflow", "workflow.create", given, person=person)
    if made is None:
        made = await hand.tell("workflow", "workflow.create", given | {"name": f"no name {person}"}, person=person)
    else:
        kept = await hand.up.query("workflow.getDraft", workflowId=made["workflowId"])
        hand.written.told.compare("workflow", text, kept["graph"]["name"])
    if made is None:
        return
    hand.written.workflows.append(made["workflowId"])
    saved = {"workflowId": made["workflowId"], "revision": 1, "note": text}
    if await hand.tell("version's note", "workflow.saveVersion", saved, person=person) is not None:
        versions = await hand.up.query("workflow.listVersions", workflowId=made["workflowId"])
        hand.written.told.compare("version's note", text, versions["items"][0]["note"])


async def _catalogue(hand: Hand, text: str, person: int) -> None:
    project = hand.written.project_id
    schema = {
        "type": "object",
        "title": text,
        "description": text,
        "properties": {text: {"type": "string", "title": text, "description": text, "default": text, "enum": [text]}},
    }
    component = {
        "type": text[:1000],
        "name": text[:200],
        "description": text,
        "category": text[:100],
        "icon": text[:50],
        "inputSchema": schema,
        "outputSchema": schema,
    }
    given = {"projectId": project, "component": component}
    await hand.keep(
        *("component", "component.register", given),
        person=person,
        value=component,
        found=lambda answer: {name: answer[name] for name in component},
    )
    announced = {"type": f"announced {text}"[:1000], "name": text[:200], "description": text}
    await hand.tell("component", "component.announce", {"projectId": project, "components": [announced]}, person=person)
    await hand.tell("component", "component.remove", {"projectId": project, "type": announced["type"]}, person=person)


async def _service(hand: Hand, text: str, person: int) -> None:
    project = {"projectId": hand.written.project_id}
    database = {
        "kind": "postgres",
        "host": text[:253],
        "port": 5432,
        "database": text[:63],
        "user": text[:63],
        "tls": "verify",
    }
    await hand.keep(
        *("service", "service.create"),
        project | {"name": text[:100], "settings": database, "secret": {"password": text}},
        person=person,
        value=(text[:100], database),
        found=lambda answer: (answer["name"], answer["settings"]),
    )
    for address in (text, f"https://shop.example/{text}", f"https://{text}/"):
        settings = {"kind": "http", "baseUrl": address}
        secret = {"headers": {text[:100]: text}}
        await hand.keep(
            *("address of a service", "service.create"),
            project | {"name": f"{person} {address}"[:100], "settings": settings, "secret": secret},
            person=person,
            value=address,
            found=lambda answer: answer["settings"]["baseUrl"],
        )
    await hand.tell("network", "service.setNetworks", project | {"networks": [text]}, person=person)


async def _rules(hand: Hand, text: str, person: int) -> None:
    for kind in hand.rules:
        if await _save_rules(hand, kind, [text], person=person):
            hand.rules[kind].append(text)
    tried = {"rules": _NO_RULES | {"keys": [text]}, "sample": json.dumps({text: text})}
    project = {"projectId": hand.written.rules_project_id}
    await hand.tell("sample for privacy rules", "privacy.preview", project | tried, person=person)


async def _save_rules(hand: Hand, kind: str, texts: Sequence[str], *, person: int) -> bool:
    """Were they taken? They replace those that there were, of each kind."""
    project = {"projectId": hand.written.rules_project_id}
    rules = _NO_RULES | {kind: texts}
    async with hand.turns["rules"]:
        revision = (await hand.up.query("privacy.getRules", **project))["revision"]
        saved = await hand.keep(
            *(f"privacy rule ({kind})", "privacy.saveRules", project | {"rules": rules, "revision": revision}),
            person=person,
            value=rules,
            found=lambda answer: answer["rules"],
        )
    return saved is not None


async def _person(hand: Hand, text: str, person: int) -> None:
    if await hand.tell("person", "user.create", {"name": text}, person=person) is not None:
        member = {"projectId": hand.written.project_id, "name": text, "role": "viewer"}
        await hand.keep(
            *("member", "member.add", member),
            person=person,
            value=True,
            found=lambda answer: any(one["name"] == text for one in answer["items"]),
        )
    email = {"name": f"by email {person}", "email": f"{text}@mail.example"}
    await hand.tell("email", "user.create", email, person=person)


async def _tokens(hand: Hand, texts: Sequence[str]) -> None:
    """Tokens of those names; each name is one that its page shows, or is refused."""
    told = hand.written.told
    async with hand.up.in_browser() as browser:
        for text in texts:
            given = {"name": text, "scope": "read", "expiresInDays": 1}
            made = await told.tell(browser, "token", "token.create", given)
            if made is not None:
                newest = (await browser.query("token.list"))["items"][0]
                told.compare("token", text, newest["name"])


async def _connection(hand: Hand, text: str, person: int) -> None:
    for setting, settings_of in _SETTINGS.items():
        own = settings_of(text)
        given = {"address": _DEAD, "namespace": f"namespace of {setting}"} | own
        async with hand.turns[setting]:
            changed = await hand.tell(
                setting, "connection.update", given | {"connectionId": hand.connections[setting]}, person=person
            )
        if changed is not None and "credentials" not in own:
            wanted = {name: _as_used(name, value) for name, value in own.items()}
            hand.written.told.compare(setting, wanted, {name: changed[name] or "" for name in own})
        if setting == "namespace" and changed is not None and person % _SHOWN_CONNECTIONS == 0:
            given |= {"projectId": hand.written.project_id}
            await hand.tell(setting, "connection.create", given, person=person)


def _as_used(setting: str, value: Any) -> Any:
    """Addresses are kept without a slash at their end, scopes without spaces around them."""
    if setting in ("uiAddress", "httpAddress", "codecAddress"):
        return value.rstrip("/")
    return value.strip() if setting == "scope" else value


async def _register(hand: Hand, text: str, person: int) -> None:
    graph = {
        "format": "watchglass/workflow/v1",
        "name": f"Registered {person}",
        "nodes": [{"kind": "start", "id": "start"}, {"kind": "end", "id": "end"}],
        "edges": [{"source": "start", "port": "next", "target": "end"}],
    }
    rules = {
        "runs": [{"workflowType": text, "workflowId": text, "searchAttributes": {text: text}, "memo": {text: text}}],
        "nodes": [{"node": "end", "by": "activity_id", "matches": text}],
    }
    given = {"projectId": hand.written.project_id, "graph": graph, "rules": rules}
    made = await hand.tell("rule of runs", "workflow.register", given, person=person)
    if made is not None:
        hand.written.registered.append(made["workflowId"])


async def _run(hand: Hand, text: str, person: int) -> None:
    """A built run of that id, and with that text as its input."""
    given = {"workflowId": hand.runnable, "input": {text: [text, {text: text}]}}
    started = await hand.tell("run's id", "workflow.run", given | {"temporalWorkflowId": text}, person=person)
    if started is None:
        started = await hand.tell("run's input", "workflow.run", given, person=person)
    if started is not None:
        await _has_input(hand, started["executionId"], given["input"])


async def _values(hand: Hand, data: bytes, number: int) -> None:
    """The bytes themselves, where JSON is asked for."""
    up = hand.up
    whole = b'{"workflowId": "%s", "input": {"value": %s}}' % (hand.runnable.encode(), data)
    started = await hand.tell("raw input", "workflow.run", whole, person=number)
    if started is not None:
        try:
            given = json.loads(whole)["input"]
        except (ValueError, RecursionError) as error:
            hand.written.told.broken.append(f"taken as an input, though it is no JSON ({error}): {whole[:200]!r}")
        else:
            await _has_input(hand, started["executionId"], given)
    schema = (
        b'{"projectId": "%s", "component": {"type": "raw %d", "name": "x", '
        b'"inputSchema": {"type": "object", "default": %s}}}'
    ) % (hand.written.project_id.encode(), number, data)
    await hand.tell("raw schema", "component.register", schema, person=number)
    preview = b'{"projectId": "%s", "nodeId": "end", "expression": "input", "input": %s, "graph": %s}' % (
        up.project_id.encode(),
        data,
        json.dumps((await up.query("workflow.getDraft", workflowId=hand.runnable))["graph"]).encode(),
    )
    await hand.tell("raw value for an expression", "expression.preview", preview, person=number)
    sample = data.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
    rules = {"keys": ["password"], "paths": [], "patterns": [], "expressions": ["[0-9]{12,19}"]}
    tried = {"projectId": hand.written.rules_project_id, "rules": rules, "sample": sample}
    await hand.tell("raw sample for privacy rules", "privacy.preview", tried, person=number)


async def _has_input(hand: Hand, execution_id: str, given: object) -> None:
    """What the run was started with is what was told, as soon as it is copied."""
    for _ in range(_LOOKS):
        answer = await hand.up.ask("execution.getInput", {"executionId": execution_id})
        if answer.is_success:
            break
        await asyncio.sleep(0.2)
    else:
        hand.written.told.broken.append(f"the input {str(given)[:200]} did not come back: {answer.text[:300]}")
        return
    hand.written.told.compare("run's input", given, answer.json()["result"]["data"]["input"])
    hand.written.executions.append(execution_id)


async def _end_runs(hand: Hand, texts: Sequence[str], planter: Planter) -> None:
    """End a run for each text, which is the reason."""

    async def end(text: str, person: int) -> None:
        run = await planter.start(f"ended {person} {hand.written.project_id}", "nobody")
        execution_id = await hand.up.found(run, person=person)
        asked = {"executionId": execution_id, "reason": text}
        procedure = "execution.cancel" if person % 4 == 0 else "execution.terminate"
        if await hand.tell("reason", procedure, asked, person=person) is None:
            await hand.tell("reason", "execution.terminate", asked | {"reason": "refused"}, person=person)
        else:
            last = (await truth(planter.client, run))[-1]
            told = (
                last.workflow_execution_terminated_event_attributes.reason
                if procedure == "execution.terminate"
                else last.workflow_execution_cancel_requested_event_attributes.cause
            )
            hand.written.told.compare("reason", True, text in told)
        hand.written.ended.append(run)

    await _all([end(text, person) for person, text in enumerate(texts)])


async def _read_back(hand: Hand, texts: Sequence[str]) -> None:
    """What can be read of everything at once."""
    told = hand.written.told
    wanted = set(texts)
    people = {one["name"] for one in (await hand.up.query("user.list"))["items"]} & wanted
    told.kept["person"] += len(people)
    if len(people) + told.refused["person"] != len(wanted):
        told.altered.append(f"person: {len(people)} of {len(wanted)} are there, {told.refused['person']} were refused")

"""Whatever changes something leaves a line of who did it."""

import json
from typing import Any
from uuid import uuid4

import pytest
from tests.api.examples import SHOP, Inputs
from tests.api.house import House, Person, ask, changes, inputs_for

from watchglass.api.procedures import router
from watchglass.api.trpc.router import Procedure
from watchglass.auth.credential import session_cookie
from watchglass.auth.secret import hash_secret, new_secret

WITHOUT_LINE = {
    "component.announce": "a worker says it of itself whenever it starts",
    "connection.test": "nothing is stored",
    "execution.resolve": "the copy alone",
    "execution.syncExecutionFromTemporal": "the copy alone",
    "privacy.preview": "nothing is stored",
    "workflow.saveDraft": "a draft is saved while somebody types; its version is what leaves a line",
}
"""Mutations that leave none, and why."""
BY_SESSION = {"account.changePassword", "session.revokeOthers", "session.signOut", "token.create"}
"""Of people at a browser, asked below as one: a token is refused."""
WITH_TEMPORAL = {
    "execution.approve",
    "execution.cancel",
    "execution.decodeComponentExecution",
    "execution.decodeExecution",
    "execution.terminate",
    "workflow.run",
}
"""Nothing happens without a Temporal that answers. Where one does, their lines are asked for, all in tests/acceptance:
of what is done to runs in test_builder_interventions.py and test_builder_runs.py, of decoded values in test_codec.py.
"""
ERASED = "execution.erase"
"""It would take the run that every other procedure asks for; its line is asked for where runs are erased
(tests/acceptance/test_erase.py)."""


@pytest.mark.parametrize(
    "procedure", sorted((p for p in router if changes(p)), key=lambda p: p.name), ids=lambda p: p.name
)
async def test_a_mutation_leaves_a_line(house: House, procedure: Procedure) -> None:
    if procedure.name in BY_SESSION | WITH_TEMPORAL | {ERASED}:
        return
    person = house.people["instance admin" if procedure.name.startswith("user.") else "owner"]
    things = await house.fresh()
    inputs: Inputs = await inputs_for(house, person, things)
    given = inputs[procedure.name]
    if procedure.name == "service.create":
        given = {**(given or {}), "name": f"another {things.name}"}
    if procedure.name == "member.update":
        given = {**(given or {}), "role": "editor"}
    if procedure.name == "user.update":
        given = {**(given or {}), "isAdmin": True}
    if procedure.name == "workflow.saveVersion":
        revision = await house.admin.fetchval(
            "SELECT revision FROM workflow_drafts WHERE workflow_id = $1::uuid", things.workflow
        )
        given = {**(given or {}), "revision": revision}
    before = await _lines(house)
    answer = await ask(person.caller, procedure, given)
    after = await _lines(house)
    if procedure.name in WITHOUT_LINE:
        assert after == before
        return
    assert answer.status_code == 200 or procedure.name == "execution.tryAgain", answer.text
    assert after > before
    line = await house.admin.fetchrow(
        "SELECT user_id, action, details FROM (SELECT at, user_id, action, details FROM audit_log "
        "UNION ALL SELECT at, user_id, action, details FROM installation_log) every ORDER BY at DESC LIMIT 1"
    )
    assert line["user_id"] == person.id, line


@pytest.mark.parametrize(
    ("procedure", "given", "action"),
    [
        ("account.changePassword", {"new": "correct horse battery staple"}, "user.password"),
        ("session.revokeOthers", None, "session.end"),
        ("session.signOut", None, "session.end"),
        ("token.create", {"name": "t", "scope": "read", "expiresInDays": 1}, "token.create"),
    ],
)
async def test_what_people_do_at_a_browser_leaves_a_line(
    house: House, procedure: str, given: dict[str, Any] | None, action: str
) -> None:
    person = await house.admin.fetchval("INSERT INTO users (name) VALUES ($1) RETURNING id", f"browses {uuid4()}")
    secrets = [new_secret(), new_secret()]
    for secret in secrets:
        await house.admin.execute(
            "INSERT INTO sessions (user_id, token_hash, expires_at) VALUES ($1, $2, now() + interval '1 hour')",
            person,
            hash_secret(secret),
        )
    before = await house.admin.fetchval("SELECT clock_timestamp()")
    headers = {"cookie": f"{session_cookie(is_behind_tls=False)}={secrets[0]}", "content-type": "application/json"}
    answer = await house.client.post(
        f"/trpc/{procedure}", content=b"" if given is None else json.dumps(given).encode(), headers=headers
    )
    house.client.cookies.clear()
    assert answer.status_code == 200, answer.text
    lines = await house.admin.fetch(
        "SELECT user_id, target FROM installation_log WHERE at > $1 AND action = $2", before, action
    )
    assert (person, str(person)) in [tuple(line) for line in lines]


def test_every_mutation_that_the_walk_leaves_out_is_asked_for_elsewhere() -> None:
    here = next(
        mark for mark in test_what_people_do_at_a_browser_leaves_a_line.pytestmark if mark.name == "parametrize"
    )
    assert {case[0] for case in here.args[1]} == BY_SESSION
    assert {*BY_SESSION, *WITH_TEMPORAL, ERASED, *WITHOUT_LINE} <= {p.name for p in router if changes(p)}


async def _lines(house: House) -> int:
    counted: int = await house.admin.fetchval(
        "SELECT (SELECT count(*) FROM audit_log) + (SELECT count(*) FROM installation_log)"
    )
    return counted


async def test_values_that_were_seen_are_written_once_a_person_run_and_hour(house: House) -> None:
    ask_for = {"executionId": house.things.execution}
    counted = "SELECT count(*) FROM audit_log WHERE action = 'values.see' AND user_id = $1 AND target = $2"
    blind, editor = house.people["viewer without values"], house.people["editor"]
    for _ in range(3):
        await editor.caller.data("execution.getExecutionDetails", ask_for)
        await editor.caller.data("execution.getHistoryEvents", ask_for)
        await blind.caller.data("execution.getExecutionDetails", ask_for)
    assert await house.admin.fetchval(counted, editor.id, house.things.execution) == 1
    assert await house.admin.fetchval(counted, blind.id, house.things.execution) == 0


async def test_an_owner_reads_who_did_what_by_kind_and_person(house: House) -> None:
    owner, viewer = house.people["owner"], house.people["viewer"]
    things = await house.fresh()
    project = {"projectId": things.project}
    added = await owner.caller.mutate("member.add", {**project, "name": things.stranger, "role": "viewer"})
    assert added.status_code == 200, added.text
    await viewer.caller.data("execution.getExecutionDetails", {"executionId": things.execution})
    newest = (await viewer.caller.data("audit.list", {**project, "kind": "members", "limit": 1}))["items"]
    assert [(line["action"], line["details"]["name"]) for line in newest] == [("member.add", things.stranger)]
    by = newest[0]["by"]
    assert by in (await viewer.caller.data("audit.people", project))["names"]
    whole = (await viewer.caller.data("audit.list", {**project, "limit": 200, "by": by}))["items"]
    assert {line["by"] for line in whole} == {by}
    assert "values.see" not in {line["action"] for line in whole}
    seen = (await viewer.caller.data("audit.list", {**project, "kind": "values"}))["items"]
    assert {line["action"] for line in seen} == {"values.see"}


async def test_the_last_owner_stays_and_owners_see_values(house: House) -> None:
    owner, project = house.people["owner"], {"projectId": house.things.project}
    members = (await owner.caller.data("member.list", project))["items"]
    owners = [member for member in members if member["role"] == "owner"]
    assert all(member["seesPayloads"] for member in owners)
    blinded = {**project, "userId": owners[0]["userId"], "role": "owner", "seesPayloads": False}
    answer = await owner.caller.mutate("member.update", blinded)
    assert answer.status_code == 200, answer.text
    assert all(m["seesPayloads"] for m in answer.json()["result"]["data"]["items"] if m["role"] == "owner")
    for other in owners:
        if not other["isYou"]:
            gone = await owner.caller.mutate("member.remove", {**project, "userId": other["userId"]})
            assert gone.status_code == 200, gone.text
    for name, more in (("member.remove", {}), ("member.update", {"role": "viewer", "seesPayloads": True})):
        refused = await owner.caller.mutate(name, {**project, "userId": str(owner.id), **more})
        assert refused.status_code == 409, refused.text
        assert "A project needs an owner" in refused.json()["error"]["message"]


async def test_a_line_names_what_it_is_about_for_as_long_as_that_is_there(house: House) -> None:
    owner, project = house.people["owner"], {"projectId": house.things.project}

    async def about(target: str) -> list[tuple[str, str] | None]:
        lines = (await owner.caller.data("audit.list", {**project, "limit": 200}))["items"]
        found = [line["about"] for line in lines if line["target"] == target]
        return [thing and (thing["kind"], thing["id"]) for thing in found]

    async def done(procedure: str, given: dict[str, Any]) -> Any:
        answer = await owner.caller.mutate(procedure, given)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]["data"]

    things = await house.fresh()
    name = f"linked {things.name}"
    await done("service.update", {"serviceId": things.service, "name": name, "settings": SHOP})
    assert await about(things.service) == [("service", things.service)]
    await done("service.remove", {"serviceId": things.service})
    assert await about(things.service) == [None, None]
    await done("component.register", {**project, "component": {"type": name, "name": "Pay"}})
    assert await about(name) == [("component", name)]
    await done("component.remove", {**project, "type": name})
    assert await about(name) == [None, None]
    await done("member.update", {**project, "userId": things.member, "role": "editor", "seesPayloads": True})
    assert await about(things.member) == [("member", things.member)]
    await done("member.remove", {**project, "userId": things.member})
    assert await about(things.member) == [None, None]
    await done("workflow.setLevel", {"workflowId": things.workflow, "level": "list"})
    assert ("workflow", things.workflow) in await about(things.workflow)
    await done("backfill.cancel", {"backfillId": things.backfill})
    assert await about(things.backfill) == [("connection", things.connection)]
    await done("service.setNetworks", {**project, "networks": ["10.0.0.0/8"]})
    assert ("project", things.project) in await about(things.project)


async def test_a_run_that_was_started_is_linked_once_it_is_copied(house: House) -> None:
    things = house.things
    copied = await house.admin.fetchval(
        "SELECT temporal_run_id FROM workflow_executions WHERE id = $1::uuid", things.execution
    )
    owner = house.people["owner"]
    lines = {}
    for run, expected in ((copied, ("execution", things.execution)), (str(uuid4()), ("workflow", things.workflow))):
        lines[str(run)] = expected
        await house.admin.execute(
            "INSERT INTO audit_log (project_id, user_id, user_name, action, target, details) "
            "VALUES ($1::uuid, $2, 'o', 'workflow.run', $3, $4)",
            things.project,
            owner.id,
            things.workflow,
            json.dumps({"temporalRunId": str(run), "temporalWorkflowId": "w"}),
        )
    found = (await owner.caller.data("audit.list", {"projectId": things.project, "kind": "runs", "limit": 200}))[
        "items"
    ]
    about = {
        line["details"].get("temporalRunId"): (line["about"]["kind"], line["about"]["id"])
        for line in found
        if line["action"] == "workflow.run"
    }
    assert lines.items() <= about.items()


async def test_an_administrator_reads_who_signed_in_and_what_was_done_to_people_and_tokens(house: House) -> None:
    manager = house.people["instance admin"]
    name = f"logged {uuid4()}"
    made = await manager.caller.mutate("user.create", {"name": name, "isAdmin": True})
    assert made.status_code == 200, made.text
    person = await house.admin.fetchval("SELECT id FROM users WHERE name = $1", name)
    await inputs_for(house, Person(person, manager.caller, frozenset()), house.things)

    async def actions(**given: Any) -> list[str]:
        lines = (await manager.caller.data("audit.installation", {"limit": 200, **given}))["items"]
        return [line["action"] for line in lines if line["details"]["of"] == name]

    assert await actions(kind="people") == ["user.create"]
    assert await actions(kind="signIns") == ["session.open"]
    assert await actions(kind="tokens") == ["token.create"]
    assert sorted(await actions()) == ["session.open", "token.create", "user.create"]
    assert (await house.people["owner"].caller.query("audit.installation", {})).status_code == 403

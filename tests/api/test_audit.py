"""Whatever changes something leaves a line of who did it."""

import pytest
from tests.api.examples import Inputs
from tests.api.house import House, ask, changes, inputs_for

from watchglass.api.procedures import router
from watchglass.api.trpc.router import Procedure

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
"""Of people at a browser: their lines are the triggers' of the same tables."""
WITH_TEMPORAL = {
    "execution.approve",
    "execution.cancel",
    "execution.decodeComponentExecution",
    "execution.decodeExecution",
    "execution.terminate",
    "workflow.run",
}
"""Nothing happens without a Temporal that answers: their lines are asked for where one does."""
ERASED = "execution.erase"
"""It would take the run that every other procedure asks for; its line is asked for where runs are erased."""


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

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


@pytest.mark.parametrize(
    "procedure", sorted((p for p in router if changes(p)), key=lambda p: p.name), ids=lambda p: p.name
)
async def test_a_mutation_leaves_a_line(house: House, procedure: Procedure) -> None:
    if procedure.name in BY_SESSION | WITH_TEMPORAL:
        return
    person = house.people["instance admin" if procedure.name.startswith("user.") else "owner"]
    things = await house.fresh()
    inputs: Inputs = await inputs_for(house, person, things)
    given = inputs[procedure.name]
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

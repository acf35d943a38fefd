"""Every procedure as every kind of person: what it declares is what is enforced."""

from dataclasses import replace
from uuid import uuid4

import pytest
from tests.api.examples import IN_PROJECT, Things, project_inputs
from tests.api.house import ABSENT, ENTERS, NOBODY, REFUSED, House, ask, changes, inputs_for, other_inputs_for, uses_up

from watchglass.api.procedures import router
from watchglass.api.trpc.router import Procedure
from watchglass.model.permission import Permission


def test_every_procedure_has_an_example() -> None:
    names = {procedure.name for procedure in router}
    things = Things(*[""] * 8)
    assert set(project_inputs(things)) == {p.name for p in router if p.permission in IN_PROJECT}
    assert {*project_inputs(things), *other_inputs_for(things, None, None)} == names


def test_what_a_sync_token_changes_is_the_copy() -> None:
    """A mutation that a mere look allows is within the scope `sync`: each is decided on here."""
    assert {p.name for p in router if changes(p) and p.permission is Permission.LOOK} == {
        "execution.resolve",
        "execution.syncExecutionFromTemporal",
        "execution.tryAgain",
        "sync.tryAgainAll",
    }


@pytest.mark.parametrize("procedure", sorted(router, key=lambda p: p.name), ids=lambda p: p.name)
async def test_what_is_declared_is_what_is_enforced(house: House, procedure: Procedure) -> None:
    failed = []
    entered = False
    for name, person in house.people.items():
        expected = person.expected(procedure)
        things = await house.fresh() if uses_up(procedure) else replace(house.things, name=f"new {uuid4()}")
        inputs = await inputs_for(house, person, things)
        answer = await ask(person.caller, procedure, inputs[procedure.name])
        if expected is not ENTERS:
            if answer.status_code != expected:
                failed.append((name, expected, answer.status_code, answer.text[:300]))
        elif answer.status_code in (NOBODY, REFUSED, ABSENT, 400, 405, 500):
            failed.append((name, "enters", answer.status_code, answer.text[:300]))
        else:
            entered = True
    assert failed == []
    assert entered, "nobody may use it"

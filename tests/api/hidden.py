"""A walk of all that reads a run, as people who may see its values and as people who may not."""

import base64
from typing import Any

from tests.api.examples import Things
from tests.api.house import House, ask, changes, inputs_for

from watchglass.api.procedures import router
from watchglass.model.permission import Permission

BLIND = ("viewer without values", "editor without values")


async def who_sees(mark: str, house: House, things: Things, *, syncs: bool = False) -> set[str]:
    """Assert that no answer about `things` shows the mark to who may not see values; the procedures that show it to a
    viewer who may.

    `syncs`: those too that ask Temporal for the run, which takes one that answers.
    """
    forms = (mark, *_in_base64(mark))
    rows = await house.admin.fetch(
        "SELECT event_id FROM component_executions WHERE execution_id = $1::uuid ORDER BY 1", things.execution
    )
    seen: set[str] = set()
    for procedure in router:
        if procedure.permission not in (Permission.LOOK, Permission.PAYLOADS):
            continue
        if changes(procedure) and procedure.permission is Permission.LOOK and not syncs:
            continue
        for name in (*BLIND, "viewer"):
            person = house.people[name]
            given = (await inputs_for(house, person, things))[procedure.name]
            for input in _each(procedure.name, given, [row["event_id"] for row in rows]):
                answer = await ask(person.caller, procedure, input)
                shows = any(form in answer.text for form in forms)
                if name == "viewer":
                    seen |= {procedure.name} if shows else set()
                else:
                    at = answer.text.find(mark)
                    assert not shows, (procedure.name, name, answer.text[max(at - 80, 0) : at + 20])
    return seen


def _in_base64(mark: str) -> list[str]:
    """The mark as base64 has it, at each of the three places where it can begin; without what its neighbours decide."""
    found = []
    for before in range(3):
        text = base64.b64encode(b"x" * before + mark.encode()).decode().rstrip("=")
        found.append(text[(0, 2, 3)[before] : -1])
    return found


def _each(name: str, given: dict[str, Any] | None, events: list[int]) -> list[dict[str, Any] | None]:
    if name != "execution.getComponentExecution" or not events:
        return [given]
    return [{**(given or {}), "eventId": event} for event in events]

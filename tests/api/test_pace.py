"""Costly calls are bounded for each person, with a sentence and the time to wait."""

from uuid import uuid4

import pytest
from tests.api.house import House

from watchglass.api.pace import PER_MINUTE, Pace
from watchglass.api.procedures import router
from watchglass.errors import TooMany


def test_what_is_bounded_exists() -> None:
    assert set(PER_MINUTE) <= {procedure.name for procedure in router}


def test_one_person_s_calls_count_against_nobody_else() -> None:
    pace, ada, bob = Pace({"workflow.run": 2}), uuid4(), uuid4()
    for person in (ada, ada, bob):
        pace.take("workflow.run", person)
    with pytest.raises(TooMany, match="2 times within a minute") as refused:
        pace.take("workflow.run", ada)
    assert 1 <= refused.value.retry_after.total_seconds() <= 60
    pace.take("workflow.run", bob)
    for _ in range(10):
        pace.take("project.list", ada)


async def test_who_asks_too_often_is_told_how_long_to_wait(house: House) -> None:
    caller = house.people["token of the owner for this project"].caller
    given = {"projectId": house.things.project}
    answers = [await caller.mutate("sync.tryAgainAll", given) for _ in range(PER_MINUTE["sync.tryAgainAll"] + 1)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["error"]["data"]["code"] == "TOO_MANY_REQUESTS"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60

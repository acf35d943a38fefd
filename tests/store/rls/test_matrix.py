"""Every relation and function × everything that can be tried with it × everybody, against the one expected table."""

import pytest
from tests.store.rls.expected import FUNCTIONS, RELATIONS
from tests.store.rls.matrix import Bench, function_findings, relation_findings, undecided


async def test_everything_in_the_database_has_been_decided_on(bench: Bench) -> None:
    assert await undecided(bench.admin) == []


@pytest.mark.parametrize("table", sorted(RELATIONS))
async def test_everybody_reaches_exactly_what_they_may(table: str, bench: Bench) -> None:
    assert await relation_findings(bench, table) == []


@pytest.mark.parametrize("signature", sorted(FUNCTIONS))
async def test_functions_are_called_by_exactly_those_who_may(signature: str, bench: Bench) -> None:
    assert await function_findings(bench, signature) == []

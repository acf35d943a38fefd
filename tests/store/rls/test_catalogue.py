"""The rules of the catalogue, and that Watchglass refuses to serve as a role that they would not bind."""

import pytest
from tests.databases import Database
from tests.store.rls.lint import RULES, Rule, check
from tests.store.rls.matrix import Bench

from watchglass.errors import StartupError
from watchglass.store.pool import open_pool


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
async def test_the_catalogue_keeps_the_rule(rule: Rule, bench: Bench) -> None:
    checked = await check(bench.admin, rule, bench.database.roles)
    assert checked.broken_by == []


async def test_watchglass_refuses_to_serve_as_a_superuser(database: Database) -> None:
    with pytest.raises(StartupError, match="is a superuser, so Row Level Security would protect nobody's data"):
        await open_pool(database.admin_url, size=1)

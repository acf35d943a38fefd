"""Five hundred random steps of eight tenants; `python -m tests.store.rls --steps 10000` takes more."""

from tests.databases import Database
from tests.store.rls.tenants import search


def test_nobody_ever_sees_more_or_less_than_their_own(database: Database) -> None:
    assert search(database, steps=500) >= 500

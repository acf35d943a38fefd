"""One planted fault of each kind is noticed; `python -m tests.store.rls` plants all of them everywhere."""

import random

from tests.databases import Database
from tests.store.rls.matrix import Bench
from tests.store.rls.mutants import all_mutants, failing, kill
from tests.store.rls.seed import Seeded


async def test_a_fault_of_each_kind_is_noticed(database: Database, bench: Bench, seeded: Seeded) -> None:
    alone = Bench(database, seeded, bench.admin)
    assert await failing(alone, "projects") is None
    by_kind: dict[str, list[int]] = {}
    mutants = await all_mutants(alone)
    for number, mutant in enumerate(mutants):
        by_kind.setdefault(mutant.kind, []).append(number)
    chosen = [mutants[random.choice(numbers)] for numbers in by_kind.values()]
    assert len(chosen) > 50
    survived = [mutant.name for mutant in chosen if not await kill(alone, mutant)]
    assert survived == []

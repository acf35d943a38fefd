"""A minute of kills, freezes and bad wires, of every process under load, by a seed of the day's choice."""

from collections.abc import Callable

import pytest
from tests.chaos.storm import storm

pytestmark = pytest.mark.acceptance


async def test_a_storm_loses_doubles_and_spoils_nothing(
    record_property: Callable[[str, object], None], pytestconfig: pytest.Config
) -> None:
    seed = int(pytestconfig.getoption("randomly_seed", 1)) % 1_000_000
    report = await storm(seed=seed, seconds=60)
    print(*report.lines(), sep="\n")
    record_property("chaos", report.to_json())
    assert report.is_right, "\n".join(report.lines())
    assert report.kills >= 15
    assert report.network_faults + report.freezes >= 5
    # Few, because a busy machine starts processes more slowly than they are killed.
    assert report.compared.runs >= 40
    assert report.compared.built_runs > 0
    assert report.pages > 0
    assert {"worker 1", "worker 2", "PostgreSQL", "observed Temporal", "project worker"} & report.by_target.keys()
    assert report.converged_runs > 0

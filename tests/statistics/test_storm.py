"""A small storm; `python -m tests.statistics.storm` is the large one."""

from tests.databases import Database
from tests.statistics.storm.storm import Plan, storm

from watchglass.embedded.postgres import EmbeddedPostgres


async def test_figures_stay_exact_while_processes_die(database: Database, postgres: EmbeddedPostgres) -> None:
    """PostgreSQL is not restarted here: it is the one of all other tests."""
    plan = Plan(
        seed=3,
        syncs=150,
        processes=2,
        kills=6,
        ended=3,
        restarts=0,
        failovers=1,
        comparisons=1,
        windows=1,
        projects=1,
        split_runs=20,
        most_recordings=60,
    )
    report = await storm(plan, database, postgres)
    # Not `is_right`: of a failover only the first of five looks is played (docs/reliability.md).
    assert (report.differences, report.errors, report.notes_left) == ([], [], 0), "\n".join(report.lines())
    assert report.syncs >= plan.syncs and report.kills == plan.kills
    assert report.counts["folds"] > 0 and report.figures > 10_000

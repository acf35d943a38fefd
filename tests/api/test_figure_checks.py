"""What administrators are told of stored figures: of every project, and the names of their own alone."""

from datetime import datetime

from tests.api.house import House, house

__all__ = ["house"]


async def test_administrators_see_every_project_and_the_names_of_their_own(house: House) -> None:
    project = house.tenant.project_id
    await house.admin.execute("DELETE FROM rollup_checks")
    owner, manager = house.people["owner"].caller, house.people["instance admin"]
    assert (await owner.query("statistics.checks")).status_code == 403
    assert (await manager.caller.data("statistics.checks"))["items"] == []
    before = await owner.data("execution.getProjectStatistics", {"projectId": str(project)})
    assert before["checkedAt"] is None

    await house.admin.execute(
        "INSERT INTO rollup_checks (project_id, checked_at, release, compared_buckets, differing_buckets, drifted_at) "
        "SELECT id, now(), '1.2.3', 40, CASE WHEN id = $1 THEN 2 ELSE 0 END, CASE WHEN id = $1 THEN now() END "
        "FROM projects",
        project,
    )
    first, *others = (await manager.caller.data("statistics.checks"))["items"]
    assert len(others) >= 1
    assert (first["comparedFigures"], first["differingFigures"], first["release"]) == (40, 2, "1.2.3")
    assert first["driftedAt"] is not None and first["rebuiltAt"] is None
    assert {item["differingFigures"] for item in others} == {0}
    assert {(item["projectId"], item["projectName"]) for item in (first, *others)} == {(None, None)}

    await house.admin.execute("INSERT INTO project_members VALUES ($1, $2, 'viewer')", project, manager.id)
    first, *others = (await manager.caller.data("statistics.checks"))["items"]
    assert first["projectId"] == str(project) and first["projectName"]
    assert {(item["projectId"], item["projectName"]) for item in others} == {(None, None)}
    await house.admin.execute("DELETE FROM project_members WHERE user_id = $1", manager.id)

    after = await owner.data("execution.getProjectStatistics", {"projectId": str(project)})
    assert datetime.fromisoformat(after["checkedAt"]) == await house.admin.fetchval(
        "SELECT checked_at FROM rollup_checks WHERE project_id = $1", project
    )
    await house.admin.execute("DELETE FROM rollup_checks")

"""Errors by what went wrong, and the lists that each figure opens, on real histories."""

from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import Installation
from tests.api.seeded import Caller, open_parts
from tests.store.rls.seed import described
from tests.stored_errors import assert_groups_are_of_what_is_stored

from watchglass.store.scope import Store
from watchglass.sync.listing import add_runs

Run = dict[str, Any]
FAILED = 3
"""Temporal's number."""
HISTORY, ERRORS = "execution.getExecutionHistory", "statistics.errors"


async def whole_list(me: Caller, more: dict[str, Any], name: str = HISTORY) -> list[Run]:
    """Every page, each of two runs."""
    runs: list[Run] = []
    cursor = None
    while True:
        page = await me.data(name, {**more, "limit": 2, **({"cursor": cursor} if cursor else {})})
        runs += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            assert (page["total"], page["totalIsExact"]) == (len(runs), True)
            return runs


async def workflows(installation: Installation) -> list[str]:
    listed = await installation.me.data("workflow.list", {"projectId": str(installation.ours.project_id)})
    return [workflow["id"] for workflow in listed["items"]]


async def busiest(installation: Installation) -> list[Run]:
    """All runs of the workflow with most, newest first."""
    lists = [await whole_list(installation.me, {"workflowId": one}) for one in await workflows(installation)]
    return max(lists, key=len)


class TestErrors:
    async def test_every_error_is_in_one_group_which_opens_its_runs(self, installation: Installation) -> None:
        groups = 0
        for workflow in await workflows(installation):
            figures = await installation.me.data("execution.getWorkflowStatistics", {"workflowId": workflow})
            found = await installation.me.data(ERRORS, {"workflowId": workflow})
            assert sum(group["count"] for group in found["groups"]) == figures["errorCount"]
            assert found["other"] == {"count": 0, "groups": 0}
            for group in found["groups"]:
                runs = await whole_list(installation.me, {"workflowId": workflow, "errorGroup": group["errorGroup"]})
                starts = [run["startedAt"] for run in runs]
                assert len(runs) == group["count"]
                assert group["sampleExecutionId"] == runs[0]["id"]
                assert (group["firstSeenAt"], group["lastSeenAt"]) == (min(starts), max(starts))
                assert {run["errorType"] for run in runs} == {group["errorType"]}
            counts = [group["count"] for group in found["groups"]]
            assert counts == sorted(counts, reverse=True)
            groups += len(counts)
        assert groups > 10

    async def test_a_projects_groups_are_its_workflows_together(self, installation: Installation) -> None:
        apart: Counter[str] = Counter()
        for workflow in await workflows(installation):
            for group in (await installation.me.data(ERRORS, {"workflowId": workflow}))["groups"]:
                apart[group["errorGroup"]] += group["count"]
        together = await installation.me.data(ERRORS, {"projectId": str(installation.ours.project_id)})
        assert {group["errorGroup"]: group["count"] for group in together["groups"]} == apart

    async def test_a_group_is_that_of_what_is_stored(self, installation: Installation, store: Store) -> None:
        assert await assert_groups_are_of_what_is_stored(store) > 10

    async def test_times_split_the_counts_and_not_when_it_was_seen(self, installation: Installation) -> None:
        runs = max(
            [
                await whole_list(installation.me, {"workflowId": one, "status": ["failed", "timed_out", "terminated"]})
                for one in await workflows(installation)
            ],
            key=len,
        )
        workflow, middle = runs[0]["workflowId"], runs[len(runs) // 2]["startedAt"]
        whole, before, after = [
            {group["errorGroup"]: group for group in (await installation.me.data(ERRORS, query))["groups"]}
            for query in (
                {"workflowId": workflow},
                {"workflowId": workflow, "to": middle},
                {"workflowId": workflow, "from": middle},
            )
        ]
        assert before and after
        for key, group in whole.items():
            parts = [part[key] for part in (before, after) if key in part]
            assert sum(part["count"] for part in parts) == group["count"]
            for part in parts:
                assert (part["firstSeenAt"], part["lastSeenAt"]) == (group["firstSeenAt"], group["lastSeenAt"])

    async def test_beyond_fifty_they_are_counted_together(self, installation: Installation, store: Store) -> None:
        workflow, _ = await fail(
            installation, store, "Many", [f"g{number:015}" for number in range(60)] + ["g" + "0" * 15]
        )
        found = await installation.them.data(ERRORS, {"workflowId": workflow})
        assert [group["count"] for group in found["groups"]] == [2, *[1] * 49]
        assert found["other"] == {"count": 10, "groups": 10}

    async def test_runs_that_are_only_listed_are_errors_of_which_nothing_is_known(
        self, installation: Installation, store: Store
    ) -> None:
        workflow, runs = await fail(installation, store, "Listed", ["", "", "g123456789abcdef"])
        found = await installation.them.data(ERRORS, {"workflowId": workflow})
        unknown, known = found["groups"]
        assert (unknown["errorGroup"], unknown["count"], unknown["errorType"], unknown["step"]) == ("", 2, None, None)
        assert unknown["message"].startswith("What went wrong is not known")
        assert (known["errorGroup"], known["message"]) == ("g123456789abcdef", "order <number> is late")
        listed = await whole_list(installation.them, {"workflowId": workflow, "errorGroup": ""})
        assert sorted(run["id"] for run in listed) == sorted(runs[:2])

    async def test_runs_that_others_carried_on_are_no_errors(self, installation: Installation, store: Store) -> None:
        workflow, runs = await fail(installation, store, "Carried", ["g123456789abcdef"] * 4)
        async with store.write() as writer:
            for change, run in zip(
                ("is_retried = true", "superseded_by = 'x'", "stopped_by_reset = true"), runs, strict=False
            ):
                await writer.execute(f"UPDATE workflow_executions SET {change} WHERE id = $1::uuid", run)
        (group,) = (await installation.them.data(ERRORS, {"workflowId": workflow}))["groups"]
        assert group["count"] == 1
        listed = await whole_list(installation.them, {"workflowId": workflow, "errorGroup": "g123456789abcdef"})
        assert [run["id"] for run in listed] == runs[3:]

    @pytest.mark.parametrize(
        "input",
        [
            {},
            {"workflowId": str(uuid4()), "projectId": str(uuid4())},
            {"projectId": str(uuid4()), "from": "2026-11-23T00:00:00Z", "to": "2026-11-22T00:00:00Z"},
            {"projectId": str(uuid4()), "timeZone": "Mars/Olympus"},
            {"projectId": str(uuid4()), "timeZone": "../../etc/passwd"},
            {"projectId": str(uuid4()), "version": {"version": 1, "buildId": "b"}},
            {"projectId": str(uuid4()), "limit": 5},
        ],
    )
    async def test_what_cannot_be_asked_is_refused(self, installation: Installation, input: dict[str, Any]) -> None:
        assert (await installation.me.query(ERRORS, input)).status_code == 400

    async def test_what_is_somebody_elses_is_not_there(self, installation: Installation) -> None:
        (workflow, *_) = await workflows(installation)
        for input in ({"workflowId": workflow}, {"projectId": str(installation.ours.project_id)}):
            assert (await installation.them.query(ERRORS, input)).status_code == 404
        unknown = {"workflowId": str(uuid4()), "timeZone": "Europe/Berlin"}
        assert (await installation.me.query(ERRORS, unknown)).status_code == 404


class TestFilters:
    @pytest.mark.parametrize("sort", ["startedAt", "durationMs"])
    async def test_a_list_has_the_runs_that_match_and_no_other(self, installation: Installation, sort: str) -> None:
        runs = await busiest(installation)
        workflow = {"workflowId": runs[0]["workflowId"], "sort": sort}
        start, end = runs[-2]["startedAt"], runs[1]["startedAt"]
        took = sorted(run["durationMs"] for run in runs if run["durationMs"] is not None)
        low, high = took[len(took) // 4], took[3 * len(took) // 4]
        assert low < high
        cases: list[tuple[dict[str, Any], Any]] = [
            ({"from": start}, lambda run: run["startedAt"] >= start),
            ({"to": end}, lambda run: run["startedAt"] < end),
            ({"from": start, "to": end}, lambda run: start <= run["startedAt"] < end),
            ({"minDurationMs": low}, lambda run: (run["durationMs"] or -1) >= low),
            ({"maxDurationMs": high}, lambda run: run["durationMs"] is not None and run["durationMs"] < high),
            (
                {"minDurationMs": low, "maxDurationMs": high, "from": start, "status": ["completed", "failed"]},
                lambda run: (
                    run["durationMs"] is not None
                    and low <= run["durationMs"] < high
                    and run["startedAt"] >= start
                    and run["status"] in ("completed", "failed")
                ),
            ),
        ]
        for more, is_wanted in cases:
            found = await whole_list(installation.me, {**workflow, **more})
            has_end = not more.keys() & {"minDurationMs", "maxDurationMs"}
            wanted = {run["id"] for run in runs if is_wanted(run) and (has_end or run["status"] != "continued_as_new")}
            assert 0 < len(wanted) < len(runs), more
            assert {run["id"] for run in found} == wanted, more
            assert len(found) == len(wanted)
            if sort == "startedAt":
                assert [run["id"] for run in found] == [run["id"] for run in runs if run["id"] in wanted], more

    async def test_a_cursor_holds_for_its_own_filters(self, installation: Installation) -> None:
        runs = await busiest(installation)
        query = {"workflowId": runs[0]["workflowId"], "limit": 1}
        narrowed: list[dict[str, Any]] = [
            {},
            {"from": "2000-01-01T00:00:00Z"},
            {"from": "2000-01-02T00:00:00Z"},
            {"to": "2100-01-01T00:00:00Z"},
            {"minDurationMs": 0},
            {"maxDurationMs": 1e12},
        ]
        pages = [await installation.me.data(HISTORY, {**query, **more}) for more in narrowed]
        for page, own in zip(pages, narrowed, strict=True):
            for more in narrowed:
                answer = await installation.me.query(HISTORY, {**query, **more, "cursor": page["nextCursor"]})
                assert answer.status_code == (200 if more is own else 400)

    async def test_the_same_moment_in_another_zone_is_the_same_filter(self, installation: Installation) -> None:
        runs = await busiest(installation)
        query = {"workflowId": runs[0]["workflowId"], "limit": 1}
        page = await installation.me.data(HISTORY, {**query, "from": "2000-01-01T00:00:00Z"})
        further = {**query, "from": "2000-01-01T02:00:00+02:00", "cursor": page["nextCursor"]}
        assert (await installation.me.data(HISTORY, further))["position"] == 2

    @pytest.mark.parametrize(
        "more",
        [
            {"from": "2026-11-23T00:00:00Z", "to": "2026-11-22T00:00:00Z"},
            {"from": "2026-11-23"},
            {"minDurationMs": 5, "maxDurationMs": 4},
            {"minDurationMs": -1},
            {"maxDurationMs": "7"},
            {"errorGroup": 7},
            {"errorGroup": "g" * 101},
        ],
    )
    async def test_a_filter_that_is_none_is_refused(self, installation: Installation, more: dict[str, Any]) -> None:
        assert (await installation.me.query(HISTORY, {"workflowId": str(uuid4()), **more})).status_code == 400


async def fail(installation: Installation, store: Store, kind: str, groups: list[str]) -> tuple[str, list[str]]:
    """Runs of a workflow of theirs that failed, one of each of these groups; the workflow and the runs."""
    runs = []
    for number, group in enumerate(groups):
        listed = described(str(uuid4()), type=kind)
        ended = replace(
            listed, status=FAILED, started_at=(listed.started_at or 0) + number, closed_at=1_700_000_001_000_000
        )
        (key,) = await add_runs(open_parts(store), installation.theirs.connection, [ended])
        runs.append(str(key.id))
        async with store.write() as writer:
            if group:
                await writer.execute(
                    "UPDATE workflow_executions SET error_group = $2, error_type = 'Late', "
                    "error_message = 'order 17 is late' WHERE id = $1",
                    key.id,
                    group,
                )
    async with store.write() as writer:
        return str(await writer.fetchval("SELECT workflow_id FROM workflow_executions WHERE id = $1", key.id)), runs

"""Every procedure on real histories in a real database; the Temporal that they came from does not answer."""

import random
from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import Installation
from tests.api.foreign import ask, belongings, places, told
from tests.api.seeded import RECORDED

from watchglass.model.permission import Permission
from watchglass.store.scope import Store

UNKNOWN = str(uuid4())


async def all_workflows(installation: Installation) -> list[dict[str, Any]]:
    listed = await installation.me.data("workflow.list", {"projectId": str(installation.ours.project_id)})
    items: list[dict[str, Any]] = listed["items"]
    return items


async def busiest(installation: Installation) -> dict[str, Any]:
    return max(await all_workflows(installation), key=lambda workflow: workflow["figures"]["totalRuns"])


async def all_runs(installation: Installation) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = []
    for workflow in await all_workflows(installation):
        page = await installation.me.data("execution.getExecutionHistory", {"workflowId": workflow["id"], "limit": 200})
        runs += page["items"]
    return runs


class TestLists:
    async def test_a_person_sees_the_projects_they_belong_to(self, installation: Installation) -> None:
        listed = await installation.me.data("project.list")
        assert [project["name"] for project in listed["items"]] == ["ours"]
        assert listed["items"][0]["role"] == "owner"
        assert listed["items"][0]["connection"]["namespace"] == "ours"

    async def test_every_copied_run_is_in_a_list(self, installation: Installation) -> None:
        assert len(await all_runs(installation)) == len(RECORDED[::2])

    @pytest.mark.parametrize("sort", ["startedAt", "durationMs"])
    @pytest.mark.parametrize("order", ["desc", "asc"])
    async def test_pages_forth_and_back_show_each_run_once_in_order(
        self, installation: Installation, sort: str, order: str
    ) -> None:
        workflow = await busiest(installation)
        query = {"workflowId": workflow["id"], "limit": 2, "sort": sort, "order": order}
        pages = [await installation.me.data("execution.getExecutionHistory", query)]
        while pages[-1]["nextCursor"]:
            pages.append(
                await installation.me.data(
                    "execution.getExecutionHistory",
                    {**query, "cursor": pages[-1]["nextCursor"], "direction": "forward"},
                )
            )
        forth = [run["id"] for page in pages for run in page["items"]]
        assert len(set(forth)) == len(forth) == pages[0]["total"] == workflow["figures"]["totalRuns"]
        assert [page["position"] for page in pages] == list(range(1, len(forth) + 1, 2))
        values = [run[sort] for page in pages for run in page["items"]]
        ended = [value for value in values if value is not None]
        assert ended == sorted(ended, reverse=order == "desc")
        assert values[len(ended) :] == [None] * (len(values) - len(ended))
        back = pages[-1]
        for page in reversed(pages[:-1]):
            back = await installation.me.data(
                "execution.getExecutionHistory", {**query, "cursor": back["prevCursor"], "direction": "backward"}
            )
            assert [run["id"] for run in back["items"]] == [run["id"] for run in page["items"]]
            assert back["position"] == page["position"]
        assert back["prevCursor"] is None

    async def test_a_status_filter_shows_those_runs_and_counts_them(self, installation: Installation) -> None:
        workflow = await busiest(installation)
        everything = await installation.me.data(
            "execution.getExecutionHistory", {"workflowId": workflow["id"], "limit": 200}
        )
        still = ["pending", "running", "paused"]
        for statuses in (["completed"], ["running"], ["failed"], still, [*still, "completed"], ["paused", "failed"]):
            page = await installation.me.data(
                "execution.getExecutionHistory", {"workflowId": workflow["id"], "limit": 200, "status": statuses}
            )
            expected = [run["id"] for run in everything["items"] if run["status"] in statuses]
            assert [run["id"] for run in page["items"]] == expected
            assert (page["total"], page["totalIsExact"]) == (len(expected), True)

    async def test_a_status_named_twice_is_asked_for_once(self, installation: Installation) -> None:
        query = {"workflowId": (await busiest(installation))["id"]}
        once = await installation.me.data("execution.getExecutionHistory", {**query, "status": ["completed", "failed"]})
        statuses = ["completed", "failed"] * 8
        twice = await installation.me.data("execution.getExecutionHistory", {**query, "status": statuses})
        assert twice | {"asOf": ""} == once | {"asOf": ""}

    async def test_a_cursor_of_another_list_is_refused(self, installation: Installation) -> None:
        workflow = await busiest(installation)
        page = await installation.me.data("execution.getExecutionHistory", {"workflowId": workflow["id"], "limit": 1})
        for cursor, more in ((page["nextCursor"], {"order": "asc"}), ("nonsense", {}), ("", {})):
            answer = await installation.me.query(
                "execution.getExecutionHistory", {"workflowId": workflow["id"], "cursor": cursor, **more}
            )
            assert answer.status_code == 400, answer.text


class TestDetails:
    async def test_every_run_has_its_page(self, installation: Installation) -> None:
        for run in await all_runs(installation):
            details = await installation.me.data("execution.getExecutionDetails", {"executionId": run["id"]})
            execution = details["execution"]
            assert execution["status"] == run["status"]
            shown = [component for component in details["components"] if not component["copied"]]
            if details["nextCursor"] is None:
                assert len(shown) == run["componentCount"]
            assert details["sync"]["state"] in ("fresh", "failed", "stale", "syncing")

    async def test_components_are_paged_in_event_order(self, installation: Installation) -> None:
        run = max(await all_runs(installation), key=lambda run: run["componentCount"])
        whole = await installation.me.data("execution.getExecutionDetails", {"executionId": run["id"], "limit": 1000})
        ids: list[int] = []
        cursor = None
        while True:
            page = await installation.me.data(
                "execution.getExecutionDetails", {"executionId": run["id"], "limit": 3, "cursor": cursor}
            )
            ids += [component["eventId"] for component in page["components"]]
            cursor = page["nextCursor"]
            if cursor is None:
                break
        assert ids == [component["eventId"] for component in whole["components"]] == sorted(ids)

    async def test_a_component_alone_says_the_same_and_more(self, installation: Installation) -> None:
        for run in (await all_runs(installation))[:20]:
            details = await installation.me.data("execution.getExecutionDetails", {"executionId": run["id"]})
            for component in details["components"][:5]:
                alone = await installation.me.data(
                    "execution.getComponentExecution",
                    {"executionId": run["id"], "eventId": component["eventId"]},
                )
                assert {name: alone[name] for name in component} == component or component["inputTruncated"]
                has_begun = component["status"] not in ("pending", "retrying", "paused")
                assert len(alone["attempts"]) >= (component["attempt"] or 0) - (not has_begun)

    async def test_the_history_is_temporals_own_json(self, installation: Installation) -> None:
        run = max(await all_runs(installation), key=lambda run: run["componentCount"])
        events: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = await installation.me.data(
                "execution.getHistoryEvents", {"executionId": run["id"], "limit": 7, "cursor": cursor}
            )
            events += page["events"]
            cursor = page["nextCursor"]
            if cursor is None:
                break
        assert [event["eventId"] for event in events] == [str(n) for n in range(1, page["total"] + 1)]
        assert events[0]["eventType"] == "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED"

    async def test_large_events_come_fewer_at_a_time(
        self, installation: Installation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("watchglass.api.procedures.history._MOST_BYTES", 1)
        run = next(run for run in await all_runs(installation) if run["status"] == "completed")
        asked = {"executionId": run["id"], "limit": 7}
        one = await installation.me.data("execution.getHistoryEvents", asked)
        other = await installation.me.data("execution.getHistoryEvents", asked | {"cursor": one["nextCursor"]})
        assert [event["eventId"] for event in (*one["events"], *other["events"])] == ["1", "2"]

    async def test_a_manual_sync_says_why_it_failed(self, installation: Installation) -> None:
        running = next(run for run in await all_runs(installation) if run["status"] == "running")
        answer = await installation.me.mutate("execution.syncExecutionFromTemporal", {"executionId": running["id"]})
        assert answer.status_code in (200, 503), answer.text
        if answer.status_code == 200:
            assert answer.json()["result"]["data"]["synced"] is False


class TestStatistics:
    async def test_the_kept_figures_equal_those_counted_over_all_time(self, installation: Installation) -> None:
        window = {"from": "1970-01-01T00:00:00Z", "to": "9999-01-01T00:00:00Z"}
        for workflow in await all_workflows(installation):
            query = {"workflowId": workflow["id"]}
            kept = await installation.me.data("execution.getWorkflowStatistics", query)
            counted = await installation.me.data("execution.getWorkflowStatistics", query | window)
            assert kept | {"asOf": ""} == counted | {"asOf": ""}
            words = "running completed failed cancelled terminated timedOut continuedAsNew unknown"
            statuses = [f"{word}Runs" for word in words.split()]
            assert sum(kept[name] for name in statuses) == kept["totalRuns"]
            assert len(kept["recentExecutions"]) == min(10, kept["totalRuns"])

    async def test_a_projects_figures_are_those_of_its_workflows(self, installation: Installation) -> None:
        project = await installation.me.data(
            "execution.getProjectStatistics", {"projectId": str(installation.ours.project_id)}
        )
        workflows = await all_workflows(installation)
        assert project["totalExecutions"] == len(RECORDED[::2])
        assert project["totalWorkflows"] == project["activeWorkflows"] == len(workflows)
        assert project["totalErrors"] == sum(workflow["figures"]["errorCount"] for workflow in workflows)
        assert project["mostUsedWorkflow"]["count"] == max(w["figures"]["totalRuns"] for w in workflows)

    async def test_an_empty_window_has_no_rates(self, installation: Installation) -> None:
        workflow = await busiest(installation)
        query = {"workflowId": workflow["id"], "from": "1990-01-01T00:00:00Z", "to": "1990-01-02T00:00:00Z"}
        empty = await installation.me.data("execution.getWorkflowStatistics", query)
        assert (empty["totalRuns"], empty["successRate"], empty["avgDurationMs"]) == (0, None, None)
        assert (empty["p50DurationMs"], empty["mostUsedComponent"], empty["recentExecutions"]) == (None, None, [])


SHOP = {"kind": "http", "baseUrl": "https://shop.example"}


async def kept_service(installation: Installation) -> str:
    """A service of ours, made when there is none."""
    project = {"projectId": str(installation.ours.project_id)}
    kept = (await installation.me.data("service.list", project))["items"]
    if not kept:
        made = await installation.me.mutate("service.create", {**project, "name": "shop", "settings": SHOP})
        assert made.status_code == 200, made.text
        kept = [made.json()["result"]["data"]]
    return str(kept[0]["id"])


class TestOtherTenants:
    async def test_foreign_and_unknown_ids_get_the_same_answer_byte_for_byte(
        self, installation: Installation, store: Store
    ) -> None:
        """Wherever a procedure takes an id, from somebody who owns everything else that they name.

        With ids of the right kind, and of some of the others; `python -m tests.api.foreign` tries all of them.
        """
        ours = await belongings(store, installation.me.client, installation.ours)
        theirs = await belongings(store, installation.them.client, installation.theirs)
        assert len(places()) > 80
        for place in places():
            right = ours.ids[place.path[-1]]
            ids = (UNKNOWN, right, *random.sample(sorted(set(ours.ids.values()) - {right}), 3))
            answers = [await ask(place, theirs, id) for id in ids]
            expected = 403 if place.procedure.permission is Permission.ADMINISTER else 404
            assert [answer.status_code for answer in answers] == [expected] * 5, (place.name, answers[0].text)
            assert len({told(answer) for answer in answers}) == 1, place.name

    async def test_lists_hold_nothing_of_others(self, installation: Installation) -> None:
        listed = await installation.them.data("project.list")
        assert [project["name"] for project in listed["items"]] == ["theirs"]


class TestInputs:
    @pytest.mark.parametrize("value", ["", "x", "1", UNKNOWN + "0", None, 7, {}, "\u0000"])
    async def test_a_malformed_id_is_a_bad_request(self, installation: Installation, value: Any) -> None:
        answer = await installation.me.query("execution.getExecutionDetails", {"executionId": value})
        assert answer.status_code == 400
        assert answer.json()["error"]["data"]["issues"][0]["path"] == ["executionId"]

    async def test_unknown_fields_and_wrong_types_are_refused(self, installation: Installation) -> None:
        for more in ({"limit": "20"}, {"limit": 0}, {"limit": 201}, {"workflow_id": UNKNOWN}, {"sort": "name"}):
            answer = await installation.me.query("execution.getExecutionHistory", {"workflowId": UNKNOWN, **more})
            assert answer.status_code == 400, more

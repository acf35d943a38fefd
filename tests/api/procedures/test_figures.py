"""The procedures `statistics.*`, over runs of which each test says what they were."""

import itertools
import json
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from tests.api.seeded import Caller, Tenant, client_for, make_tenant, open_parts
from tests.statistics.plain_runs import PlainRun, PlainStep, add_plain_runs, add_workflow

from watchglass.store.scope import Store

MONDAY = datetime(2026, 10, 19, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEARS = 80 * 365 * 86_400_000.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Workshop:
    store: Store
    tenant: Tenant
    caller: Caller

    async def workflow(self, *runs: PlainRun, kind: str = "observed", tenant: Tenant | None = None) -> UUID:
        """A new workflow with these runs."""
        owner = tenant or self.tenant
        made = await add_workflow(self.store, owner.project_id, f"Plain {next(_numbers)}", kind=kind)
        await add_plain_runs(self.store, owner.connection, made, runs)
        return made

    async def ask(self, procedure: str, **given: Any) -> Any:
        return await self.caller.data(f"statistics.{procedure}", _plain(given))

    async def refusal(self, procedure: str, **given: Any) -> str:
        answer = await self.caller.query(f"statistics.{procedure}", _plain(given))
        assert answer.status_code == 400, answer.text
        return str(answer.json()["error"])


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps({name.rstrip("_"): value for name, value in given.items()}, default=_text)))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def every_number(answer: Any) -> list[float]:
    if isinstance(answer, dict):
        return [number for value in answer.values() for number in every_number(value)]
    if isinstance(answer, list):
        return [number for value in answer for number in every_number(value)]
    return [answer] if isinstance(answer, int | float) and not isinstance(answer, bool) else []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def workshop(store: Store) -> AsyncIterator[Workshop]:
    parts = open_parts(store)
    tenant = await make_tenant(store, parts, "workshop", [])
    async with client_for(store, parts) as client:
        yield Workshop(store, tenant, Caller(client, tenant.token))


class TestTimeline:
    async def test_each_run_is_in_the_bucket_that_it_started_in(self, workshop: Workshop) -> None:
        workflow = await workshop.workflow(
            PlainRun(MONDAY, duration_ms=10),
            PlainRun(MONDAY + HOUR / 2, duration_ms=30),
            PlainRun(MONDAY + HOUR, "failed", duration_ms=500),
            PlainRun(MONDAY + 3 * HOUR, "running"),
        )
        found = await workshop.ask("timeline", workflowId=workflow, from_=MONDAY, to=MONDAY + 5 * HOUR, step="hour")
        assert [bucket["totalRuns"] for bucket in found["buckets"]] == [2, 1, 0, 1, 0]
        assert [bucket["successRate"] for bucket in found["buckets"]] == [1.0, 0.0, None, None, None]
        assert [bucket["p50DurationMs"] for bucket in found["buckets"]] == [10, 500, None, None, None]
        assert [bucket["avgDurationMs"] for bucket in found["buckets"]] == [20, 500, None, None, None]
        assert [bucket["durationCount"] for bucket in found["buckets"]] == [2, 1, 0, 0, 0]
        assert [bucket["runningRuns"] for bucket in found["buckets"]] == [0, 0, 0, 1, 0]
        assert (found["step"], found["timeZone"], found["percentileError"]) == ("hour", "UTC", 0)

    async def test_days_are_those_of_the_time_zone(self, workshop: Workshop) -> None:
        """23:30 UTC of the 24th is 01:30 of the 25th in Berlin, and that day has 25 hours."""
        late = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
        workflow = await workshop.workflow(PlainRun(late))
        window: dict[str, Any] = {"from_": "2026-10-24T00:00:00+02:00", "to": "2026-10-27T00:00:00+01:00"}
        berlin = await workshop.ask("timeline", workflowId=workflow, **window, step="day", timeZone="Europe/Berlin")
        assert [bucket["totalRuns"] for bucket in berlin["buckets"]] == [0, 1, 0]
        assert [bucket["start"] for bucket in berlin["buckets"]] == [
            "2026-10-23T22:00:00Z",
            "2026-10-24T22:00:00Z",
            "2026-10-25T23:00:00Z",
        ]
        utc = await workshop.ask("timeline", workflowId=workflow, **window, step="day")
        assert [bucket["totalRuns"] for bucket in utc["buckets"]] == [0, 1, 0, 0]

    async def test_buckets_hold_every_run_of_the_window(self, workshop: Workshop) -> None:
        runs = [
            PlainRun(MONDAY + number * 7.3 * HOUR, "failed" if number % 7 == 0 else "completed") for number in range(60)
        ]
        workflow = await workshop.workflow(*runs)
        for more in (
            {},
            {"step": "week"},
            {"from_": MONDAY + DAY},
            {"to": MONDAY + 5 * DAY, "timeZone": "Asia/Kathmandu"},
        ):
            found = await workshop.ask("timeline", workflowId=workflow, **more)
            window = {name: value for name, value in more.items() if name != "step"}
            whole = await workshop.caller.data(
                "execution.getWorkflowStatistics", _plain({"workflowId": workflow, **window})
            )
            assert sum(bucket["totalRuns"] for bucket in found["buckets"]) == whole["totalRuns"]
            assert sum(bucket["errorCount"] for bucket in found["buckets"]) == whole["errorCount"]

    async def test_a_workflow_without_runs_has_no_buckets(self, workshop: Workshop) -> None:
        found = await workshop.ask("timeline", workflowId=await workshop.workflow())
        assert (found["buckets"], found["marks"]) == ([], [])

    async def test_a_window_in_the_future_is_empty(self, workshop: Workshop) -> None:
        workflow = await workshop.workflow(PlainRun(MONDAY))
        found = await workshop.ask(
            "timeline", workflowId=workflow, from_="2400-01-01T00:00:00Z", to="2400-01-02T00:00:00Z"
        )
        assert len(found["buckets"]) == 48
        assert all((bucket["totalRuns"], bucket["successRate"]) == (0, None) for bucket in found["buckets"])
        open_ended = await workshop.ask("timeline", workflowId=workflow, from_="2400-01-01T00:00:00Z")
        assert open_ended["buckets"] == []

    async def test_a_run_that_starts_later_than_now_is_counted(self, workshop: Workshop) -> None:
        """A server's clock is ahead of ours."""
        ahead = datetime.now(UTC) + HOUR
        workflow = await workshop.workflow(PlainRun(MONDAY), PlainRun(ahead, "running"))
        found = await workshop.ask("timeline", workflowId=workflow)
        assert sum(bucket["totalRuns"] for bucket in found["buckets"]) == 2

    async def test_first_runs_of_versions_are_marked(self, workshop: Workshop) -> None:
        workflow = await workshop.workflow(
            PlainRun(MONDAY, version=1),
            PlainRun(MONDAY + DAY, version=2),
            PlainRun(MONDAY + 2 * DAY, version=1),
            kind="built",
        )
        found = await workshop.ask("timeline", workflowId=workflow)
        assert [mark["label"] for mark in found["marks"]] == ["v1", "v2"]
        later = await workshop.ask("timeline", workflowId=workflow, from_=MONDAY + HOUR)
        assert later["marks"] == [{"at": "2026-10-20T08:00:00Z", "label": "v2"}]

    async def test_at_most_twenty_builds_are_marked_the_last_ones(self, workshop: Workshop) -> None:
        runs = [PlainRun(MONDAY + number * HOUR, build_id=f"b{number}", deployment_name="shop") for number in range(25)]
        found = await workshop.ask("timeline", workflowId=await workshop.workflow(*runs))
        assert [mark["label"] for mark in found["marks"]] == [f"shop b{number}" for number in range(5, 25)]


class TestSlices:
    async def test_children_can_be_left_out(self, workshop: Workshop) -> None:
        workflow = await workshop.workflow(PlainRun(MONDAY), PlainRun(MONDAY + HOUR, "failed", parent_run_id="p"))
        figures = "execution.getWorkflowStatistics"
        everything = await workshop.caller.data(figures, _plain({"workflowId": workflow}))
        alone = await workshop.caller.data(figures, _plain({"workflowId": workflow, "topLevel": True}))
        assert (everything["totalRuns"], everything["successRate"]) == (2, 0.5)
        assert (alone["totalRuns"], alone["successRate"]) == (1, 1.0)
        assert alone["successRateInterval"] == {"low": pytest.approx(0.2065493143772375), "high": 1.0}

    @pytest.mark.parametrize(
        ("version", "count"),
        [
            ({"version": 2}, 1),
            ({"buildId": "b"}, 2),
            ({"buildId": "b", "deployment": "shop"}, 1),
            ({"buildId": "b", "deployment": ""}, 1),
            ({"buildId": ""}, 2),
        ],
    )
    async def test_one_version_is_looked_at_alone(
        self, workshop: Workshop, version: dict[str, Any], count: int
    ) -> None:
        workflow = await workshop.workflow(
            PlainRun(MONDAY, version=2),
            PlainRun(MONDAY, build_id="b"),
            PlainRun(MONDAY, build_id="b", deployment_name="shop"),
            PlainRun(MONDAY),
        )
        found = await workshop.ask("timeline", workflowId=workflow, version=version)
        assert sum(bucket["totalRuns"] for bucket in found["buckets"]) == count
        assert (await workshop.ask("distribution", workflowId=workflow, version=version))["count"] == count

    async def test_runs_are_split_by_version(self, workshop: Workshop) -> None:
        workflow = await workshop.workflow(
            PlainRun(MONDAY, version=1, build_id="a"),
            PlainRun(MONDAY + HOUR, "failed", version=1, build_id="b"),
            PlainRun(MONDAY + 2 * HOUR, build_id="c", deployment_name="shop"),
            PlainRun(MONDAY + 3 * HOUR),
        )
        found = await workshop.ask("versions", workflowId=workflow)
        lines = [(line["version"], line["buildId"], line["label"], line["totalRuns"]) for line in found["items"]]
        assert lines == [(None, None, "", 1), (None, "c", "shop c", 1), (1, None, "v1", 2)]
        assert (found["items"][2]["successRate"], found["items"][2]["lastRunAt"]) == (0.5, "2026-10-19T09:00:00Z")

    async def test_beyond_fifty_versions_are_counted(self, workshop: Workshop) -> None:
        runs = [PlainRun(MONDAY + number * HOUR, build_id=f"b{number}") for number in range(53)]
        found = await workshop.ask("versions", workflowId=await workshop.workflow(*runs))
        assert (len(found["items"]), found["other"], found["items"][0]["buildId"]) == (50, 3, "b52")


class TestComponents:
    async def test_a_line_a_component_with_its_clocks(self, workshop: Workshop) -> None:
        steps = (
            PlainStep(duration_ms=100, queue_ms=10, execution_ms=90),
            PlainStep(duration_ms=300, execution_ms=100, retry_ms=200, attempt=3, reason="within_policy"),
            PlainStep(status="failed", duration_ms=500, execution_ms=500, attempt=2, reason="exhausted"),
            PlainStep("sleep", "timer", duration_ms=100, waiting_ms=100, attempt=None),
            PlainStep("charge", duration_ms=9_999, copied=True),
        )
        found = await workshop.ask("components", workflowId=await workshop.workflow(PlainRun(MONDAY, steps=steps)))
        charge, sleep = found["items"]
        assert (charge["kind"], charge["name"], charge["nodeId"]) == ("activity", "charge", None)
        assert (charge["count"], charge["completedCount"], charge["failedCount"]) == (3, 2, 1)
        assert charge["failureRate"] == pytest.approx(1 / 3)
        assert (charge["retriesExpected"], charge["retriesUnexpected"], charge["retriesUnknown"]) == (2, 1, 0)
        assert charge["unexpectedFailures"] == 1
        assert charge["clocks"]["queue"] == {
            "count": 1,
            "avgMs": 10,
            "minMs": 10,
            "maxMs": 10,
            "p50Ms": 10,
            "p95Ms": 10,
        }
        assert charge["clocks"]["execution"] == {
            "count": 3,
            "avgMs": 230,
            "minMs": 90,
            "maxMs": 500,
            "p50Ms": 100,
            "p95Ms": 500,
        }
        assert (charge["shareOfTime"], sleep["shareOfTime"]) == (0.9, 0.1)
        assert sleep["clocks"]["queue"]["avgMs"] is None
        assert found["coverage"] == {"detailed": 1, "total": 1}

    async def test_a_line_a_node(self, workshop: Workshop) -> None:
        steps = (PlainStep(node_id="pay"), PlainStep(node_id="pay"), PlainStep(node_id="refund"))
        workflow = await workshop.workflow(PlainRun(MONDAY, steps=steps))
        nodes = (await workshop.ask("components", workflowId=workflow, byNode=True))["items"]
        assert [(line["name"], line["nodeId"], line["count"]) for line in nodes] == [
            ("charge", "pay", 2),
            ("charge", "refund", 1),
        ]
        (line,) = (await workshop.ask("components", workflowId=workflow))["items"]
        assert line["count"] == 3

    async def test_beyond_five_hundred_they_are_one_line(self, workshop: Workshop) -> None:
        steps = tuple(PlainStep(f"step {number:03}", duration_ms=10) for number in range(510))
        found = await workshop.ask("components", workflowId=await workshop.workflow(PlainRun(MONDAY, steps=steps)))
        assert len(found["items"]) == 500
        assert (found["other"]["count"], found["other"]["clocks"]["duration"]["avgMs"]) == (10, 10)
        assert found["other"]["shareOfTime"] == pytest.approx(10 / 510)

    async def test_what_the_catalogue_names_is_called_by_its_name(self, workshop: Workshop) -> None:
        project = str(workshop.tenant.project_id)
        component = {"type": "ship", "name": "Ship the parcel"}
        made = await workshop.caller.mutate("component.register", {"projectId": project, "component": component})
        assert made.status_code == 200, made.text
        workflow = await workshop.workflow(
            PlainRun(MONDAY, steps=(PlainStep("ship"), PlainStep("ship", "child_workflow")))
        )
        found = (await workshop.ask("components", workflowId=workflow))["items"]
        assert [(line["kind"], line["displayName"]) for line in found] == [
            ("activity", "Ship the parcel"),
            ("child_workflow", "ship"),
        ]

    async def test_time_that_nobody_took_has_no_shares(self, workshop: Workshop) -> None:
        steps = (PlainStep("a", duration_ms=0), PlainStep("b", duration_ms=None, status="running"))
        found = await workshop.ask("components", workflowId=await workshop.workflow(PlainRun(MONDAY, steps=steps)))
        assert [line["shareOfTime"] for line in found["items"]] == [None, None]


class TestDistribution:
    @pytest.mark.parametrize(
        "durations",
        [
            [0.0],
            [0.0, YEARS],
            [1, 2, 3],
            [0.25, 0.5],
            [1000],
            [999.999, 1000, 1000.001],
            [YEARS, YEARS],
            [3, 86_400_000],
        ],
    )
    async def test_every_duration_is_in_its_bin(self, workshop: Workshop, durations: list[float]) -> None:
        workflow = await workshop.workflow(*(PlainRun(MONDAY, duration_ms=duration) for duration in durations))
        found = await workshop.ask("distribution", workflowId=workflow)
        assert found["count"] == len(durations) == sum(each["count"] for each in found["bins"])
        assert 0 < len(found["bins"]) <= 40
        for each, following in itertools.pairwise(found["bins"]):
            assert each["toMs"] == following["fromMs"]
        for each in found["bins"]:
            assert each["fromMs"] < each["toMs"]
            assert each["count"] == sum(each["fromMs"] <= duration < each["toMs"] for duration in durations)

    async def test_open_runs_have_no_duration(self, workshop: Workshop) -> None:
        found = await workshop.ask("distribution", workflowId=await workshop.workflow(PlainRun(MONDAY, "running")))
        assert found == {"bins": [], "count": 0, "percentileError": 0}


class TestProjects:
    async def test_workflows_side_by_side(self, workshop: Workshop) -> None:
        tenant = await self._tenant(workshop)
        busy = await workshop.workflow(
            PlainRun(MONDAY, duration_ms=10), PlainRun(MONDAY + 23.5 * HOUR, "failed", duration_ms=30), tenant=tenant
        )
        quiet = await workshop.workflow(PlainRun(MONDAY - 10 * DAY), tenant=tenant)
        asking = Caller(workshop.caller.client, tenant.token)
        given = _plain({"projectId": tenant.project_id, "from_": MONDAY, "to": MONDAY + DAY})
        found = await asking.data("statistics.workflows", given)
        first, second = found["items"]
        assert (first["workflowId"], second["workflowId"]) == (str(busy), str(quiet))
        assert (first["totalRuns"], first["errorCount"], first["successRate"], first["avgDurationMs"]) == (
            2,
            1,
            0.5,
            20,
        )
        assert first["spark"] == [1, *[0] * 22, 1]
        assert first["sparkErrors"] == [*[0] * 23, 1]
        assert (second["totalRuns"], second["successRate"], second["lastRunAt"]) == (0, None, None)
        assert second["spark"] == [0] * 24
        assert (found["start"], found["end"], found["other"]) == ("2026-10-19T08:00:00Z", "2026-10-20T08:00:00Z", 0)

    async def test_task_queues_with_what_waited_in_them(self, workshop: Workshop) -> None:
        tenant = await self._tenant(workshop)
        steps = tuple(PlainStep(task_queue="pay", queue_ms=wait) for wait in (10.0, 20.0, None))
        await workshop.workflow(PlainRun(MONDAY, steps=steps), PlainRun(MONDAY, task_queue="pay"), tenant=tenant)
        found = await Caller(workshop.caller.client, tenant.token).data(
            "statistics.taskQueues", {"projectId": str(tenant.project_id)}
        )
        pay, orders = found["items"]
        assert (pay["taskQueue"], pay["runs"], pay["steps"]) == ("pay", 1, 3)
        assert pay["queue"] == {"count": 2, "avgMs": 15, "p50Ms": 10, "p95Ms": 20, "maxMs": 20}
        assert (orders["taskQueue"], orders["runs"], orders["steps"]) == ("orders", 1, 0)
        assert orders["queue"] == {"count": 0, "avgMs": None, "p50Ms": None, "p95Ms": None, "maxMs": None}

    async def _tenant(self, workshop: Workshop) -> Tenant:
        return await make_tenant(workshop.store, open_parts(workshop.store), f"plain-{next(_numbers)}", [])


class TestDefinitions:
    async def test_every_figure_is_explained(self, workshop: Workshop) -> None:
        found = (await workshop.caller.data("statistics.definitions"))["items"]
        named = {(each["of"], each["name"]): each for each in found}
        assert len(named) == len(found)
        assert named["runs", "successRate"]["unit"] == "share"
        assert named["runs", "p95DurationMs"]["formula"].startswith("95 % of the closed runs")
        of_components = {name for of, name in named if of == "components"}
        assert {"queueP95Ms", "mostUsedComponent", "shareOfTime", "failureRate"} <= of_components


class TestBadInput:
    @pytest.mark.parametrize("procedure", ["timeline", "components", "distribution"])
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "ends before it begins"),
            ({"timeZone": "Mars/Base"}, "no time zone named “Mars/Base”"),
            ({"projectId": str(uuid4())}, "either `workflowId` or `projectId`"),
            ({"version": {}}, "either `version`, or `deployment` and `buildId`"),
            ({"version": {"version": 1, "buildId": "b"}}, "either `version`, or `deployment` and `buildId`"),
            ({"from": "2026-02-01T00:00:00"}, "from"),
            ({"nonsense": 1}, "nonsense"),
        ],
    )
    async def test_it_is_refused_with_a_sentence(
        self, workshop: Workshop, procedure: str, given: dict[str, Any], said: str
    ) -> None:
        assert said in await workshop.refusal(procedure, workflowId=uuid4(), **given)

    async def test_neither_a_workflow_nor_a_project_is_refused(self, workshop: Workshop) -> None:
        assert "either `workflowId` or `projectId`" in await workshop.refusal("timeline")

    async def test_too_many_buckets_are_refused(self, workshop: Workshop) -> None:
        workflow = await workshop.workflow(PlainRun(MONDAY))
        window: dict[str, Any] = {"from_": "2006-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
        assert "at most 2,000" in await workshop.refusal("timeline", workflowId=workflow, step="minute", **window)

    @pytest.mark.parametrize(
        "runs",
        [
            [],
            [PlainRun(MONDAY)],
            [PlainRun(MONDAY, "running"), PlainRun(MONDAY + HOUR, "pending")],
            [PlainRun(MONDAY, duration_ms=0, steps=(PlainStep(duration_ms=0, queue_ms=0, execution_ms=0),))],
            [PlainRun(MONDAY, duration_ms=YEARS), PlainRun(MONDAY, duration_ms=0)],
            [PlainRun(MONDAY, "cancelled"), PlainRun(MONDAY, "continued_as_new"), PlainRun(MONDAY, "unknown", None)],
        ],
        ids=["none", "one", "only open ones", "no time at all", "years", "none that counts"],
    )
    async def test_no_number_is_a_nonsense(self, workshop: Workshop, runs: list[PlainRun]) -> None:
        workflow = await workshop.workflow(*runs)
        windows: list[dict[str, Any]] = [
            {},
            {"from_": "2006-01-01T00:00:00Z", "to": "2026-10-31T00:00:00Z", "timeZone": "America/St_Johns"},
            {"from_": "2400-01-01T00:00:00Z"},
            {"from_": MONDAY, "to": MONDAY},
        ]
        for window in windows:
            for procedure in ("timeline", "components", "distribution"):
                found = await workshop.ask(procedure, workflowId=workflow, **window)
                assert all(math.isfinite(number) and number >= 0 for number in every_number(found)), procedure
            figures = await workshop.caller.data(
                "execution.getWorkflowStatistics", _plain({"workflowId": workflow, **window})
            )
            ended = figures["completedRuns"] + figures["errorCount"]
            assert (figures["successRate"] is None) == (figures["successRateInterval"] is None) == (ended == 0)
            assert (
                (figures["avgDurationMs"] is None)
                == (figures["p95DurationMs"] is None)
                == (figures["durationCount"] == 0)
            )

"""Redaction rules and erasing through the API: who may, what is refused, and what is shown of it."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tests.api.conftest import Installation, installation

__all__ = ["installation"]
NONE: dict[str, list[str]] = {"keys": [], "paths": [], "patterns": [], "expressions": []}


async def newest(installation: Installation) -> dict[str, Any]:
    (workflow, *_) = (await installation.me.data("workflow.list", {"projectId": str(installation.ours.project_id)}))[
        "items"
    ]
    (run, *_) = (await installation.me.data("execution.getExecutionHistory", {"workflowId": workflow["id"]}))["items"]
    return dict(run)


async def test_rules_are_kept_and_told(installation: Installation) -> None:
    project = {"projectId": str(installation.ours.project_id)}
    before = await installation.me.data("privacy.getRules", project)
    assert before["rules"] == NONE and before["mayChange"]
    rules = NONE | {"keys": ["password"], "patterns": ["email"], "expressions": ["ACME-[0-9]+"]}
    given = {**project, "revision": before["revision"], "rules": rules}
    saved = await installation.me.mutate("privacy.saveRules", given)
    assert saved.status_code == 200, saved.text
    told = await installation.me.data("privacy.getRules", project)
    assert told["rules"] == rules and told["earlierRuns"] > 0 and told["revision"] > before["revision"]
    line = (await installation.me.data("audit.list", project))["items"][0]
    assert (line["action"], line["details"]["keys"]) == ("privacy.rules", 1)
    late = await installation.me.mutate("privacy.saveRules", {**given, "rules": NONE | {"keys": ["card"]}})
    assert late.status_code == 409 and "Somebody else changed the rules" in late.json()["error"]["message"]
    assert await installation.me.data("privacy.getRules", project) == told
    assert (await installation.me.data("audit.list", project))["items"][0] == line
    cleared = await installation.me.mutate(
        "privacy.saveRules", {**project, "revision": told["revision"], "rules": NONE}
    )
    assert cleared.json()["result"]["data"]["earlierRuns"] == 0


async def test_of_two_owners_who_save_at_once_one_is_told(installation: Installation) -> None:
    project = {"projectId": str(installation.ours.project_id)}
    given = {**project, "revision": (await installation.me.data("privacy.getRules", project))["revision"]}
    answers = await asyncio.gather(
        *(
            installation.me.mutate("privacy.saveRules", {**given, "rules": NONE | {"keys": [key]}})
            for key in ("password", "card")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (saved,) = (answer.json()["result"]["data"] for answer in answers if answer.status_code == 200)
    assert await installation.me.data("privacy.getRules", project) == saved
    await installation.me.mutate("privacy.saveRules", {**project, "revision": saved["revision"], "rules": NONE})


@pytest.mark.parametrize("rules", [{"expressions": ["("]}, {"keys": ["*"]}, {"paths": ["."]}, {"expressions": ["x*"]}])
async def test_rules_that_cannot_be_used_are_refused_with_the_reason(
    installation: Installation, rules: dict[str, list[str]]
) -> None:
    given = {"projectId": str(installation.ours.project_id), "revision": 0, "rules": NONE | rules}
    answer = await installation.me.mutate("privacy.saveRules", given)
    assert answer.status_code == 400 and repr(next(iter(rules.values()))[0]) in answer.json()["error"]["message"]


async def test_a_preview_says_of_each_rule_why_it_cannot_be_used_and_goes_on_with_the_others(
    installation: Installation,
) -> None:
    rules = NONE | {"keys": ["password", "*"], "paths": [".", "note"], "expressions": ["ACME-[0-9]+", "(", "x*"]}
    given = {"projectId": str(installation.ours.project_id), "rules": rules}
    sample = '{"password": "hunter2", "note": "n", "of": "ACME-7", "b": "keeps"}'
    answer = await installation.me.mutate("privacy.preview", {**given, "sample": sample})
    assert answer.status_code == 200, answer.text
    shown = answer.json()["result"]["data"]
    refused = [(one["kind"], one["at"]) for one in shown["refused"]]
    assert refused == [("keys", 1), ("paths", 0), ("expressions", 1), ("expressions", 2)]
    assert all(repr(rules[one["kind"]][one["at"]]) in one["message"] for one in shown["refused"])
    assert "missing )" in shown["refused"][2]["message"] and "b'" not in shown["refused"][2]["message"]
    assert shown["sample"].count("[redacted:") == 3 and '"keeps"' in shown["sample"]


async def test_rules_are_tried_out_before_they_hold(installation: Installation) -> None:
    given = {
        "projectId": str(installation.ours.project_id),
        "rules": NONE | {"keys": ["password"], "expressions": ["[a-zA-Z]{3}"]},
        "sample": '{"password": "hunter2", "n": 1.50}',
    }
    answer = await installation.me.mutate("privacy.preview", given)
    assert answer.status_code == 200, answer.text
    shown = answer.json()["result"]["data"]
    assert "hunter2" not in shown["sample"] and '"n": 1.50' in shown["sample"]
    assert shown["executionId"] and shown["events"] and all(event["count"] > 0 for event in shown["events"])
    assert (await installation.me.data("privacy.getRules", {"projectId": given["projectId"]}))["rules"] == NONE


async def test_a_run_is_erased_when_its_id_is_typed(installation: Installation) -> None:
    run = await newest(installation)
    given = {"executionId": run["id"], "what": "run"}
    planned = await installation.me.data("execution.previewErase", given)
    assert (planned["runs"], planned["running"]) == (1, None) and planned["steps"] >= 0
    refused = await installation.me.mutate("execution.erase", {**given, "confirmation": str(uuid4())})
    assert refused.status_code == 409 and "Nothing was erased" in refused.text
    workflow_id = run["temporalWorkflowId"]
    done = await installation.me.mutate("execution.erase", {**given, "confirmation": workflow_id})
    assert done.status_code == 200, done.text
    assert done.json()["result"]["data"]["runs"] == 1
    assert (await installation.me.query("execution.getExecutionDetails", {"executionId": run["id"]})).status_code == 404

"""JSON that is no graph: which node, which field, and a sentence."""

from typing import Any

import pytest
from tests.builder.drawn import said
from tests.builder.test_validate import EVERY_KIND

from watchglass.builder.read import parse_graph

START = {"id": "start", "kind": "start"}


def graph(**changes: Any) -> dict[str, Any]:
    return {"format": "watchglass/workflow/v1", "name": "order", "nodes": [START], "edges": [], **changes}


def node(**fields: Any) -> dict[str, Any]:
    return graph(nodes=[START, fields])


def test_reads_what_it_writes() -> None:
    parsed, problems = parse_graph(EVERY_KIND.model_dump(mode="json", by_alias=True))
    assert parsed == EVERY_KIND
    assert problems == ()


@pytest.mark.parametrize(
    ("json", "expected"),
    [
        (graph(name=None), "error /name: “name” is null, and a text is wanted."),
        (graph(name=""), "error /name: “name” is empty."),
        (graph(name="a\nb"), "error /name: “name” holds a character that cannot be shown."),
        (graph(extra=1), "error /extra: “extra” is no field that there is. Is it misspelt?"),
        (graph(nodes={}), "error /nodes: “nodes” is an object, and a list is wanted."),
        (graph(nodes=[1]), "error /nodes/0: “nodes.0” is 1, and an object is wanted."),
        (graph(nodes=[{"id": "a"}]), "error a: It lacks its kind."),
        (node(id="a", kind="dance"), "error a: It has the kind “dance”; there are start, activity, "),
        (node(id="a", kind="activity"), "error a/component: “component” is missing."),
        (node(id="A b", kind="start"), "error A b/id: “id” is “A b”: small letters, digits and - are wanted"),
        (
            node(id="a", kind="activity", component="x", retry={"strategy": "fail_after", "maximumAttempts": 0}),
            "error a/retry/maximumAttempts: “retry.maximumAttempts” is 0, and at least 1 is wanted.",
        ),
        (
            node(id="a", kind="activity", component="x", retry={"strategy": "sometimes"}),
            "error a/retry: “retry” has the strategy “sometimes”; there are keep_trying, ",
        ),
        (
            node(id="a", kind="activity", component="x", timeouts={"startToCloseSeconds": -1}),
            "error a/timeouts/startToCloseSeconds: “timeouts.startToCloseSeconds” is -1, and at least 0.001 is wanted.",
        ),
        (node(id="a", kind="branch", cases=[]), "error a/cases: “cases” is empty, and needs at least one."),
        (
            node(id="a", kind="for_each", items="[1]", concurrency=1000),
            "error a/concurrency: “concurrency” is 1000, and at most",
        ),
        (node(id="a", kind="join", mode="some"), "error a/mode: “mode” is “some”, and can be 'all' or 'any'."),
        (graph(edges=[{"source": "a"}]), "error edge 0/target: “target” is missing."),
        (
            graph(format="watchglass/workflow/v2"),
            "error /format: The format “watchglass/workflow/v2” is not known. It may be of a newer",
        ),
        (
            graph(format="other"),
            "error /format: The format “other” is not known. Watchglass reads watchglass/workflow/v1.",
        ),
        (graph(nodes=[START] * 2_001), "error /nodes: There are 2,001 nodes; a workflow has at most 2,000."),
        (graph(edges=[{}] * 8_001), "error /edges: There are 8,001 edges"),
        ([], "error : A workflow is an object"),
        ("x", "error : A workflow is an object"),
        (None, "error : A workflow is an object"),
    ],
)
def test_says_what_is_wrong(json: Any, expected: str) -> None:
    parsed, problems = parse_graph(json)
    assert parsed is None
    assert len(problems) == 1
    assert said(problems)[0].startswith(expected)


def test_a_wait_that_is_neither_number_nor_expression_is_told_once_a_reason() -> None:
    _, problems = parse_graph(node(id="a", kind="wait", seconds=[]))
    assert {problem.field for problem in problems} == {"/seconds"}


def test_depth_is_bounded() -> None:
    value: Any = 1
    for _ in range(5_000):
        value = [value]
    _, problems = parse_graph(node(id="a", kind="set", values={"x": value}))
    assert said(problems) == ["error : A value is nested more than 100 deep."]


@pytest.mark.parametrize(
    ("tool", "json"),
    [
        ("n8n", {"name": "My workflow", "nodes": [], "connections": {}, "settings": {}}),
        (
            "AWS Step Functions (Amazon States Language)",
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}},
        ),
        ("Apache Airflow", {"dag_id": "etl", "tasks": []}),
        ("Node-RED", [{"id": "1", "type": "inject", "wires": [[]]}]),
        ("Argo Workflows", {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow"}),
        ("the Serverless Workflow specification", {"document": {"dsl": "1.0.0"}, "do": []}),
        ("Netflix Conductor", {"name": "x", "tasks": [{"taskReferenceName": "a"}]}),
        ("GitHub Actions", {True: ["push"], "jobs": {}}),
    ],
)
def test_tells_other_tools_in_one_sentence(tool: str, json: Any) -> None:
    parsed, problems = parse_graph(json)
    assert parsed is None
    assert [problem.message for problem in problems] == [problems[0].message]
    assert problems[0].message.startswith(f"This is a workflow of {tool}. Watchglass reads its own files only")

"""Workflows as files: they come back as they went, and what is no workflow says so with the line."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from tests.builder.drawn import CATALOGUE
from tests.builder.graphs import GRAPHS
from tests.builder.test_validate import EVERY_KIND

from watchglass.builder.file import MAXIMUM_CHARACTERS, read_file, write_file
from watchglass.builder.published import graph_schema
from watchglass.builder.schema import misfits
from watchglass.builder.validate import validate
from watchglass.model.graph import Graph

FILE = """\
format: watchglass/workflow/v1
name: order
# A comment may stand anywhere.
nodes:
- id: start
  kind: start
- id: charge
  kind: activity
  component: echo
  input:
    amount: =nodes.zz.total
  retry:
    strategy: fail_after
    maximumAttempts: 5
edges:
- {source: start, target: charge}
- {source: charge, target: nowhere}
"""


def sentence(text: str) -> str:
    file = read_file(text)
    assert file.graph is None
    return file.problems[0].message


class TestWriting:
    def test_is_what_a_person_would_write(self) -> None:
        graph = read_file(FILE).graph
        assert graph is not None
        assert write_file(graph) == FILE.replace("# A comment may stand anywhere.\n", "")

    def test_keeps_texts_of_several_lines_readable(self) -> None:
        graph = EVERY_KIND.model_copy(update={"description": "First.\n\nSecond: it's “so”.\n"})
        assert "description: |\n  First.\n\n  Second: it's “so”.\n" in write_file(graph)

    def test_positions_are_on_a_line(self) -> None:
        graph = Graph.model_validate(
            {"name": "x", "nodes": [{"id": "start", "kind": "start", "position": {"x": 10, "y": 0.5}}]}
        )
        assert write_file(graph).endswith("- id: start\n  kind: start\n  position: {x: 10, y: 0.5}\n")

    def test_the_same_graph_is_the_same_text(self) -> None:
        again = read_file(write_file(EVERY_KIND)).graph
        assert again is not None
        assert write_file(again) == write_file(EVERY_KIND)


class TestRoundTrip:
    @given(GRAPHS)
    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_every_graph_comes_back_as_it_was(self, graph: Graph) -> None:
        text = write_file(graph)
        file = read_file(text)
        assert file.problems == ()
        assert file.graph == graph
        assert file.graph is not None
        # 1, 1.0 and true are equal in Python, and not the same.
        assert json.dumps(file.graph.model_dump(mode="json")) == json.dumps(graph.model_dump(mode="json"))

    @given(GRAPHS)
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_what_is_written_fits_the_published_schema(self, graph: Graph) -> None:
        written = json.loads(json.dumps(graph.model_dump(mode="json", by_alias=True)))
        assert misfits(written, graph_schema()) == []

    @given(GRAPHS)
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_json_is_read_too(self, graph: Graph) -> None:
        assert read_file(json.dumps(graph.model_dump(mode="json", by_alias=True), indent=2)).graph == graph

    @given(GRAPHS)
    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_any_graph_can_be_judged(self, graph: Graph) -> None:
        file = read_file(write_file(graph))
        for problem in validate(graph, CATALOGUE):
            assert problem.message.endswith((".", "?", "…"))
            line = file.line(problem)
            assert line is None or line >= 1

    def test_other_readers_of_yaml_read_the_same(self) -> None:
        assert Graph.model_validate(yaml.safe_load(write_file(EVERY_KIND))) == EVERY_KIND


class TestReading:
    def test_is_of_today(self) -> None:
        text = FILE.replace("order", "no").replace("=nodes.zz.total", "2026-01-31")
        graph = read_file(text).graph
        assert graph is not None
        assert graph.name == "no"
        assert graph.nodes[1].model_dump()["input"] == {"amount": "2026-01-31"}

    def test_tells_the_lines_of_problems(self) -> None:
        file = read_file(FILE)
        assert file.graph is not None
        found = {problem.message.split(",")[0]: file.line(problem) for problem in validate(file.graph, CATALOGUE)}
        assert found == {
            "The edge from “charge” to “nowhere” names nowhere": 17,
            "There is no node with the id zz.": 11,
        }

    @pytest.mark.parametrize("text", [FILE, json.dumps(yaml.safe_load(FILE), indent=2)])
    def test_tells_the_line_of_a_field(self, text: str) -> None:
        file = read_file(text.replace("5", "0"))
        (problem,) = file.problems
        assert problem.field == "/retry/maximumAttempts"
        line = file.line(problem)
        assert line is not None
        assert "maximumAttempts" in text.splitlines()[line - 1]

    def test_tells_the_line_where_something_is_missing(self) -> None:
        file = read_file(FILE.replace("  component: echo\n", ""))
        (problem,) = file.problems
        assert (problem.node, problem.field, file.line(problem)) == ("charge", "/component", 7)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "A workflow is an object"),
            ("just words", "A workflow is an object"),
            ("a: [1", "The file cannot be read: line "),
            ("name: x\nname: y\n", "The file cannot be read: line 2: the key name is there twice."),
            ("a: 1\n---\nb: 2\n", "The file cannot be read: line 2: a second document begins"),
            ("a: &x [1]\nb: *x\n", "The file cannot be read: line 1: anchors and aliases"),
            ("a: *x\n", "The file cannot be read: line 1: anchors and aliases"),
            ("a: !!python/object:os.system x\n", "The file cannot be read: line 1: the tag tag:yaml.org,2002:python"),
            ("a: !!binary aGk=\n", "The file cannot be read: line 1: the tag tag:yaml.org,2002:binary is not read."),
            ("? [a]\n: 1\n", "The file cannot be read: line 1: a key is a text."),
            ("a: 1e999\n", "The file cannot be read: line 1: 1e999 is no number that JSON can hold."),
            ('{"a": 1,}', "The file cannot be read: line 1: "),
            ('{"a": NaN}', "The file cannot be read: NaN is no number that JSON can hold."),
            ('{"a": 1, "a": 2}', "The file cannot be read: the key a is there twice."),
            ("[" * 100_000, "The file cannot be read: "),
            ("- " * 100_000, "The file cannot be read: "),
            ("x: " + "[" * 5_000, "The file cannot be read: line 1: this is nested more than 100 deep."),
            ("x" * (MAXIMUM_CHARACTERS + 1), "The file has more than 4,000,000 characters."),
            ("\x00\x01", "The file cannot be read: "),
            ("a: \ud800", "The file cannot be read: "),
            (
                '<?xml version="1.0"?>\n<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
                "This is a workflow of a BPMN tool. Watchglass reads its own files only",
            ),
            ("from airflow import DAG\n\nwith DAG('x') as dag:\n    pass\n", "This is a workflow of Apache Airflow."),
            ("StartAt: A\nStates: {A: {Type: Pass}}\n", "This is a workflow of AWS Step Functions"),
            ('{"nodes": [], "connections": {}}', "This is a workflow of n8n."),
            ("on: push\njobs: {}\n", "This is a workflow of GitHub Actions."),
        ],
        ids=lambda value: repr(value)[:30] if isinstance(value, str) else None,
    )
    def test_what_is_no_workflow_is_told_in_a_sentence(self, text: str, expected: str) -> None:
        assert sentence(text).startswith(expected)

    def test_a_billion_laughs_are_refused(self) -> None:
        lines = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
        assert "anchors and aliases" in sentence("\n".join(lines))

    def test_two_thousand_nodes(self) -> None:
        values = {"x": "=input.x", "y": "a\nb"}
        nodes: list[Any] = [{"id": f"n{n}", "kind": "set", "values": values} for n in range(2_000)]
        edges = [{"source": f"n{n}", "target": f"n{n + 1}"} for n in range(1_999)]
        graph = Graph.model_validate({"name": "x", "nodes": nodes, "edges": edges})
        assert read_file(write_file(graph)).graph == graph


def test_the_published_schema_is_current() -> None:
    published = Path(__file__).parents[2] / "docs" / "graph.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == graph_schema(), (
        "Run: python -m watchglass.builder.published > docs/graph.schema.json"
    )


@pytest.mark.parametrize("node", [{"id": "a"}, {"id": "a", "kind": "activity"}, {"id": "A", "kind": "start"}])
def test_the_published_schema_refuses_what_is_no_node(node: dict[str, Any]) -> None:
    assert misfits({"name": "x", "nodes": [node]}, graph_schema()) != []

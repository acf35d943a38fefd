"""A drawing leaves one installation as a file and runs in an empty one with the same result."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.running import Running, clean_environment
from tests.acceptance.test_up import call, command, start, tell, until
from tests.servers import make_shared_directory

pytestmark = pytest.mark.acceptance

Json = dict[str, Any]

CHILD = """
format: watchglass/workflow/v1
name: Shelf of an article
inputSchema: {type: object, required: [article], properties: {article: {type: string}}}
nodes:
- {id: start, kind: start}
- {id: look, kind: activity, component: watchglass.transform, input: {data: =input.article, expression: 'data + "!"'}}
- {id: end, kind: end, result: {shelf: =nodes.look}}
edges:
- {source: start, target: look}
- {source: look, target: end}
"""
PARENT = """
format: watchglass/workflow/v1
name: Pick list
inputSchema:
  type: object
  required: [lines]
  properties:
    lines: {type: array, items: {type: object}}
nodes:
- {id: start, kind: start}
- id: each-line
  kind: for_each
  items: input.lines
  concurrency: 3
  result: 'has(nodes.shelf) ? nodes.shelf : null'
  onError: continue
- {id: large, kind: branch, parent: each-line, cases: [{port: large, when: item.quantity > 10}]}
- {id: shelf, kind: workflow, parent: each-line, workflow: Shelf of an article, input: {article: =item.article}}
- id: unlucky
  kind: activity
  parent: each-line
  component: watchglass.random_failure
  input: {probability: 1}
  retry: {strategy: no_retries}
- {id: both, kind: parallel}
- {id: short, kind: wait, seconds: 0.01}
- {id: count, kind: set, values: {found: '=size(nodes.each_line.filter(l, l != null))'}}
- {id: all, kind: join}
- {id: end, kind: end, result: {found: =nodes.count.found, lines: =nodes.each_line}}
edges:
- {source: start, target: each-line}
- {source: each-line, port: each, target: large}
- {source: large, port: large, target: unlucky}
- {source: large, port: otherwise, target: shelf}
- {source: each-line, target: both}
- {source: both, target: short}
- {source: both, target: count}
- {source: short, target: all}
- {source: count, target: all}
- {source: all, target: end}
"""
NAMES = ("Shelf of an article", "Pick list")
INPUT = {
    "lines": [
        {"article": "A-310", "quantity": 2},
        {"article": "A-415", "quantity": 11},
        {"article": "A-501", "quantity": 1},
    ]
}


class Installation:
    """An empty one: its owner, and a project."""

    def __init__(self, data_dir: Path, running: Running) -> None:
        self.data_dir = data_dir
        self.ready = running.wait_for("ready")
        (self.project,) = call(self.ready, "project.list")["items"]

    def typed(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command beside it."""
        return subprocess.run(
            [sys.executable, "-m", "watchglass", *arguments, "--data-dir", str(self.data_dir)],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def taken_in(self, text: str) -> str:
        """The workflow that a file has become, with one version."""
        found = tell(self.ready, "workflow.importFile", projectId=self.project["id"], text=text)
        assert [problem for problem in found["problems"] if problem["severity"] == "error"] == []
        tell(self.ready, "workflow.saveVersion", workflowId=found["workflowId"], revision=found["revision"])
        workflow_id: str = found["workflowId"]
        return workflow_id

    def exported(self, workflow_id: str) -> str:
        text: str = call(self.ready, "workflow.exportFile", workflowId=workflow_id, version=1)["text"]
        return text

    def ran(self, workflow_id: str) -> Json:
        """What came of the run: its result, and how each node ended."""
        started = tell(self.ready, "workflow.run", workflowId=workflow_id, input=INPUT)["executionId"]

        def over() -> Json | None:
            found: Json = call(self.ready, "execution.getExecutionDetails", executionId=started)["execution"]
            return found if found["status"] != "running" and found["detailState"] == "complete" else None

        execution = until(over)
        graph = call(self.ready, "execution.getGraph", executionId=started)
        return {
            "status": execution["status"],
            "result": [payload["text"] for payload in execution["result"]],
            "nodes": [
                {key: node[key] for key in ("nodeId", "status", "port", "attempt", "retryVerdict", "iterations")}
                for node in graph["nodes"]
            ],
            "edges": graph["takenEdges"],
        }


@contextmanager
def installed() -> Iterator[Installation]:
    directory = make_shared_directory()
    with start(directory) as running:
        yield Installation(directory, running)
    shutil.rmtree(directory)


def test_a_drawing_runs_elsewhere_with_the_same_result(tmp_path: Path) -> None:
    with installed() as here:
        ids = [here.taken_in(text) for text in (CHILD, PARENT)]
        exported = [here.exported(workflow_id) for workflow_id in ids]
        pulled = [
            command(here.data_dir, "workflow", "pull", name) + "\n" for name in ("Shelf of an article", "Pick list")
        ]
        assert pulled == exported
        before = here.ran(ids[1])
    assert before["status"] == "completed"
    assert before["result"] == ['{"found":2,"lines":[{"shelf":"A-310!"},null,{"shelf":"A-501!"}]}']
    with installed() as there:
        assert call(there.ready, "workflow.list", projectId=there.project["id"])["items"] == []
        taken = [there.taken_in(text) for text in exported]
        assert there.ran(taken[1]) == before
        assert [there.exported(workflow_id) for workflow_id in taken] == exported
        # The command line pushes the same files.
        file = tmp_path / "pick-list.yaml"
        file.write_text(pulled[1])
        assert command(there.data_dir, "workflow", "push", str(file)).startswith("Nothing has changed since version 1")
        given = tmp_path / "input.json"
        given.write_text(json.dumps(INPUT))
        done = there.typed("workflow", "run", "Pick list", "--input", f"@{given}", "--wait")
        assert done.returncode == 0, done.stderr
        assert [done.stdout.strip()] == before["result"]


def test_a_file_whose_sub_workflow_is_not_there_is_kept_and_says_what_is_missing(tmp_path: Path) -> None:
    with installed() as there:
        found = tell(there.ready, "workflow.importFile", projectId=there.project["id"], text=PARENT)
        assert [(each["severity"], each["node"]) for each in found["problems"]] == [("error", "shelf")]
        file = tmp_path / "pick-list.yaml"
        file.write_text(PARENT)
        done = there.typed("workflow", "push", str(file))
        assert done.returncode != 0
        assert "There is no workflow Shelf of an article in this project" in done.stderr

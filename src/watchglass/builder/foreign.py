"""Tell the files of other tools from a broken file of ours, to say so in one sentence."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from watchglass.model.graph import FORMAT

Json = Any


def tool_of(json: Json) -> str | None:
    """Which tool the JSON is a workflow of; None when it is of none that is known, or ours."""
    if isinstance(json, Mapping) and isinstance(json.get("format"), str) and json["format"].startswith("watchglass/"):
        return None
    return next((tool for tool, is_of in _BY_SHAPE.items() if is_of(json)), None)


def tool_of_text(text: str) -> str | None:
    """Which tool a text is a workflow of that is neither JSON nor YAML."""
    beginning = text[:20_000]
    return next((tool for tool, pattern in _BY_TEXT.items() if pattern.search(beginning)), None)


def refusal(tool: str) -> str:
    return (
        f"This is a workflow of {tool}. Watchglass reads its own files only (format: {FORMAT}); draw it anew, "
        "or register it as one that is run elsewhere."
    )


def _has(json: Json, *keys: str) -> bool:
    return isinstance(json, Mapping) and all(key in json for key in keys)


def _is_node_red(json: Json) -> bool:
    return isinstance(json, list) and any(isinstance(node, Mapping) and "wires" in node for node in json)


def _is_argo(json: Json) -> bool:
    return isinstance(json, Mapping) and str(json.get("apiVersion", "")).startswith("argoproj.io/")


def _is_tekton(json: Json) -> bool:
    return isinstance(json, Mapping) and str(json.get("apiVersion", "")).startswith("tekton.dev/")


def _is_serverless_workflow(json: Json) -> bool:
    return (isinstance(document := _get(json, "document"), Mapping) and "dsl" in document) or _has(
        json, "specVersion", "states"
    )


def _is_zeebe(json: Json) -> bool:
    return _has(json, "executionPlatform") or _has(json, "bpmnProcessId")


def _is_conductor(json: Json) -> bool:
    tasks = _get(json, "tasks")
    return isinstance(tasks, list) and any(isinstance(task, Mapping) and "taskReferenceName" in task for task in tasks)


def _is_google_workflow(json: Json) -> bool:
    main = _get(json, "main")
    return isinstance(main, Mapping) and "steps" in main


def _get(json: Json, key: str) -> Json:
    return json.get(key) if isinstance(json, Mapping) else None


_BY_SHAPE: Final[dict[str, Callable[[Json], bool]]] = {
    "n8n": lambda json: _has(json, "nodes", "connections"),
    "AWS Step Functions (Amazon States Language)": lambda json: _has(json, "StartAt", "States"),
    "Apache Airflow": lambda json: _has(json, "dag_id") or _has(json, "dag") or _has(json, "default_args", "tasks"),
    "Node-RED": _is_node_red,
    "Argo Workflows": _is_argo,
    "Tekton": _is_tekton,
    "the Serverless Workflow specification": _is_serverless_workflow,
    "Camunda": _is_zeebe,
    "Netflix Conductor": _is_conductor,
    "Google Cloud Workflows": _is_google_workflow,
    # YAML 1.1 reads the key `on` as true.
    "GitHub Actions": lambda json: _has(json, "jobs") and ("on" in json or True in json),
    "GitLab CI": lambda json: _has(json, "stages"),
    "Dify": lambda json: _has(json, "app", "workflow"),
    "Windmill": lambda json: isinstance(_get(json, "value"), Mapping) and "modules" in json["value"],
}
_BY_TEXT: Final = {
    "a BPMN tool": re.compile(r"<(?:\w+:)?definitions\b[^>]*(?:bpmn|BPMN)|xmlns:bpmn"),
    "Apache Airflow": re.compile(r"^\s*(?:from|import)\s+airflow\b", re.MULTILINE),
    "Prefect": re.compile(r"^\s*(?:from|import)\s+prefect\b", re.MULTILINE),
    "Dagster": re.compile(r"^\s*(?:from|import)\s+dagster\b", re.MULTILINE),
    "the Temporal SDK": re.compile(r"^\s*(?:from|import)\s+temporalio\b", re.MULTILINE),
}

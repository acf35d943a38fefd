"""A workflow as a file that lives well in git: YAML or JSON of the same shape as everywhere else (`model.graph`).

What is written is YAML: keys in a fixed order, without what is as usual, an edge a line. Comments are not kept.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from watchglass.builder.foreign import refusal, tool_of_text
from watchglass.builder.read import parse_graph
from watchglass.builder.yaml_text import NotYaml, OnOneLine, Path, read_yaml, write_yaml
from watchglass.model.graph import FORMAT, Edge, Graph, Node, any_object
from watchglass.model.problem import Problem
from watchglass.model.retry_choice import RetryChoice

Json = Any
MAXIMUM_CHARACTERS: Final = 4_000_000
_FIRST: Final = ("id", "kind", "name", "parent")
_LAST: Final = ("notes", "position")
_OF_NUMBERS: Final = ("position", "retry", "timeouts", "timeoutSeconds", "seconds")


@dataclass(frozen=True, slots=True)
class GraphFile:
    """What a file holds."""

    graph: Graph | None
    problems: tuple[Problem, ...]
    """Why it holds no graph."""
    _value: Json = None
    _lines: dict[Path, int] = field(default_factory=dict)

    def line(self, problem: Problem) -> int | None:
        """The line of the file, from 1, that a problem of its graph is about; of what is missing, where it would be."""
        path: Path = self._place(problem)
        steps = [step.replace("~1", "/").replace("~0", "~") for step in (problem.field or "").split("/")[1:]]
        for step in steps:
            known = [(*path, key) for key in (step, int(step) if step.isdigit() else step)]
            found = next((longer for longer in known if longer in self._lines), None)
            if found is None:
                break
            path = found
        return self._lines.get(path)

    def _place(self, problem: Problem) -> Path:
        if problem.edge is not None:
            return ("edges", problem.edge)
        nodes = self._value.get("nodes") if isinstance(self._value, dict) else None
        for number, node in enumerate(nodes if isinstance(nodes, list) else ()):
            if isinstance(node, dict) and problem.node is not None and node.get("id") == problem.node:
                return ("nodes", number)
        return ()


def read_file(text: str) -> GraphFile:
    """The graph that a file holds, or why it holds none."""
    if len(text) > MAXIMUM_CHARACTERS:
        return _refused(f"The file has more than {MAXIMUM_CHARACTERS:,} characters.")
    try:
        text.encode()
        if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
            value, lines = _read_json(text)
        else:
            read = read_yaml(text.lstrip("\ufeff"))
            value, lines = read.value, read.lines
    except UnicodeEncodeError:
        return _refused("The file cannot be read: it holds half of a character (a lone surrogate).")
    except NotYaml as error:
        tool = tool_of_text(text)
        return _refused(refusal(tool) if tool is not None else error.message)
    if isinstance(value, str) and (tool := tool_of_text(text)) is not None:
        return _refused(refusal(tool))
    graph, problems = parse_graph(value)
    return GraphFile(graph, problems, value, lines)


def write_file(graph: Graph) -> str:
    """The graph as YAML."""
    written: dict[str, Json] = {"format": FORMAT, "name": graph.name}
    usual = graph.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"nodes", "edges"})
    written |= {key: value for key, value in usual.items() if key not in written}
    if graph.input_schema == any_object():
        written.pop("inputSchema", None)
    written["nodes"] = [_node(node) for node in graph.nodes]
    if graph.edges:
        written["edges"] = [_edge(edge) for edge in graph.edges]
    return write_yaml(written)


def _node(node: Node) -> dict[str, Json]:
    given = node.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    given["kind"] = node.kind.value
    retry: RetryChoice | None = getattr(node, "retry", None)
    if retry is not None:
        given["retry"] = {"strategy": retry.strategy, **given.get("retry", {})}
    for name in ("input", "values", "form"):
        if given.get(name) == {} and node.__class__.model_fields[name].default_factory is not None:
            del given[name]
    if "position" in given:
        given["position"] = OnOneLine(given["position"])
    given |= {key: _plain(given[key]) for key in _OF_NUMBERS if key in given}
    middle = [key for key in given if key not in _FIRST and key not in _LAST]
    return {key: given[key] for key in [*_FIRST, *middle, *_LAST] if key in given}


def _edge(edge: Edge) -> dict[str, Json]:
    return OnOneLine(edge.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def _plain(value: Json) -> Json:
    """With 5 for 5.0: only where numbers are read as fractions anyhow, and not in what people give to nodes."""
    if isinstance(value, dict):
        return type(value)((key, _plain(item)) for key, item in value.items())
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53 and str(value) != "-0.0"
    return int(value) if is_whole else value


def _read_json(text: str) -> tuple[Json, dict[Path, int]]:
    try:
        value = json.loads(text.lstrip("\ufeff"), parse_constant=_refuse_constant, object_pairs_hook=_without_twins)
    except json.JSONDecodeError as error:
        raise NotYaml(f"The file cannot be read: line {error.lineno}: {error.msg}.", error.lineno) from None
    except RecursionError:
        raise NotYaml("The file cannot be read: it is nested too deeply.", None) from None
    try:
        return value, read_yaml(text.lstrip("\ufeff").replace("\t", " ")).lines
    except NotYaml:
        return value, {}  # Not all JSON is YAML; then there is everything but the lines.


def _refuse_constant(constant: str) -> NoReturn:
    raise NotYaml(f"The file cannot be read: {constant} is no number that JSON can hold.", None)


def _without_twins(pairs: Iterable[tuple[str, Json]]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for key, value in pairs:
        if key in made:
            raise NotYaml(f"The file cannot be read: the key {key} is there twice.", None)
        made[key] = value
    return made


def _refused(message: str) -> GraphFile:
    return GraphFile(None, (Problem(message=message),))

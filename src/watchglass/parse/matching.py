"""Runs of somebody else's interpreter: whose they are, and which of their units is which node of its graph.

Patterns are few and bounded, and translated by `fnmatch`, whose expressions do not go back over what they have read.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate
from functools import lru_cache

from watchglass.model.component import Component
from watchglass.model.execution import Execution, Step
from watchglass.model.rules import NodeRule, Rules, RunRule, is_pattern
from watchglass.model.status import ComponentKind
from watchglass.parse.search_attributes import read_json


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Callable[[str], bool]:
    if not is_pattern(pattern):
        return pattern.__eq__
    # Brackets stand for themselves: activity ids of loops have them.
    compiled = re.compile(translate(pattern.replace("[", "[[]")))
    return lambda text: compiled.match(text) is not None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What rules compare of a run."""

    type: str
    workflow_id: str
    memo: Mapping[str, bytes]
    """Serialised `Payload` by key; so are the search attributes."""
    search_attributes: Mapping[str, bytes]


def facts_of(execution: Execution) -> RunFacts:
    return RunFacts(execution.type, execution.ref.workflow_id, execution.memo, execution.search_attributes)


def holds(rules: Rules, run: RunFacts) -> bool:
    """Is the run one of those that the rules speak of?"""
    return any(_holds(rule, run) for rule in rules.runs)


def _holds(rule: RunRule, run: RunFacts) -> bool:
    return (
        (rule.workflow_type is None or _matcher(rule.workflow_type)(run.type))
        and (rule.workflow_id is None or _matcher(rule.workflow_id)(run.workflow_id))
        and _all_hold(rule.search_attributes, run.search_attributes)
        and _all_hold(rule.memo, run.memo)
    )


def _all_hold(patterns: Mapping[str, str], fields: Mapping[str, bytes]) -> bool:
    return all(
        name in fields and any(map(_matcher(pattern), _texts(fields[name]))) for name, pattern in patterns.items()
    )


def _texts(data: bytes) -> Iterable[str]:
    value = read_json(data)
    values = value if isinstance(value, list) else [value]
    return [one if isinstance(one, str) else json.dumps(one) for one in values]


def placed(execution: Execution, rules: Rules) -> Execution:
    """The run with its units at their nodes. What is said of a unit depends on it and on earlier ones alone."""
    components = _placed(execution.components, rules)
    nodes = {component.event_id: component.node_id for component in components}
    return replace(
        execution,
        components=components,
        current_step=_moved(execution.current_step, nodes),
        failed_step=_moved(execution.failed_step, nodes),
    )


def _moved(step: Step | None, nodes: Mapping[int, str]) -> Step | None:
    return None if step is None else replace(step, node_id=nodes.get(step.event_id, step.node_id))


def _placed(components: Sequence[Component], rules: Rules) -> tuple[Component, ...]:
    table = _table(rules.nodes)
    held = [0] * len(rules.nodes)
    occurrences: dict[str, int] = {}
    moved = []
    for component in components:
        place = _node_of(component, table, held)
        node_id = place or component.node_id
        iteration = component.iteration if place is None else component.iteration or ()
        occurrence = occurrences[node_id] = occurrences.get(node_id, 0) + 1
        is_same = (node_id, occurrence, iteration) == (component.node_id, component.occurrence, component.iteration)
        moved.append(
            component if is_same else replace(component, node_id=node_id, occurrence=occurrence, iteration=iteration)
        )
    return tuple(moved)


@dataclass(frozen=True, slots=True)
class _Table:
    """The rules by what they compare: plain texts are looked up, only patterns are tried one by one."""

    plain: Mapping[tuple[str, str], Sequence[int]]
    patterns: Mapping[str, Sequence[int]]
    rules: Sequence[NodeRule]


@lru_cache(maxsize=64)
def _table(rules: tuple[NodeRule, ...]) -> _Table:
    plain: dict[tuple[str, str], list[int]] = {}
    patterns: dict[str, list[int]] = {}
    for place, rule in enumerate(rules):
        if is_pattern(rule.matches):
            patterns.setdefault(rule.by, []).append(place)
        else:
            plain.setdefault((rule.by, rule.matches), []).append(place)
    return _Table(plain, patterns, rules)


def _node_of(component: Component, table: _Table, held: list[int]) -> str | None:
    """The node that the first rule names which holds; `held` counts for each rule the units it has held for."""
    found: set[int] = set()
    for by, text in _compared(component):
        found.update(table.plain.get((by, text), ()))
        found.update(place for place in table.patterns.get(by, ()) if _matcher(table.rules[place].matches)(text))
    node_id = None
    for place in sorted(found):
        held[place] += 1
        rule = table.rules[place]
        if node_id is None and rule.occurrence in (None, held[place]):
            node_id = rule.node
    return node_id


def _compared(component: Component) -> list[tuple[str, str]]:
    ref = dict(component.ref)
    summary = [("summary", component.display_name)] if component.display_name != component.name else []
    match component.kind:
        case ComponentKind.ACTIVITY | ComponentKind.LOCAL_ACTIVITY:
            return [("activity_id", ref.get("activityId", "")), ("activity_type", component.name), *summary]
        case ComponentKind.CHILD_WORKFLOW:
            return [("child_type", component.name), ("child_id", ref.get("childWorkflowId", "")), *summary]
        case ComponentKind.TIMER:
            return [("timer", ref.get("timerId", "")), ("timer", component.display_name), *summary]
        case _:
            return summary

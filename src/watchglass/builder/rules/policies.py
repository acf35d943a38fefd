"""How often and how long a node may try."""

from collections.abc import Iterator

from watchglass.model.catalogue import Component
from watchglass.model.graph import ActivityNode, Node, WorkflowNode
from watchglass.model.problem import Problem, Severity
from watchglass.model.retry_choice import (
    DEFAULT_START_TO_CLOSE_SECONDS,
    ExponentialBackoff,
    KeepTrying,
    RetryChoice,
    Timeouts,
)


def policy_problems(node: Node, component: Component | None) -> Iterator[Problem]:
    match node:
        case ActivityNode():
            retry = node.retry or (component.retry if component else None)
            timeouts = with_defaults(node.timeouts, component)
            yield from _never_ends(node, retry, timeouts.schedule_to_close_seconds, "a limit for all attempts together")
            yield from _intervals(node, retry)
            yield from _timeouts(node, timeouts)
        case WorkflowNode():
            yield from _never_ends(node, node.retry, node.timeout_seconds, "a limit for all its runs together")
            yield from _intervals(node, node.retry)


def with_defaults(timeouts: Timeouts, component: Component | None) -> Timeouts:
    """The timeouts of a node, where it sets none those of its component."""
    if component is None:
        return timeouts
    usual, own = component.timeouts.model_dump(), timeouts.model_dump()
    return Timeouts(**{name: usual[name] if value is None else value for name, value in own.items()})


def is_unlimited(retry: RetryChoice | None) -> bool:
    return isinstance(retry, KeepTrying) or (isinstance(retry, ExponentialBackoff) and retry.maximum_attempts == 0)


def _never_ends(node: Node, retry: RetryChoice | None, limit: float | None, wanted: str) -> Iterator[Problem]:
    if is_unlimited(retry) and limit is None:
        yield Problem(
            severity=Severity.WARNING,
            node=node.id,
            field="/retry",
            message=f"This may never finish: it is tried again until it succeeds. Set {wanted} to end it some day.",
        )


def _intervals(node: Node, retry: RetryChoice | None) -> Iterator[Problem]:
    if not isinstance(retry, KeepTrying | ExponentialBackoff):
        return
    if retry.maximum_interval_seconds < retry.initial_interval_seconds:
        yield Problem(
            node=node.id,
            field="/retry/maximumIntervalSeconds",
            message=f"The longest wait ({_seconds(retry.maximum_interval_seconds)}) is shorter than the first "
            f"({_seconds(retry.initial_interval_seconds)}); Temporal refuses that.",
        )


def _timeouts(node: Node, timeouts: Timeouts) -> Iterator[Problem]:
    all_together = timeouts.schedule_to_close_seconds
    one = timeouts.start_to_close_seconds
    if one is None and all_together is None:
        one = DEFAULT_START_TO_CLOSE_SECONDS
    if one is not None and all_together is not None and all_together < one:
        yield _cut(node, "startToCloseSeconds", "One attempt", one, "all attempts together", all_together)
    waiting = timeouts.schedule_to_start_seconds
    if waiting is not None and all_together is not None and all_together < waiting:
        yield _cut(
            node, "scheduleToStartSeconds", "Waiting for a worker", waiting, "all attempts together", all_together
        )
    longest, whose = (one, "one attempt") if one is not None else (all_together, "all attempts together")
    beat = timeouts.heartbeat_seconds
    if beat is not None and longest is not None and beat >= longest:
        yield Problem(
            severity=Severity.WARNING,
            node=node.id,
            field="/timeouts/heartbeatSeconds",
            message=f"A sign of life is asked for every {_seconds(beat)}, and {whose} may take {_seconds(longest)}: "
            "it is never missed. Make it shorter.",
        )


def _cut(node: Node, field: str, what: str, has: float, whose: str, limit: float) -> Problem:
    return Problem(
        severity=Severity.WARNING,
        node=node.id,
        field=f"/timeouts/{field}",
        message=f"{what} may take {_seconds(has)}, and {whose} {_seconds(limit)}: Temporal cuts it to that.",
    )


def _seconds(value: float) -> str:
    return f"{value:g} s"

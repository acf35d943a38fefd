"""A run as a table that people without Temporal in mind can read."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from watchglass.cli.visible import visible
from watchglass.model.component import Component
from watchglass.model.execution import Execution
from watchglass.model.status import ComponentKind, ComponentStatus
from watchglass.model.verdict import Verdict, verdict_of
from watchglass.parse.failure import surface_error
from watchglass.parse.retry import explain

_STYLES = {
    "completed": "green",
    "failed": "bold red",
    "timed_out": "bold red",
    "terminated": "bold red",
    "cancelled": "yellow",
    "running": "cyan",
    "retrying": "yellow",
    "paused": "yellow",
}
_WORDS = {
    "continued_as_new": "carried on",
    "terminated": "stopped by force",
    "timed_out": "ran out of time",
    "abandoned": "left open",
}
_KINDS = {
    ComponentKind.LOCAL_ACTIVITY: "local step",
    ComponentKind.CHILD_WORKFLOW: "sub-workflow",
    ComponentKind.NEXUS_OPERATION: "call to another namespace",
    ComponentKind.EXTERNAL_SIGNAL: "signal sent",
    ComponentKind.EXTERNAL_CANCEL: "cancel request sent",
}
MAX_ROWS = 500
"""More lines than anybody scrolls through; `--json` has all of them."""


def run_report(execution: Execution, title: str) -> RenderableType:
    """Header, table of steps, and what there is to say about retries."""
    shown = execution.components[:MAX_ROWS]
    parts: list[RenderableType] = [_header(execution, title), _steps(shown)]
    if len(execution.components) > MAX_ROWS:
        rest = len(execution.components) - MAX_ROWS
        parts.append(Text(f"… and {rest:,} more steps; --json prints all of them.", style="dim"))
    parts.extend(_judgements(shown))
    unknown = sum(execution.unknown_events.values())
    if unknown:
        parts.append(Text(f"{unknown} events are of kinds that this version does not know.", style="dim"))
    return Group(*parts)


def _header(execution: Execution, title: str) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for label, value in _facts(execution, title):
        table.add_row(label, value)
    return table


def _facts(execution: Execution, title: str) -> Iterable[tuple[str, Text]]:
    error_type, message = surface_error(execution.failure)
    yield "Workflow", Text(_visible(execution.type or title), style="bold")
    yield "Run", Text(f"{_visible(execution.ref.workflow_id) or '–'}  {_visible(execution.ref.run_id)}")
    yield "Status", _status(execution.status)
    of_base = " (of the run that was reset)" if any(e.type == "reset" for e in execution.lifecycle) else ""
    yield "Started", Text(f"{_moment(execution.started_at)}{of_base}")
    if execution.closed_at is not None:
        yield "Ended", Text(f"{_moment(execution.closed_at)}  ({_span(execution.duration_ms)})")
    if execution.problem_detail:
        yield "Problem", Text(_visible(execution.problem_detail), style="bold yellow")
    if execution.current_step:
        yield "Now at", Text(_visible(execution.current_step.display_name))
    if execution.failed_step:
        yield "Failed at", Text(_visible(execution.failed_step.display_name), style="bold red")
    if message or error_type:
        yield (
            "Error",
            Text(_visible(f"{error_type}: {message}" if error_type else message or ""), style="red"),
        )


def _steps(components: Iterable[Component]) -> Table:
    table = Table(show_edge=False, pad_edge=False, header_style="dim", row_styles=["", "on grey7"])
    for name, justify in (("#", "right"), ("step", "left"), ("kind", "left"), ("status", "left")):
        table.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    for name in ("took", "waited", "tries"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("error", overflow="fold")
    for unit in components:
        table.add_row(*_row(unit))
    return table


def _row(unit: Component) -> tuple[RenderableType, ...]:
    clocks = unit.clocks
    waited = clocks.queue_ms if clocks.queue_ms is not None else clocks.waiting_ms
    return (
        str(unit.event_id),
        Text(_visible(unit.display_name)),
        _KINDS.get(unit.kind, unit.kind.replace("_", " ")),
        _status(unit.status),
        _span(clocks.execution_ms),
        _span(waited),
        "" if unit.attempt is None else str(unit.attempt),
        Text(_visible(surface_error(unit.shown_failure)[1] or ""), style="red"),
    )


def _judgements(components: Iterable[Component]) -> Iterable[Text]:
    for unit in components:
        verdict = verdict_of(unit.reason)
        if verdict is Verdict.UNEXPECTED or (verdict is Verdict.EXPECTED and unit.status.is_failure):
            yield Text(f"• {_visible(explain(unit))}", style="yellow")


def _status(status: ComponentStatus | str) -> Text:
    return Text(_WORDS.get(status, status.replace("_", " ")), style=_STYLES.get(status, ""))


def _visible(text: str) -> str:
    return visible(text[:500])


def _moment(micros: int | None) -> str:
    if micros is None:
        return "not recorded"
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=min(micros, 253402300799_000000))
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _span(ms: float | None) -> str:
    if ms is None:
        return ""
    for size, unit in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")):
        if ms >= size:
            return f"{ms / size:.1f} {unit}"
    return f"{ms:.0f} ms"

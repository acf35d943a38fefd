"""Values that are too large for their row: they are read from the stored history by parsing it again."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from temporalio.api.history.v1 import HistoryEvent

from watchglass.api.render.payload import is_elsewhere
from watchglass.model.component import Component, Values
from watchglass.model.execution import Execution
from watchglass.parse.history import HistoryFold, parse_history
from watchglass.store.history_pages import each_page, read_events
from watchglass.store.payloads import lightened, values_from
from watchglass.store.scope import Reader
from watchglass.store.summaries import Row


async def full_component(reader: Reader, row: Row, component: Component, *, as_held: bool = False) -> Component:
    """The component with its values, wherever they are kept.

    Of large values that were decoded at sync, the row has a readable beginning and the history the encoded whole:
    the beginning is given, unless they are wanted as Temporal holds them.
    """
    if not is_elsewhere(component.input) and not is_elsewhere(component.output):
        return component
    whole = await _whole(reader, row, component)
    if whole is None:
        return component
    return replace(
        component,
        input=_fuller(component.input, whole.input, as_held=as_held),
        output=_fuller(component.output, whole.output, as_held=as_held),
    )


async def _whole(reader: Reader, row: Row, component: Component) -> Component | None:
    """Whatever kind of event holds the values, the parser knows where; it needs the history up to there, and of that
    the component's own values alone."""
    wanted = {values.event_id for values in (component.input, component.output) if values is not None}
    fold = HistoryFold()

    def light(values: Values) -> Values:
        return values if values.event_id in wanted else lightened(values)

    def take(events: Sequence[HistoryEvent]) -> None:
        fold.add([event for event in events if event.event_id <= component.last_event_id])
        fold.lighten(light)

    pages = each_page(
        reader, project_id=row["project_id"], execution_id=row["id"], first=1, last=component.last_event_id
    )
    async for events in pages:
        # In a thread, because a long history would hold up everybody else's requests.
        await asyncio.to_thread(take, events)
    execution = await asyncio.to_thread(fold.result)
    return next((found for found in execution.components if found.event_id == component.event_id), None)


def _fuller(kept: Values | None, whole: Values | None, *, as_held: bool) -> Values | None:
    if not is_elsewhere(kept):
        return kept
    is_decoded = kept is not None and any(payload.decoded_from is not None for payload in kept.beginnings or ())
    return kept if is_decoded and not as_held else whole


async def own_values(reader: Reader, row: Row) -> tuple[Values | None, Values | None]:
    """The execution's own input and result."""
    given = values_from(row["input"], row["input_bytes"], 1, None)
    result = values_from(row["result"], row["result_bytes"], row["result_event_id"], None)
    first = await _events(reader, row, first=1, last=1) if is_elsewhere(given) or is_elsewhere(result) else []
    if is_elsewhere(given):
        given = (await _parsed(first)).input or given
    if result is not None and is_elsewhere(result):
        last = await _events(reader, row, first=result.event_id, last=result.event_id)
        result = (await _parsed([*first, *last])).result or result
    return given, result


async def _events(reader: Reader, row: Row, *, first: int, last: int) -> list[HistoryEvent]:
    return await read_events(reader, project_id=row["project_id"], execution_id=row["id"], first=first, last=last)


async def _parsed(events: Sequence[HistoryEvent]) -> Execution:
    """In a thread, because a long history would hold up everybody else's requests."""
    return await asyncio.to_thread(parse_history, events)

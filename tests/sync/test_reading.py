"""A history folded and packed page by page is the history folded and packed as a whole."""

import pytest
from temporalio.api.common.v1 import ActivityType, WorkflowType
from temporalio.api.history.v1 import HistoryEvent
from tests.parse.corpus import TEMPORAL, Sample
from tests.parse.events import event

from watchglass.model.execution import RunRef
from watchglass.parse.file import read_history
from watchglass.parse.history import parse_history
from watchglass.parse.trailing import durable_prefix
from watchglass.store.history_pages import PAGE_BYTES, pack_events, pages_after, unpack_events
from watchglass.store.payloads import beginnings, inline, lightened
from watchglass.sync.reading import HEAVY_BYTES, Reading

REF = RunRef("paged", "run")


async def read(events: list[HistoryEvent], *, size: int, keeps_values: bool = False) -> Reading:
    reading = Reading(REF, keeps_values=keeps_values, is_large=False)
    for start in range(0, len(events), size):
        await reading.take(events[start : start + size])
    await reading.end()
    return reading


def unpacked(reading: Reading) -> list[HistoryEvent]:
    return [event for page in reading.pages for event in unpack_events(page.data)]


@pytest.mark.parametrize("sample", TEMPORAL, ids=str)
async def test_pages_of_any_size_give_the_same_run_and_the_same_history(sample: Sample) -> None:
    events = read_history(sample.read())
    whole = parse_history(durable_prefix(events), ref=REF)
    for size in (1, 7, 60, len(events)):
        reading = await read(events, size=size)
        assert await reading.result() == whole
        assert unpacked(reading) == list(durable_prefix(events))
        assert reading.newest == durable_prefix(events)[-1]


async def test_what_is_stored_and_what_is_new_are_joined() -> None:
    events = read_history(max(TEMPORAL, key=lambda sample: len(sample.read())).read())
    stored = pack_events(events[:40])
    reading = Reading(REF, keeps_values=False, is_large=True)
    await reading.take_stored(stored)
    await reading.take(events[40:])
    await reading.end()
    assert await reading.result() == parse_history(durable_prefix(events), ref=REF)
    assert unpacked(reading) == list(durable_prefix(events))[40:]


def large_activities(count: int, size: int) -> list[HistoryEvent]:
    events = [event(1, "WORKFLOW_EXECUTION_STARTED", workflow_type=WorkflowType(name="Large"))]
    for number in range(count):
        head = 2 + 2 * number
        scheduled = event(
            head, "ACTIVITY_TASK_SCHEDULED", activity_id=str(number), activity_type=ActivityType(name="grow")
        )
        completed = event(head + 1, "ACTIVITY_TASK_COMPLETED", scheduled_event_id=head)
        payload = completed.activity_task_completed_event_attributes.result.payloads.add()
        payload.metadata["encoding"] = b"json/plain"
        payload.data = b'"' + b"x" * size + b'"'
        events += [scheduled, completed]
    return events


async def test_large_values_are_let_go_and_stored_as_if_they_were_there() -> None:
    events = large_activities(20, HEAVY_BYTES // 10)
    whole = parse_history(events, ref=REF)
    light = await (await read(events, size=15)).result()
    assert sum(len(unit.output.data) for unit in whole.components if unit.output) > HEAVY_BYTES
    assert sum(len(unit.output.data) for unit in light.components if unit.output) <= HEAVY_BYTES
    for kept, full in zip(light.components, whole.components, strict=True):
        assert (inline(kept.output), beginnings(kept.output)) == (inline(full.output), beginnings(full.output))
        assert kept.output is not None
        assert full.output is not None
        assert (kept.output.size, kept.output.event_id) == (full.output.size, full.output.event_id)
    kept_whole = await (await read(events, size=15, keeps_values=True)).result()
    assert kept_whole == whole


def test_lightening_small_values_changes_nothing() -> None:
    (unit,) = parse_history(large_activities(1, 100), ref=REF).components
    assert unit.output is not None
    assert lightened(unit.output) is unit.output


def test_a_page_with_large_events_is_cut_early() -> None:
    events = large_activities(10, PAGE_BYTES // 2)
    pages = pack_events(events)
    assert [(page.first_event_id, page.last_event_id) for page in pages] == [
        (1, 5), (6, 9), (10, 13), (14, 17), (18, 21)
    ]  # fmt: skip
    assert [event for page in pages for event in unpack_events(page.data)] == events


@pytest.mark.parametrize("known", [0, 1, 499, 500, 501, 777, 1000, 1201])
def test_pages_after_an_event_hold_just_the_events_after_it(known: int) -> None:
    events = large_activities(600, 10)
    pages = pages_after(pack_events(events), known)
    left = [found for page in pages for found in unpack_events(page.data)]
    assert left == [given for given in events if given.event_id > known]
    assert all(page.first_event_id > known for page in pages)

"""Who may not see values gets none, whatever is asked: a mark is planted in every payload of real histories."""

import json
from dataclasses import replace

import pytest
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from tests.api.hidden import who_sees
from tests.api.house import House
from tests.api.seeded import RECORDED, open_parts
from tests.parse.corpus import Sample

from watchglass.parse.describe import parse_kept
from watchglass.parse.file import read_history
from watchglass.parse.history import parse_history
from watchglass.store.history_pages import pack_events
from watchglass.store.sync_states import ExecutionKey, read_state
from watchglass.sync.listing import add_runs
from watchglass.sync.read import ReadRun
from watchglass.sync.save import save_runs

MARK = "planted-7b1e5c"
_CLOSED = [sample for sample in RECORDED if (said := sample.describe()) and said.workflow_execution_info.status != 1]
_SAMPLES = _CLOSED[2 :: len(_CLOSED) // 4][:2]


def _plant(message: Message) -> int:
    """The mark instead of the data of every payload; returns of how many. Names that the code gives to steps stay
    (`user_metadata`): they are shown as names are. So does what SDKs write down for themselves of local activities."""
    planted, stack = 0, [message]
    while stack:
        found = stack.pop()
        if isinstance(found, Payload):
            found.data = json.dumps(MARK).encode()
            found.metadata["encoding"] = b"json/plain"
            planted += 1
            continue
        for field, value in found.ListFields():
            if field.message_type is None or field.name in ("user_metadata", "marker_recorded_event_attributes"):
                continue
            if field.message_type.GetOptions().map_entry:
                if field.message_type.fields_by_name["value"].message_type is not None:
                    # Temporal's own search attributes say nothing of what a run was given.
                    stack.extend(one for name, one in value.items() if not _is_temporals_own(field.name, name))
            elif field.is_repeated:
                stack.extend(value)
            else:
                stack.append(value)
    return planted


def _is_temporals_own(field: str, name: str) -> bool:
    return field == "indexed_fields" and (name.startswith("Temporal") or name in ("BuildIds", "BinaryChecksums"))


async def _planted(house: House, sample: Sample, number: int) -> tuple[ExecutionKey, int]:
    parts = open_parts(house.store)
    response = sample.describe()
    assert response is not None
    info = response.workflow_execution_info
    info.execution.run_id = f"planted-{number}"
    info.first_run_id = info.execution.run_id
    count = _plant(response)
    described = parse_kept(response.SerializeToString(), at=1_700_000_000_000_000)
    events = read_history(sample.read())
    count += sum(_plant(event) for event in events)
    [key] = await add_runs(parts, house.tenant.connection, [described])
    async with house.store.write() as writer:
        state = await read_state(writer, key.id)
    assert state is not None
    execution = parse_history(events, ref=described.ref, described=described)
    read = ReadRun(state, house.tenant.connection, execution, pack_events(events), True, described, None)
    await save_runs(house.store, [read])
    return key, count


@pytest.mark.parametrize("number", range(len(_SAMPLES)), ids=lambda number: _SAMPLES[number].name)
async def test_no_value_reaches_who_may_not_see_values(house: House, number: int) -> None:
    key, count = await _planted(house, _SAMPLES[number], number)
    if not count:
        pytest.fail("the history has no payload: take another one")
    things = replace(await house.fresh(), execution=str(key.id))
    seen = await who_sees(MARK, house, things)
    assert seen >= {"execution.getExecutionDetails", "execution.getHistoryEvents"}, "who may see values sees them"

"""Runs that a real Temporal has had, told again under other ids and at another time.

Their histories, and the answers of Describe of the same moment, are those of `tests/fixtures/histories`. Ids are
changed alike everywhere, so that parents and children, and runs that carry each other on, still find each other.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from tests.parse.corpus import TEMPORAL, Sample

from watchglass.parse.file import read_history

_MOST_BYTES = 300_000
"""Of a file. Growing histories are read again and again; how large ones are read is tested elsewhere."""
_LIVE = "live-"


@dataclass(frozen=True)
class Recording:
    events: Sequence[HistoryEvent]
    described: DescribeWorkflowExecutionResponse
    """When all of the events had happened."""


@dataclass
class Told:
    """A recording with ids and times of its own, to be changed as one likes."""

    workflow_id: str
    run_id: str
    events: list[HistoryEvent]
    described: DescribeWorkflowExecutionResponse


def _read(sample: Sample) -> Recording | None:
    described = sample.describe()
    if described is None or not described.workflow_execution_info.execution.run_id:
        return None
    return Recording(tuple(read_history(sample.read())), described)


def recordings(dice: random.Random, *, most: int | None = None) -> list[Recording]:
    """Those that were recorded live, in an order of the dice's; `most`: only so many of them."""
    found = [each for each in TEMPORAL if each.name.startswith(_LIVE) and each.path.stat().st_size < _MOST_BYTES]
    dice.shuffle(found)
    read = [recording for each in found[:most] if (recording := _read(each)) is not None]
    # Some runs were recorded twice: what was recorded last is all of it.
    read.sort(key=lambda recording: len(recording.events))
    return list(
        {recording.described.workflow_execution_info.execution.run_id: recording for recording in read}.values()
    )


def tellings(recorded: Sequence[Recording], dice: random.Random) -> Iterator[tuple[int, Recording]]:
    """All of them in some order, and all of them again under other ids, and so on: the number of the round, and one."""
    round_no = 0
    while True:
        round_no += 1
        for recording in dice.sample(recorded, len(recorded)):
            yield round_no, recording


def tell(recording: Recording, round_no: int, started_at: datetime) -> Told:
    events = [HistoryEvent.FromString(event.SerializeToString()) for event in recording.events]
    described = DescribeWorkflowExecutionResponse.FromString(recording.described.SerializeToString())
    shift = int(started_at.timestamp() * 1_000_000) * 1000 - events[0].event_time.ToNanoseconds()
    for message in (*events, described):
        _retell(message, round_no, shift)
    execution = described.workflow_execution_info.execution
    return Told(execution.workflow_id, execution.run_id, events, described)


def _retell(message: Message, round_no: int, shift: int) -> None:
    for field, value in message.ListFields():
        if isinstance(value, str):
            if field.name.endswith("run_id"):
                setattr(message, field.name, str(uuid5(NAMESPACE_URL, f"{round_no} {value}")))
            elif field.name.endswith("workflow_id"):
                setattr(message, field.name, f"{value}~{round_no}")
        elif isinstance(value, Timestamp):
            if value.seconds > 0:
                value.FromNanoseconds(value.ToNanoseconds() + shift)
        elif isinstance(value, Message):
            _retell(value, round_no, shift)
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for one in value:
                _retell(one, round_no, shift)

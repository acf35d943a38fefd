"""New code takes over what old code began: the recorded histories of our own workflows replay without a difference."""

from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from watchglass.sync.messages import SYNC_BATCH, Key
from watchglass.sync.workflows import Coordinator, FollowExecution, SyncBatch, SyncExecution

RECORDED = sorted((Path(__file__).parents[1] / "fixtures" / "coordinator").glob("*.json"))
"""Recorded on a control Temporal that asks for continue-as-new after 60 events."""


def recorded(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.name, path.read_text())


@workflow.defn(name=SYNC_BATCH)
class ChangedBatch:
    """What a batch may not become without a version of its own."""

    @workflow.run
    async def run(self, keys: list[Key]) -> None:
        await workflow.sleep(1)


def test_there_is_a_history_of_each_of_our_workflows() -> None:
    kinds = {path.name.partition(".")[0] for path in RECORDED}
    assert kinds == {"sync-coordinator", "sync-execution", "sync-batch", "follow-execution"}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    replayer = Replayer(workflows=[Coordinator, FollowExecution, SyncBatch, SyncExecution])
    await replayer.replay_workflow(recorded(path))


async def test_a_changed_workflow_would_be_noticed() -> None:
    (path,) = [path for path in RECORDED if path.name.startswith(SYNC_BATCH)]
    with pytest.raises(NondeterminismError):
        await Replayer(workflows=[ChangedBatch]).replay_workflow(recorded(path))

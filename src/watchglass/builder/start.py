"""Starting a run of a drawn workflow, and what people do to one that is under way."""

from datetime import UTC, datetime
from uuid import UUID

from watchglass.builder.fits import misfits
from watchglass.errors import InvalidInput
from watchglass.model.graph import Graph, Json, builder_queue
from watchglass.model.ids import uuid7_at
from watchglass.model.journal import DECIDE, MEMO_RUN, BuiltRun, Decision
from watchglass.temporal.access import Access
from watchglass.temporal.commands import cancel_workflow, signal_workflow, start_workflow, terminate_workflow

_MICROS = 1_000_000


async def start_run(
    access: Access,
    *,
    graph: Graph,
    workflow_id: UUID,
    version: int,
    project_id: UUID,
    input: Json,
    temporal_workflow_id: str | None = None,
    by: str,
) -> tuple[str, str]:
    """Start a run of a saved version; return its Temporal workflow id and run id. `by` names who starts it.

    Raises:
        InvalidInput: the input does not fit the graph's schema; the sentence names the fields.
        AlreadyRunning: a run with `temporal_workflow_id` is open.
        TemporalUnavailable, TemporalBusy, TemporalRefused, NamespaceMissing
    """
    if wrong := misfits(input, graph.input_schema, what="The input"):
        raise InvalidInput(" ".join(wrong))
    id = temporal_workflow_id or new_id(graph.name)
    run_id = await start_workflow(
        access,
        type=graph.name,
        id=id,
        task_queue=graph.task_queue or builder_queue(project_id),
        argument={"workflowId": str(workflow_id), "version": version, "input": input},
        memo={MEMO_RUN: BuiltRun(workflow_id=str(workflow_id), version=version).model_dump(mode="json")},
        identity=_identity(by),
    )
    return id, run_id


async def cancel_run(access: Access, *, temporal_workflow_id: str, run_id: str, reason: str, by: str) -> None:
    """Ask a run to end in its own way; one that is over stays as it is. Raises what `start_run` raises of Temporal."""
    await cancel_workflow(access, id=temporal_workflow_id, run_id=run_id, reason=reason, identity=_identity(by))


async def terminate_run(access: Access, *, temporal_workflow_id: str, run_id: str, reason: str, by: str) -> None:
    """Stop a run by force. Raises RunIsOver, and what `start_run` raises of Temporal."""
    await terminate_workflow(access, id=temporal_workflow_id, run_id=run_id, reason=reason, identity=_identity(by))


async def decide(
    access: Access, *, temporal_workflow_id: str, run_id: str, decision: Decision, form: dict[str, Json]
) -> None:
    """Give an approval node its answer; `form` is the node's. The first answer counts.

    Raises:
        InvalidInput: the values of an approval do not fit the form.
        RunIsOver, and what `start_run` raises of Temporal.
    """
    if decision.approved and form and (wrong := misfits(decision.values, form, what="The form")):
        raise InvalidInput(" ".join(wrong))
    await signal_workflow(
        access,
        id=temporal_workflow_id,
        run_id=run_id,
        signal=DECIDE,
        argument=decision.model_dump(mode="json"),
        identity=_identity(decision.by),
    )


def new_id(name: str) -> str:
    """A workflow id that begins with the workflow's name; of the same workflow, those of later starts sort later."""
    unique = uuid7_at(int(datetime.now(UTC).timestamp() * _MICROS)).hex
    return f"{name}-{unique[:12]}-{unique[-6:]}"


def _identity(by: str) -> str:
    return f"{by} (Watchglass)"

"""What needs a person, from its rows."""

from watchglass.api.render.connection import STATES
from watchglass.api.render.summary import summary_fields
from watchglass.api.shapes.attention import Attention, BadEnd, ProblemCount, TroubledExecution, WatchedConnection
from watchglass.store.summaries import Row

_AWAY = ("unreachable", "refused")


def render_attention(problems: list[Row], connections: list[Row]) -> Attention:
    watched = [_connection(row) for row in connections]
    return Attention(
        total=sum(row["count"] for row in problems)
        + sum(one.set_aside for one in watched)
        + sum(one.state in _AWAY for one in watched),
        problems=[ProblemCount(problem=row["problem"], count=row["count"], since=row["since"]) for row in problems],
        connections=watched,
    )


def _connection(row: Row) -> WatchedConnection:
    return WatchedConnection(
        id=str(row["id"]),
        project_id=str(row["project_id"]),
        project_name=row["project_name"],
        address=row["address"],
        namespace=row["namespace"],
        state=STATES[row["state"]],
        error=row["error"],
        checked_at=row["checked_at"],
        open_runs=row["open_runs"],
        full_round_seconds=row["full_round_seconds"],
        patrolled_at=row["patrolled_at"],
        set_aside=row["set_aside"],
    )


def render_troubled(row: Row) -> TroubledExecution:
    return TroubledExecution(**summary_fields(row), project_id=str(row["project_id"]), project_name=row["project_name"])


def render_bad_end(row: Row) -> BadEnd:
    return BadEnd(
        project_id=str(row["project_id"]),
        project_name=row["project_name"],
        workflow_id=str(row["workflow_id"]),
        workflow_name=row["workflow_name"],
        status=row["status"],
        error_type=row["error_type"],
        error_message=row["error_message"],
        count=row["count"],
        last_at=row["last_at"],
        execution_id=str(row["execution_id"]),
    )

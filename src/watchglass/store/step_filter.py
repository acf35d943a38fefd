"""Runs by what one component did in them: that it was there, failed, was retried or was slow."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from watchglass.model.journal import READ_GRAPH
from watchglass.model.status import FAILED_COMPONENT_STATUSES
from watchglass.model.verdict import Reason, Verdict, verdict_of
from watchglass.store.scope import Reader

IS_COUNTED = f"(NOT c.copied AND c.name <> '{READ_GRAPH}')"
"""Units that a reset copied from its base run were counted there. That a drawn run reads its drawing is no component of
anybody's workflow; it would be the most used one of every project that builds."""
ClockName = Literal["queue", "execution", "retry", "waiting", "duration"]
RetryKind = Literal["expected", "unexpected"]
_FEW: Final = 5_000
"""Up to as many steps are looked up and their runs sorted; with more, the runs are gone through in their order."""
_FAILED: Final = sorted(FAILED_COMPONENT_STATUSES)
_REASONS: Final = {
    kind: [reason.value for reason in Reason if verdict_of(reason) is verdict]
    for kind, verdict in (("expected", Verdict.EXPECTED), ("unexpected", Verdict.UNEXPECTED))
}


@dataclass(frozen=True, slots=True)
class StepFilter:
    """Runs with at least one step of a component, or of one of its nodes, to which all that is said applies."""

    kind: str
    name: str
    node_id: str | None = None
    failed: bool = False
    retries: RetryKind | None = None
    """Retried, and the attempts were judged so."""
    clock: ClockName | None = None
    """Whose time `min_ms` is of."""
    min_ms: float | None = None

    def condition(self, arguments: list[object], *, are_few: bool) -> str:
        """On `workflow_executions e` of the project $1; puts its values behind `arguments`."""
        tests = " AND ".join([IS_COUNTED, *self._indexed(arguments), *self._others(arguments)])
        if are_few:
            steps = f"SELECT c.execution_id FROM component_executions c WHERE c.project_id = $1 AND {tests}"  # noqa: S608
            return f"e.id = ANY (ARRAY({steps}))"
        # OFFSET 0: the steps of one run are found by its key, whatever else PostgreSQL knows of the component.
        steps = "SELECT c.* FROM component_executions c WHERE c.project_id = e.project_id AND c.execution_id = e.id"
        return f"coalesce((SELECT true FROM ({steps} OFFSET 0) c WHERE {tests} LIMIT 1), false)"  # noqa: S608 - own words only

    def _indexed(self, arguments: list[object]) -> list[str]:
        """The tests that the index by component answers."""
        tests = [_test("c.name = ${}", self.name, arguments), _test("c.kind = ${}", self.kind, arguments)]
        if self.failed:
            tests.append(_test("c.status = ANY (${}::text[])", _FAILED, arguments))
        if self.retries is not None:
            tests.append(_test("c.reason = ANY (${}::text[])", _REASONS[self.retries], arguments))
        return tests

    def _others(self, arguments: list[object]) -> list[str]:
        tests = ["c.attempt > 1"] if self.retries is not None else []
        if self.node_id is not None:
            tests.append(_test("c.node_id = ${}", self.node_id, arguments))
        if self.clock is not None:
            tests.append(_test(f"c.{self.clock}_ms >= ${{}}", self.min_ms or 0, arguments))
        return tests

    async def are_few(self, reader: Reader, project_id: UUID) -> bool:
        """Whether the project has so few such steps that they are looked up."""
        arguments: list[object] = [project_id]
        tests = " AND ".join(self._indexed(arguments))
        found = await reader.fetchval(
            f"SELECT count(*) FROM (SELECT FROM component_executions c WHERE c.project_id = $1 AND {tests} "  # noqa: S608
            f"LIMIT {_FEW + 1}) found",
            *arguments,
        )
        return bool(found <= _FEW)


def _test(sql: str, value: object, arguments: list[object]) -> str:
    arguments.append(value)
    return sql.format(len(arguments))

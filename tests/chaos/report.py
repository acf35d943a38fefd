"""What happened in one storm, and what was left of it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from tests.chaos.compared import DEFECTS, Compared


@dataclass
class Report:
    seed: int
    seconds: float
    kills: int = 0
    freezes: int = 0
    by_target: dict[str, int] = field(default_factory=dict)
    """Kills and freezes of each process."""
    network: dict[str, int] = field(default_factory=dict)
    """Faults of wires, by kind."""
    runs_acknowledged: int = 0
    signals_acknowledged: int = 0
    built_acknowledged: int = 0
    approvals_acknowledged: int = 0
    cancels_acknowledged: int = 0
    calls_refused: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    """Of the API, by status; `none`: it was away."""
    pages: int = 0
    """That were read whole and looked through."""
    compared: Compared = field(default_factory=Compared)
    wrong_answers: list[str] = field(default_factory=list)
    converged_seconds: float | None = None
    """The longest that a run, which had ended when the last fault was over or ended later, waited for its copy."""
    converged_runs: int = 0
    """Runs whose copies were made after the last fault."""
    quiet_seconds: float | None = None
    """From the last fault until everything stored was as in Temporal, whose own runs had to go on first."""

    late: list[str] = field(default_factory=list)
    """What the slowest copies waited for."""
    explanation: list[str] = field(default_factory=list)
    """What was under way when something had not become right."""

    @property
    def network_faults(self) -> int:
        return sum(self.network.values())

    @property
    def faults(self) -> int:
        return self.kills + self.freezes + self.network_faults

    @property
    def defects(self) -> dict[str, int]:
        """How many of each kind; all 0 when the storm was right."""
        found = {name: len(getattr(self.compared, name)) for name in DEFECTS}
        return found | {"wrong answers": len(self.wrong_answers)}

    @property
    def is_right(self) -> bool:
        return not any(self.defects.values())

    def lines(self) -> list[str]:
        """The report for a person."""
        targets = ", ".join(f"{name} {count}" for name, count in sorted(self.by_target.items()))
        network = ", ".join(f"{name} {count}" for name, count in sorted(self.network.items()))
        compared = self.compared
        said = [
            f"seed {self.seed}: {self.faults} faults in {self.seconds:.0f} s: {self.kills} kills and {self.freezes} "
            f"freezes ({targets}), {self.network_faults} of the network ({network})",
            f"  load: {self.runs_acknowledged} starts and {self.signals_acknowledged} signals acknowledged, "
            f"{self.calls_refused} refused; {self.built_acknowledged} starts, {self.approvals_acknowledged} approvals "
            f"and {self.cancels_acknowledged} cancellations acknowledged by the API",
            f"  API: {self.pages} pages read; answers {dict(sorted(self.answers.items()))}",
            f"  stored: {compared.runs} runs, {compared.events} events, {compared.units} components; of them "
            f"{compared.built_runs} built runs with {compared.built_steps} steps",
            "  " + ", ".join(f"{name} {count}" for name, count in self.defects.items()),
        ]
        if self.converged_seconds is not None:
            said.append(
                f"  the slowest of {self.converged_runs} copies after the last fault took {self.converged_seconds:.1f} "
                f"s; all equal {self.quiet_seconds:.1f} s after it"
            )
        said += [f"  late: {what}" for what in self.late]
        for name in DEFECTS:
            said += [f"  {name}: {what}" for what in getattr(compared, name)[:10]]
        said += [f"  wrong answer: {what}" for what in self.wrong_answers[:10]]
        return said + [f"  then: {what}" for what in self.explanation[:40]]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=1)


def summary(reports: Sequence[Report]) -> list[str]:
    """All storms together."""
    right = sum(one.is_right for one in reports)
    defects = {name: sum(one.defects[name] for one in reports) for name in reports[0].defects}
    answers: dict[str, int] = {}
    for one in reports:
        for status, count in one.answers.items():
            answers[status] = answers.get(status, 0) + count
    slowest = [one.converged_seconds for one in reports if one.converged_seconds is not None]
    return [
        f"{right} of {len(reports)} storms right, {sum(one.seconds for one in reports) / 60:.1f} min of faults: "
        f"{sum(one.kills for one in reports)} kills, {sum(one.freezes for one in reports)} freezes, "
        f"{sum(one.network_faults for one in reports)} network faults",
        f"{sum(one.compared.runs for one in reports)} runs, {sum(one.compared.events for one in reports)} events, "
        f"{sum(one.compared.units for one in reports)} components, "
        f"{sum(one.compared.built_runs for one in reports)} of the runs built; "
        f"{sum(one.pages for one in reports)} pages; API answers {dict(sorted(answers.items()))}",
        ", ".join(f"{name} {count}" for name, count in defects.items()),
        f"slowest copy after the last fault: {', '.join(f'{seconds:.1f}' for seconds in slowest)} s",
    ]

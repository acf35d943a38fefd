"""What happened in one storm, and what was left of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Report:
    seed: int
    seconds: float = 0
    """Of the storm itself, comparisons in the middle of it included."""
    kills: int = 0
    """Processes, by SIGKILL."""
    backends: int = 0
    """Connections that PostgreSQL was told to end."""
    restarts: int = 0
    """Of PostgreSQL, by an immediate shutdown."""
    counts: dict[str, int] = field(default_factory=dict)
    """What the processes said that they did; those that were killed said nothing of the last."""
    happened: dict[str, int] = field(default_factory=dict)
    """To the runs."""
    comparisons: int = 0
    """Rounds of comparing."""
    figures: int = 0
    """Numbers that were compared in them."""
    runs: int = 0
    components: int = 0
    events: int = 0
    """Stored at the end."""
    notes_left: int = 0
    """Not folded after all was folded."""
    differences: list[str] = field(default_factory=list)
    """Figures that were not what the rows add up to."""
    copies: list[str] = field(default_factory=list)
    """Histories that were not Temporal's own, and rows that were not what a fresh parse says."""
    errors: list[str] = field(default_factory=list)
    """What should not have happened to the processes."""

    @property
    def is_right(self) -> bool:
        return not self.differences and not self.copies and not self.errors and self.notes_left == 0

    @property
    def syncs(self) -> int:
        return self.counts.get("syncs", 0)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> Sequence[str]:
        """The report for a person."""
        done = self.counts

        def of(name: str) -> str:
            return f"{done.get(name, 0):,}"

        return [
            f"seed {self.seed}: {self.syncs:,} syncs in {self.seconds:.0f} s, of which {of('changed')} brought news; "
            f"{of('not_found')} found the run missing or gone, {of('away')} the server away",
            f"  {self.kills} processes killed, {self.backends} connections ended by PostgreSQL, {self.restarts} "
            f"restarts of it; {of('outages')} things broken off by that",
            f"  runs: {', '.join(f'{n:,} {name}' for name, n in self.happened.items())}; {of('listed')} times listed "
            "for the first time",
            f"  corrections: {of('made_older')} runs as older rules left them, {of('derived_again')} derived again, "
            f"{of('registered')} graphs registered, {of('redacted')} redacted by {of('rules_of_redaction')} changes of "
            f"the rules, {of('erased_runs')} erased, {of('met')} looks at the namespace",
            f"  figures: {of('folds')} folds of {of('folded')} notes, {of('roll_ups')} rounds of all, "
            f"{of('rebuilds')} rebuilds, {of('checks')} checks of {of('checked')} buckets and totals",
            f"  stored at the end: {self.runs:,} runs, {self.components:,} components, {self.events:,} events; "
            f"{self.notes_left} notes not folded",
            f"  {self.comparisons} comparisons of {self.figures:,} numbers: {len(self.differences)} differences; "
            f"{len(self.copies)} copies that are not right; "
            f"{len(self.errors)} errors",
            *(f"  differs: {what}" for what in self.differences[:10]),
            *(f"  copy: {what}" for what in self.copies[:10]),
            *(f"  error: {what}" for what in self.errors[:10]),
        ]

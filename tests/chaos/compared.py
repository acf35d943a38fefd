"""What a comparison has found."""

from dataclasses import dataclass, field

DEFECTS = ("lost", "doubled", "wrong", "stuck", "drift")


@dataclass
class Compared:
    """What is wrong; nothing when the copy is what it copies."""

    runs: int = 0
    events: int = 0
    units: int = 0
    built_runs: int = 0
    built_steps: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    """Totals that are not what their rows add up to."""

    @property
    def is_right(self) -> bool:
        return not any(getattr(self, name) for name in DEFECTS)

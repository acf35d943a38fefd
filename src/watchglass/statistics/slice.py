"""A window that looks at some of its runs alone: those that no run started, or those of one version."""

from dataclasses import dataclass
from typing import Any

from watchglass.statistics.window import Window


@dataclass(frozen=True)
class Slice(Window):
    top_level: bool = False
    """Without the runs that other runs started."""
    version: int | None = None
    """Of a built workflow."""
    deployment: str | None = None
    """Worker deployment; empty: of none."""
    build_id: str | None = None
    """Version of the workers; empty: of none that is known."""

    @property
    def where(self) -> str:
        parts, count = [super().where], len(super().arguments)
        if self.top_level:
            parts.append("e.parent_run_id IS NULL")
        for column, value in self._tests:
            if value == "":
                parts.append(f"{column} IS NULL")
            else:
                count += 1
                parts.append(f"{column} = ${count}")
        return " AND ".join(parts)

    @property
    def only(self) -> dict[str, Any]:
        given = {"version": self.version, "deployment_name": self.deployment, "build_id": self.build_id}
        top_level = {"is_top_level": True} if self.top_level else {}
        return top_level | {name: value for name, value in given.items() if value is not None}

    @property
    def arguments(self) -> list[Any]:
        return [*super().arguments, *(value for _, value in self._tests if value != "")]

    @property
    def _tests(self) -> list[tuple[str, Any]]:
        columns = ("e.version", self.version), ("e.deployment_name", self.deployment), ("e.build_id", self.build_id)
        return [(column, value) for column, value in columns if value is not None]

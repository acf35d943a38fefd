"""The slice of runs that an input asks for."""

from uuid import UUID

from watchglass.api.shapes.statistics import VersionFilter, Window
from watchglass.statistics.slice import Slice


def narrowed(project_id: UUID, workflow_id: UUID | None, window: Window, version: VersionFilter | None = None) -> Slice:
    by_version = {} if version is None else version.model_dump(by_alias=False)
    return Slice(project_id, workflow_id, window.from_, window.to, top_level=window.top_level, **by_version)

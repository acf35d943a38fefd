"""Comparisons of stored figures with the runs, as the page is told of them."""

from watchglass.api.shapes.figure_check import FigureCheck
from watchglass.store.summaries import Row


def render_figure_check(row: Row) -> FigureCheck:
    return FigureCheck(
        project_id=str(row["project_id"]) if row["project_id"] is not None else None,
        project_name=row["project_name"],
        checked_at=row["checked_at"],
        release=row["release"],
        compared_figures=row["compared_buckets"],
        differing_figures=row["differing_buckets"],
        drifted_at=row["drifted_at"],
        rebuilt_at=row["rebuilt_at"],
    )

"""A workflow's totals: what is added up, and what a sync noted because somebody else was at them."""

TOTAL_COLUMNS = (
    *("total_runs", "top_level_runs", "running_runs", "completed_runs", "failed_runs", "cancelled_runs"),
    *("terminated_runs", "timed_out_runs", "continued_as_new_runs", "unknown_runs", "retried_runs", "error_runs"),
    *("detailed_runs", "duration_count", "duration_sum_ms"),
)
NOTED_TOTALS = ", ".join(
    f"CASE WHEN is_top_level THEN total_runs ELSE 0 END AS {name}" if name == "top_level_runs" else name
    for name in TOTAL_COLUMNS
)
"""The same columns of a row of `run_changes`."""
TOTALS = f"""
    SELECT {", ".join(TOTAL_COLUMNS)} FROM workflow_statistics
    WHERE project_id = {{project}} AND workflow_id = {{workflow}}
    UNION ALL
    SELECT {NOTED_TOTALS} FROM run_changes
    WHERE project_id = {{project}} AND series = {{workflow}} AND NOT is_totalled
"""  # noqa: S608 - own words only
"""Rows that add up to the totals; `project` and `workflow` are SQL."""
PROJECT_TOTALS = f"""
    SELECT {", ".join(TOTAL_COLUMNS)} FROM project_statistics WHERE project_id = $1
    UNION ALL
    SELECT {NOTED_TOTALS} FROM run_changes WHERE project_id = $1 AND series = $1 AND NOT is_totalled
"""  # noqa: S608 - own words only
"""Rows that add up to the totals of the project $1."""
